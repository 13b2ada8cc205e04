/**
 * A client of one node of an EVM chain. It believes nothing that it can compute: a block is what its hash is of, its transactions
 * and events what its roots are of, coins and a Safe's storage what the state's root is of, and the chain the one whose id and
 * first block it must have. What is left is the node's word: traces, which balances are held against; what tokens answer; and
 * which blocks the chain holds for final.
 */
import { z } from 'zod';
import type { EthereumWallet } from '@kuramori/core';
import { bareOf, type Address } from '../codec/index.ts';
import { rpcTo, type Endpoint } from '../../rpc.ts';
import type { Read, WatchedBlock, WatchedNode } from '../../watched.ts';
import { accountAt, type Account } from './account.ts';
import { announceTo, type Announced } from './announce.ts';
import { readBlock, type ReadBlock } from './block.ts';
import { failureOf } from './coins.ts';
import { feesNow, type FeeBounds, type Fees } from './fees.ts';
import { wrongChain, type Served } from './genesis.ts';
import { headerFlaw, readHeader } from './header.ts';
import type { Ours } from './ours.ts';
import { lookInto } from './pool.ts';
import { Block, Data, Frame, Hash, Quantity, Receipts, Small, Traces, type Header } from './reply.ts';
import { nonceAt, safeAt, type SafeAt } from './safe-at.ts';
import { see, type Beside, type SeenTransaction } from './seen.ts';
import { balancesAt, duesOf, goneFrom, type Tally } from './tally.ts';

export interface SeenBlock extends WatchedBlock<SeenTransaction> {
  /** Each address and asset that something moved at, and every Safe's coins. */
  readonly tallies: readonly Tally[];
}

/** `latest`: the head. `safe`: what most validators have attested. `finalized`: what only a third of the stake, burnt, could take back. */
export type Named = 'latest' | 'safe' | 'finalized';

export interface At {
  readonly height: number;
  readonly hash: string;
}

export interface ChainAccount extends At, Pick<Account, 'nonce' | 'coins'> {}

/** What a call would do, by the node's own try of it. */
export type Tried =
  | { readonly kind: 'gas'; readonly gas: bigint }
  /** It would fail, in the contract's words: `GS026` by the Safe, or those of what it calls. What was signed is as good as before. */
  | { readonly kind: 'reverts'; readonly why: string };

export type Found =
  /** The node has never heard of it, or has forgotten it: that proves nothing. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'waits' }
  | (At & {
      readonly kind: 'mined';
      readonly ok: boolean;
      readonly failure: string | null;
      /** Wei: what its sender paid for gas. */
      readonly cost: bigint;
    });

export interface EthereumNode extends WatchedNode<SeenTransaction> {
  readonly blocksAfter: (height: number) => Promise<Read<readonly SeenBlock[]>>;
  /** Milliseconds of Unix time: of the newest block, as its maker had it. */
  readonly time: () => Promise<Read<number>>;
  /** Not held against what should be served: `wrongChain` says what is wrong with it. */
  readonly served: () => Promise<Read<Served>>;
  readonly at: (named: Named) => Promise<Read<At>>;
  readonly safe: (wallet: EthereumWallet, named: Named) => Promise<Read<SafeAt>>;
  /** Proven, as all that `safe` says. */
  readonly account: (address: Address, named: Named) => Promise<Read<ChainAccount>>;
  readonly fees: (bounds: FeeBounds) => Promise<Read<Fees>>;
  /** Calldata is hex. */
  readonly tries: (from: Address, to: Address, calldata: string) => Promise<Read<Tried>>;
  readonly announce: (raw: string) => Promise<Read<Announced>>;
  readonly find: (hash: string) => Promise<Read<Found>>;
}

/** Blocks of a day of traffic are far smaller; a block's gas bounds them. */
const blockBounds = { timeoutMs: 60_000, maxBytes: 64 * 1024 * 1024 };
const traceBounds = { timeoutMs: 120_000, maxBytes: 256 * 1024 * 1024 };
const blocksAtOnce = 4;
/** JSON-RPC 2.0: there is no such method. */
const noSuchMethod = -32_601;
/** Of a Safe's numbers that may be meant where no event tells: those signed ahead, and those that somebody replays. */
const ahead = 16;

