/**
 * A client of one node of Bitcoin's family. It believes nothing that it can compute: a block is what its hash is of, a transaction
 * what its id is of, and the chain the one that begins with the block that it must begin with.
 */
import { highestRate, leastRate, type BitcoinChain } from '../codec/index.ts';
import type { Read, Unread, WatchedBlock, WatchedNode } from '../../watched.ts';
import { announceTo, type Announced } from './announce.ts';
import { readBlock, timeOf, type RawBlock } from './block.ts';
import { wrongChain, type Served } from './genesis.ts';
import type { Ours } from './ours.ts';
import { openPool } from './pool.ts';
import * as reply from './reply.ts';
import { rpcTo, type Endpoint } from '../../rpc.ts';
import { handIn, see, type SeenTransaction } from './seen.ts';
import { unspentOf, type Unspent } from './unspent.ts';

export type SeenBlock = WatchedBlock<SeenTransaction>;

export interface RateBounds {
  /** Units per 1,000 virtual bytes. */
  readonly least: bigint;
  readonly most: bigint;
}

export interface BitcoinNode extends WatchedNode<SeenTransaction> {
  /** What a wallet of ours has now. It is asked of the whole chain state, and takes as long. */
  readonly unspent: (wallet: string) => Promise<Read<Unspent>>;
  /** Milliseconds of Unix time: of the newest block, as its miner had it. A node tells no other time. */
  readonly time: () => Promise<Read<number>>;
  /** Not held against what should be served: `wrongChain` says what is wrong with it. */
  readonly served: () => Promise<Read<Served>>;
  readonly announce: (hex: string, anyFee?: boolean) => Promise<Read<Announced>>;
  /**
   * What to pay to be in one of the next blocks, in units per 1,000 virtual bytes and within bounds, whatever the node says; null
   * where it has seen too little to say anything.
   */
  readonly feeRate: (blocks: number, bounds?: RateBounds) => Promise<Read<bigint | null>>;
}

/** A block has 4,000,000 bytes at most, and MWEB's beside it; twice that in hex. One is fetched at a time. */
const blockBounds = { timeoutMs: 60_000, maxBytes: 48 * 1024 * 1024 };
const blocksAtOnce = 4;
/** Core: RPC_INVALID_PARAMETER. There is no block so high. */
const outOfRange = -8;

