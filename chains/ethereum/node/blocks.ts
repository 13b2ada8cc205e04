/** Blocks: whole blocks from one node, each held against its hash, and what they do with our wallets. */
import { z } from 'zod';
import type { Address } from '../codec/index.ts';
import type { Rpc } from '../../rpc.ts';
import type { Read, Unread, WatchedBlock } from '../../watched.ts';
import { accountAt } from './account.ts';
import { readBlock, type Mined, type ReadBlock } from './block.ts';
import { headerFlaw, readHeader } from './header.ts';
import type { Ours } from './ours.ts';
import { Block, Receipts, Traces, type Frame, type Header } from './reply.ts';
import { nonceAt } from './safe-at.ts';
import { see, type Beside, type SeenTransaction } from './seen.ts';
import { balancesAt, duesOf, goneFrom, type Tally } from './tally.ts';

export interface SeenBlock extends WatchedBlock<SeenTransaction> {
  /** Each address and asset that something moved at, and every Safe's coins. */
  readonly tallies: readonly Tally[];
}

export interface Blocks {
  /** The header behind a name or a height. */
  readonly header: (which: string) => Promise<Read<Header>>;
  /** The header of a block, by its hash. */
  readonly headerOf: (hash: string) => Promise<Read<Header>>;
  /** At most so many after a height, each whole and following the one before. */
  readonly after: (height: number) => Promise<Read<readonly SeenBlock[]>>;
  /** The whole block of a hash; null where the node has none. */
  readonly whole: (hash: string) => Promise<Read<ReadBlock | null>>;
  /** Of these wallets' Safes, the numbers that an execution may have after a block. */
  readonly noncesAfter: (header: Header, wallets: ReadonlySet<string>) => Promise<Read<Beside['nonces']>>;
}

/** A block's gas bounds it: it is far smaller. */
const blockBounds = { timeoutMs: 60_000, maxBytes: 64 * 1024 * 1024 };
const traceBounds = { timeoutMs: 120_000, maxBytes: 256 * 1024 * 1024 };
export const blocksAtOnce = 4;
/** JSON-RPC 2.0: there is no such method. */
const noSuchMethod = -32_601;
/** Of a Safe's numbers that may be meant where no event tells: those signed ahead, and those that somebody replays. */
const ahead = 4;
/**
 * Of calls that a Safe refused, so many a block are looked at: a stranger pays gas for each, and we some milliseconds, since a
 * key is recovered for each number that may be meant.
 */
const mostRefused = 64;

export function openBlocks(rpc: Rpc, ours: Ours): Blocks {
  const { url } = rpc;
  const failed = (why: string): Read<never> => ({ kind: 'failed', detail: `${url}: ${why}` });
  let traces = true;
  /** The newest ones that were read, by their hash: a block's parent is mostly there. */
  const headers = new Map<string, Header>();

  const keep = (header: Header): void => {
    headers.set(header.hash, header);
    const [oldest] = headers.keys();
    if (headers.size > 64 && oldest !== undefined) headers.delete(oldest);
  };

  async function headerBy(method: string, which: string): Promise<Read<Header>> {
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
    const read = await headerBy('eth_getBlockByHash', `0x${hash}`);
    return read.kind === 'read' && read.value.hash !== hash ? failed(`block ${hash}: is another`) : read;
  }

  /** At most so many after a height, each whole and following the one before. */
  async function after(height: number): Promise<Read<readonly SeenBlock[]>> {
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
    const { header, mined } = block;
    const frames = await framesOf(block);
    if (frames.kind === 'failed') return frames;
    // One that succeeded says its number itself; of one that failed it must be known.
    const refused = mined.filter(
      ({ ok, transaction: { to } }) => !ok && ours.placeOf(to ?? '')?.salt === null,
    );
    const called = refused.flatMap(({ transaction: { to } }) => ours.placeOf(to ?? '')?.wallet ?? []);
    const nonces = await noncesAfter(header, new Set(called));
    if (nonces.kind === 'failed') return nonces;
    const beyond = new Set(refused.slice(mostRefused));
    const transactions = mined.flatMap((one, at) => {
      const frame = frames.value?.[at];
      return see(one.transaction, one, ours, { frame, nonces: beyond.has(one) ? none : nonces.value }) ?? [];
    });
    const tallies = await talliesOf(block, transactions, frames.value !== null);
    if (tallies.kind === 'failed') return tallies;
    return {
      kind: 'read',
      value: {
        height: header.number,
        hash: header.hash,
        previous: header.parentHash,
        time: header.timestamp,
        transactions,
        tallies: tallies.value,
        unread: [...goneFrom({ tallies: tallies.value }, ours), ...[...beyond].map(passedOver)],
      },
    };
  }

  /** Null: this node has none. */
  async function framesOf({ header, mined }: ReadBlock): Promise<Read<readonly Frame[] | null>> {
    if (!traces) return { kind: 'read', value: null };
    if (mined.length === 0) return { kind: 'read', value: [] };
    const params = [`0x${header.hash}`, { tracer: 'callTracer' }];
    const read = await rpc.ask([{ method: 'debug_traceBlockByHash', params, result: Traces }], traceBounds);
    if (read.kind === 'failed') return read;
    const [answer] = read.value;
    if (answer.kind === 'refused') {
      if (answer.code !== noSuchMethod)
        return failed(`debug_traceBlockByHash: ${answer.code} ${answer.message}`);
      traces = false;
      return { kind: 'read', value: null };
    }
    if (answer.value.length !== mined.length)
      return failed(`block ${header.number}: ${mined.length} transactions and ${answer.value.length} traces`);
    const misplaced = answer.value.findIndex(
      ({ txHash }, at) => txHash !== undefined && txHash !== mined[at]?.transaction.hash,
    );
    if (misplaced !== -1)
      return failed(`block ${header.number}: trace ${misplaced} is another transaction’s`);
    return { kind: 'read', value: answer.value.map(({ result }) => result) };
  }

  async function noncesAfter(header: Header, wallets: ReadonlySet<string>): Promise<Read<Beside['nonces']>> {
    const found = new Map<string, readonly bigint[]>();
    for (const id of wallets) {
      const read = await accountAt(rpc, ours.wallet(id).address as Address, [nonceAt], header);
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
    const [earlier, later] = read.value;
    return {
      kind: 'read',
      value: dues.map((due, at) => ({ ...due, before: earlier?.[at] ?? null, after: later?.[at] ?? null })),
    };
  }

  return {
    header: (which) => headerBy('eth_getBlockByNumber', which),
    headerOf,
    after,
    whole: (hash) => wholeBlock('eth_getBlockByHash', `0x${hash}`, null),
    noncesAfter,
  };
}

const none = (): readonly bigint[] => [];

/** Told, and no alarm: a call that failed has moved nothing. */
function passedOver({ transaction: { hash } }: Mined): Unread {
  return {
    hash,
    signer: null,
    why: 'calls a Safe of ours, which refused it, as one of too many in its block',
  };
}

/** A Safe's next number first, those after it, then those before. */
function likely(next: bigint): readonly bigint[] {
  const after = Array.from({ length: ahead }, (_, at) => next + BigInt(at));
  const before = Array.from({ length: ahead }, (_, at) => next - BigInt(at + 1));
  return [...after, ...before.filter((nonce) => nonce >= 0n)];
}