/** `first`: the hash of a devnet's first block, where somebody knows it. */
export function ethereumNode(endpoint: Endpoint, ours: Ours, first?: string): EthereumNode {
  const rpc = rpcTo(endpoint, '2.0');
  const { url } = rpc;
  const failed = (why: string): Read<never> => ({ kind: 'failed', detail: `${url}: ${why}` });
  let proven = false;
  let traces = true;
  /** The newest ones that were read, by their hash: a block's parent is mostly there. */
  const headers = new Map<string, Header>();

  const keep = (header: Header): void => {
    headers.set(header.hash, header);
    const [oldest] = headers.keys();
    if (headers.size > 64 && oldest !== undefined) headers.delete(oldest);
  };

  async function header(method: string, which: string): Promise<Read<Header>> {
    const read = await rpc.one(method, [which, false], z.unknown());
    if (read.kind === 'failed') return read;
    if (read.value === null) return failed(`${method}: there is no block ${which}`);
    const found = readHeader(read.value);
    if (typeof found === 'string') return failed(`block ${which}: ${found}`);
    keep(found);
    return { kind: 'read', value: found };
  }

  async function headerOf(hash: string): Promise<Read<Header>> {
    const known = headers.get(hash);
    if (known) return { kind: 'read', value: known };
    const read = await header('eth_getBlockByHash', `0x${hash}`);
    return read.kind === 'read' && read.value.hash !== hash ? failed(`block ${hash}: is another`) : read;
  }

  async function served(): Promise<Read<Served>> {
    const id = await rpc.one('eth_chainId', [], Quantity);
    if (id.kind === 'failed') return id;
    const genesis = await header('eth_getBlockByNumber', '0x0');
    if (genesis.kind === 'failed') return genesis;
    return { kind: 'read', value: { chainId: id.value, genesis: genesis.value.hash } };
  }

  /** Before anything is believed, and until it once was so: another chain is named instead. */
  async function onChain<T>(ask: () => Promise<Read<T>>): Promise<Read<T>> {
    if (!proven) {
      const says = await served();
      if (says.kind === 'failed') return says;
      const why = wrongChain(says.value, ours.network, first);
      if (why !== undefined) return failed(why);
      proven = true;
    }
    return ask();
  }

  /** At most so many after a height, each whole and following the one before. */
  async function blocksAfter(height: number): Promise<Read<readonly SeenBlock[]>> {
    const blocks: SeenBlock[] = [];
    for (let at = height + 1; at <= height + blocksAtOnce; at += 1) {
      const read = await wholeBlock('eth_getBlockByNumber', `0x${at.toString(16)}`, at);
      if (read.kind === 'failed') return read;
      if (read.value === null) break;
      const before = blocks.at(-1);
      if (before && before.hash !== read.value.header.parentHash)
        return failed(`block ${at} does not follow the one before: the chain was rewritten meanwhile`);
      const seen = await seenIn(read.value);
      if (seen.kind === 'failed') return seen;
      blocks.push(seen.value);
    }
    return { kind: 'read', value: blocks };
  }

  /** Null: there is none so high. `height`: null where it is asked for by hash. */
  async function wholeBlock(
    method: string,
    which: string,
    height: number | null,
  ): Promise<Read<ReadBlock | null>> {
    const read = await rpc.one(method, [which, true], Block.nullable(), blockBounds);
    if (read.kind === 'failed') return read;
    if (read.value === null) return { kind: 'read', value: null };
    const { hash, number } = read.value;
    const flaw = headerFlaw(read.value, hash);
    if (flaw !== undefined) return failed(`block ${number} (${hash}): ${flaw}`);
    const receipts = await rpc.one('eth_getBlockReceipts', [`0x${hash}`], Receipts, blockBounds);
    if (receipts.kind === 'failed') return receipts;
    const block = readBlock(read.value, receipts.value, height ?? number);
    if (typeof block === 'string') return failed(`block ${number} (${hash}): ${block}`);
    keep(block.header);
    return { kind: 'read', value: block };
  }

  async function seenIn(block: ReadBlock): Promise<Read<SeenBlock>> {
    const { header: head, mined } = block;
    const frames = await framesOf(block);
    if (frames.kind === 'failed') return frames;
    // One that succeeded says its number itself; of one that failed it must be known.
    const failing = mined
      .filter(({ ok }) => !ok)
      .flatMap(({ transaction: { to } }) => ours.placeOf(to ?? '') ?? [])
      .filter(({ salt }) => salt === null);
    const nonces = await noncesAfter(head, new Set(failing.map(({ wallet }) => wallet)));
    if (nonces.kind === 'failed') return nonces;
    const transactions = mined.flatMap(
      (one, at) =>
        see(one.transaction, one, ours, { frame: frames.value?.[at], nonces: nonces.value }) ?? [],
    );
    const tallies = await talliesOf(block, transactions, frames.value !== null);
    if (tallies.kind === 'failed') return tallies;
    return {
      kind: 'read',
      value: {
        height: head.number,
        hash: head.hash,
        previous: head.parentHash,
        time: head.timestamp,
        transactions,
        tallies: tallies.value,
        unread: goneFrom({ tallies: tallies.value }, ours),
      },
    };
  }

  /** Null: this node has none. */
  async function framesOf({ header: head, mined }: ReadBlock): Promise<Read<readonly Frame[] | null>> {
    if (!traces) return { kind: 'read', value: null };
    if (mined.length === 0) return { kind: 'read', value: [] };
    const params = [`0x${head.hash}`, { tracer: 'callTracer' }];
    const read = await rpc.ask(
      [{ method: 'debug_traceBlockByHash', params, result: Traces }],
      traceBounds,
    );
    if (read.kind === 'failed') return read;
    const [answer] = read.value;
    if (answer.kind === 'refused') {
      if (answer.code !== noSuchMethod)
        return failed(`debug_traceBlockByHash: ${answer.code} ${answer.message}`);
      traces = false;
      return { kind: 'read', value: null };
    }
    if (answer.value.length !== mined.length)
      return failed(`block ${head.number}: ${mined.length} transactions and ${answer.value.length} traces`);
    const misplaced = answer.value.findIndex(
      ({ txHash }, at) => txHash !== undefined && txHash !== mined[at]?.transaction.hash,
    );
    if (misplaced !== -1) return failed(`block ${head.number}: trace ${misplaced} is another transaction’s`);
    return { kind: 'read', value: answer.value.map(({ result }) => result) };
  }

  async function noncesAfter(head: Header, wallets: ReadonlySet<string>): Promise<Read<Beside['nonces']>> {
    const found = new Map<string, readonly bigint[]>();
    for (const id of wallets) {
      const read = await accountAt(rpc, ours.wallet(id).address as Address, [nonceAt], head);
      if (read.kind === 'failed') return read;
      found.set(id, likely(read.value.words[0] ?? 0n));
    }
    return { kind: 'read', value: (wallet) => found.get(wallet) ?? [] };
  }

  async function talliesOf(
    block: ReadBlock,
    seen: readonly SeenTransaction[],
    traced: boolean,
  ): Promise<Read<readonly Tally[]>> {
    const dues = duesOf(
      seen.flatMap(({ moves }) => moves),
      block,
      ours,
      traced,
    );
    // Nothing of ours is as old as the first block, and a devnet's commits to no state (anvil).
    if (dues.length === 0 || block.header.number <= 1) return { kind: 'read', value: [] };
    const parent = await headerOf(block.header.parentHash);
    if (parent.kind === 'failed') return parent;
    const read = await balancesAt(rpc, dues, [parent.value, block.header]);
    if (read.kind === 'failed') return read;
    const [before, after] = read.value;
    return {
      kind: 'read',
      value: dues.map((due, at) => ({ ...due, before: before?.[at] ?? null, after: after?.[at] ?? null })),
    };
  }

  async function find(hash: string): Promise<Read<Found>> {
    const Where = z.looseObject({ blockHash: Hash.nullish() }).nullable();
    const read = await rpc.one('eth_getTransactionByHash', [`0x${hash}`], Where);
    if (read.kind === 'failed') return read;
    if (read.value === null) return { kind: 'read', value: { kind: 'absent' } };
    const { blockHash } = read.value;
    if (blockHash === null || blockHash === undefined) return { kind: 'read', value: { kind: 'waits' } };
    const block = await wholeBlock('eth_getBlockByHash', `0x${blockHash}`, null);
    if (block.kind === 'failed') return block;
    const at = block.value?.mined.findIndex(({ transaction }) => transaction.hash === hash) ?? -1;
    const one = block.value?.mined[at];
    if (!block.value || block.value.header.hash !== blockHash || !one)
      return failed(`${hash} is not in the block that the node says, ${blockHash}`);
    const { header: head } = block.value;
    return {
      kind: 'read',
      value: {
        kind: 'mined',
        height: head.number,
        hash: head.hash,
        ok: one.ok,
        failure: one.ok ? null : await failureAt(hash),
        cost: one.gasUsed * one.gasPrice,
      },
    };
  }

  async function failureAt(hash: string): Promise<string | null> {
    const params = [`0x${hash}`, { tracer: 'callTracer' }];
    const read = await rpc.one('debug_traceTransaction', params, Frame, traceBounds);
    return read.kind === 'read' ? failureOf(read.value) : null;
  }

  async function tries(from: Address, to: Address, calldata: string): Promise<Read<Tried>> {
    const call = { from: `0x${bareOf(from)}`, to: `0x${bareOf(to)}`, data: `0x${calldata}` };
    const read = await rpc.ask([{ method: 'eth_estimateGas', params: [call], result: Quantity }]);
    if (read.kind === 'failed') return read;
    const [answer] = read.value;
    if (answer.kind === 'read') return { kind: 'read', value: { kind: 'gas', gas: answer.value } };
    const { code, message, data } = answer;
    // go-ethereum answers 3 with the contract's own bytes; others their own code, with the word.
    if (code !== 3 && !/revert/i.test(message)) return failed(`eth_estimateGas: ${code} ${message}`);
    const output = Data.safeParse(data);
    const why = failureOf({ type: 'CALL', from: '', error: message, output: output.data });
    return { kind: 'read', value: { kind: 'reverts', why: why ?? message } };
  }

  async function head(named: Named): Promise<Read<Header>> {
    return header('eth_getBlockByNumber', named);
  }

  async function afterHead<T>(
    named: Named,
    ask: (head: Header) => Promise<Read<T>>,
  ): Promise<Read<T>> {
    return onChain(async () => {
      const read = await head(named);
      return read.kind === 'failed' ? read : ask(read.value);
    });
  }

  const read = async <T>(value: T): Promise<Read<T>> => ({ kind: 'read', value });

  return {
    url,
    blocksAtOnce,
    served,
    height: () => onChain(() => rpc.one('eth_blockNumber', [], Small)),
    time: () => afterHead('latest', ({ timestamp }) => read(timestamp * 1000)),
    at: (named) => afterHead(named, ({ number, hash }) => read({ height: number, hash })),
    blocksAfter: (height) => onChain(() => blocksAfter(height)),
    async waiting(addresses) {
      const asked = new Set(addresses);
      const looked = await onChain(async () =>
        read(
          await lookInto(rpc, ours, async (wallets) => {
            const newest = await head('latest');
            return newest.kind === 'failed' ? newest : noncesAfter(newest.value, new Set(wallets));
          }),
        ),
      );
      if (looked.kind === 'failed') return { seen: [], unread: [], failed: looked.detail };
      const ids = new Set(ours.wallets.filter(({ address }) => asked.has(address)).map(({ id }) => id));
      const { seen, ...rest } = looked.value;
      return { ...rest, seen: seen.filter(({ wallets }) => wallets.some((id) => ids.has(id))) };
    },
    safe: (wallet, named) => afterHead(named, (newest) => safeAt(rpc, wallet, newest)),
    account: (address, named) =>
      afterHead(named, async (newest) => {
        const found = await accountAt(rpc, address, [], newest);
        if (found.kind === 'failed') return found;
        const { nonce, coins } = found.value;
        return read({ height: newest.number, hash: newest.hash, nonce, coins });
      }),
    fees: (bounds) => onChain(() => feesNow(rpc, bounds)),
    tries: (from, to, calldata) => onChain(() => tries(from, to, calldata)),
    announce: (raw) => onChain(() => announceTo(rpc, raw)),
    find: (hash) => onChain(() => find(hash)),
  };
}

/** A Safe's next number first, those after it, then those before. */
function likely(next: bigint): readonly bigint[] {
  const after = Array.from({ length: ahead }, (_, at) => next + BigInt(at));
  const before = Array.from({ length: ahead }, (_, at) => next - BigInt(at + 1));
  return [...after, ...before.filter((nonce) => nonce >= 0n)];
}