export function bitcoinNode(endpoint: Endpoint, chain: BitcoinChain, ours: Ours): BitcoinNode {
  const rpc = rpcTo(endpoint, '1.0');
  const { url } = rpc;
  const pool = openPool(rpc, ours);
  let proven = false;

  async function served(): Promise<Read<Served>> {
    const read = await rpc.ask([
      { method: 'getblockhash', params: [0], result: reply.Hash },
      { method: 'getblockchaininfo', params: [], result: reply.BlockchainInfo },
    ]);
    if (read.kind === 'failed') return read;
    const [genesis, info] = read.value;
    if (genesis.kind === 'refused' || info.kind === 'refused') {
      const why = [genesis, info].flatMap((one) => (one.kind === 'refused' ? one.message : []));
      return failed(`does not say which chain it serves: ${why.join(', ')}`);
    }
    return { kind: 'read', value: { chain: info.value.chain, genesis: genesis.value } };
  }

  /** Before anything is believed, and until it once was so: another chain is named instead. */
  async function foreign(): Promise<string | undefined> {
    if (proven) return undefined;
    const says = await served();
    if (says.kind === 'failed') return says.detail;
    const why = wrongChain(says.value, chain, ours.network);
    proven = why === undefined;
    return why && `${url}: ${why}`;
  }

  /** What a question's answer is worth once the chain is the right one. */
  async function onChain<T>(ask: () => Promise<Read<T>>): Promise<Read<T>> {
    const why = await foreign();
    return why === undefined ? ask() : { kind: 'failed', detail: why };
  }

  const failed = (why: string): Read<never> => ({ kind: 'failed', detail: `${url}: ${why}` });

  /** The hashes from a height on, as far as the chain goes. */
  async function hashesFrom(from: number): Promise<Read<readonly string[]>> {
    const heights = Array.from({ length: blocksAtOnce }, (_, at) => from + at);
    const read = await rpc.ask(
      heights.map((height) => ({ method: 'getblockhash', params: [height], result: reply.Hash })),
    );
    if (read.kind === 'failed') return read;
    const hashes: string[] = [];
    for (const answer of read.value) {
      if (answer.kind === 'refused' && answer.code === outOfRange) break;
      if (answer.kind === 'refused') return failed(`getblockhash: ${answer.code} ${answer.message}`);
      hashes.push(answer.value);
    }
    return { kind: 'read', value: hashes };
  }

  async function blocksAfter(height: number): Promise<Read<readonly SeenBlock[]>> {
    const hashes = await hashesFrom(height + 1);
    if (hashes.kind === 'failed') return hashes;
    const blocks: SeenBlock[] = [];
    for (const [at, hash] of hashes.value.entries()) {
      const read = await rpc.one('getblock', [hash, 0], reply.Hex, blockBounds);
      if (read.kind === 'failed') return read;
      const block = readBlock(read.value, hash, height + 1 + at, chain);
      if (typeof block === 'string') return failed(`block ${height + 1 + at} (${hash}): ${block}`);
      const before = blocks.at(-1);
      if (before && before.hash !== block.previous)
        return failed(
          `block ${height + 1 + at} does not follow the one before: the chain was rewritten meanwhile`,
        );
      blocks.push(seenIn(block, height + 1 + at));
    }
    return { kind: 'read', value: blocks };
  }

  function seenIn({ hash, previous, time, transactions }: RawBlock, height: number): SeenBlock {
    const seen: SeenTransaction[] = [];
    const unread: Unread[] = [];
    for (const skimmed of transactions) {
      const found = see(skimmed, ours, false);
      if (typeof found === 'string') {
        unread.push({ hash: skimmed.id, signer: handIn(skimmed, ours), why: found });
      } else if (found) {
        seen.push(found);
        for (const coin of found.takes.flatMap(({ spent }) => spent)) ours.spent(coin, height);
      }
    }
    return { height, hash, previous, time, transactions: seen, unread };
  }

  return {
    url,
    blocksAtOnce,
    served,
    height: () => onChain(() => rpc.one('getblockcount', [], reply.Height)),
    time: () =>
      onChain(async (): Promise<Read<number>> => {
        const hash = await rpc.one('getbestblockhash', [], reply.Hash);
        if (hash.kind === 'failed') return hash;
        const header = await rpc.one('getblockheader', [hash.value, false], reply.HeaderHex);
        if (header.kind === 'failed') return header;
        const time = timeOf(header.value, hash.value);
        return time === undefined
          ? failed(`the header of ${hash.value} has another hash`)
          : { kind: 'read', value: time * 1000 };
      }),
    blocksAfter: (height) => onChain(() => blocksAfter(height)),
    async waiting(addresses) {
      const why = await foreign();
      if (why !== undefined) return { seen: [], unread: [], failed: why };
      const { seen, ...rest } = await pool.look();
      const asked = new Set(addresses);
      const ids = new Set(ours.wallets.filter(({ address }) => asked.has(address)).map(({ id }) => id));
      return { ...rest, seen: seen.filter(({ wallets }) => wallets.some((id) => ids.has(id))) };
    },
    announce: (hex, anyFee) => onChain(() => announceTo(rpc, hex, anyFee)),
    unspent: (wallet) => onChain(() => unspentOf(rpc, ours, wallet)),
    feeRate: (blocks, bounds = { least: leastRate, most: highestRate }) =>
      onChain(async (): Promise<Read<bigint | null>> => {
        const read = await rpc.one('estimatesmartfee', [blocks], reply.FeeEstimate);
        if (read.kind === 'failed') return read;
        const { feerate } = read.value;
        if (feerate === undefined) return { kind: 'read', value: null };
        const rate = BigInt(Math.round(feerate * 1e8));
        const { least, most } = bounds;
        return { kind: 'read', value: rate < least ? least : rate > most ? most : rate };
      }),
  };
}
