/**
 * Unspent: what a wallet has by one node's set of unspent outputs, for who keeps no record of blocks. Which outputs are unspent is the
 * node's word; what each holds, and whose it is, follows from the transaction that made it, whose id names it.
 */
import { z } from 'zod';
import { branchDescriptor, descriptorOf, outpointText } from '../codec/index.ts';
import type { Rpc } from '../../rpc.ts';
import type { Read } from '../../watched.ts';
import type { OurCoin, Ours } from './ours.ts';
import * as reply from './reply.ts';
import { skimOne } from './wire.ts';

export interface Unspent {
  /** Of the block at which it was so. */
  readonly height: number;
  readonly coins: readonly OurCoin[];
}

/** Addresses of a branch that are looked for. */
const range = 1_000;
/** A set of all unspent outputs is read from its beginning to its end. */
const patience = { timeoutMs: 600_000, maxBytes: 16 * 1024 * 1024 };

const Scanned = z.looseObject({
  success: z.literal(true),
  height: reply.Height,
  unspents: z
    .array(z.looseObject({ txid: reply.Hash, vout: z.int().nonnegative(), height: reply.Height }))
    .max(20_000),
});

/** `wallet`: its id among ours, whose coins it learns. */
export async function unspentOf(rpc: Rpc, ours: Ours, wallet: string): Promise<Read<Unspent>> {
  const descriptor = descriptorOf(ours.wallet(wallet));
  const asked = ([0, 1] as const).map((branch) => ({ desc: branchDescriptor(descriptor, branch), range }));
  const scanned = await rpc.one('scantxoutset', ['start', asked], Scanned, patience);
  if (scanned.kind === 'failed') return scanned;
  const { height, unspents } = scanned.value;
  const coins: OurCoin[] = [];
  for (const { txid, vout, height: at } of unspents) {
    const block = await rpc.one('getblockhash', [at], reply.Hash);
    if (block.kind === 'failed') return block;
    const read = await rpc.one('getrawtransaction', [txid, false, block.value], reply.Hex);
    if (read.kind === 'failed') return read;
    if (skimOne(read.value)?.id !== txid)
      return { kind: 'failed', detail: `${rpc.url} getrawtransaction: is not ${txid}` };
    ours.learn(read.value, false);
    const coin = ours.coin(outpointText({ txid, vout }));
    // Far beyond the addresses that anybody has used: it waits until those are.
    if (coin?.wallet === wallet) coins.push(coin);
  }
  return { kind: 'read', value: { height, coins } };
}
