/** Asks: what one wants to know of a single transaction: what it would do, and what became of it. */
import { z } from 'zod';
import { bareOf, type Address } from '../codec/index.ts';
import type { Rpc } from '../../rpc.ts';
import type { Read } from '../../watched.ts';
import type { Blocks } from './blocks.ts';
import { failureOf } from './coins.ts';
import { Data, Frame, Hash, Quantity } from './reply.ts';

export interface At {
  readonly height: number;
  readonly hash: string;
}

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

const traceBounds = { timeoutMs: 30_000, maxBytes: 32 * 1024 * 1024 };

/** Proven by the whole block that it is in: that this block is of the chain is the node's word. */
export async function find(rpc: Rpc, blocks: Blocks, hash: string): Promise<Read<Found>> {
  const Where = z.looseObject({ blockHash: Hash.nullish() }).nullable();
  const read = await rpc.one('eth_getTransactionByHash', [`0x${hash}`], Where);
  if (read.kind === 'failed') return read;
  if (read.value === null) return { kind: 'read', value: { kind: 'absent' } };
  const { blockHash } = read.value;
  if (blockHash === null || blockHash === undefined) return { kind: 'read', value: { kind: 'waits' } };
  const block = await blocks.whole(blockHash);
  if (block.kind === 'failed') return block;
  const at = block.value?.mined.findIndex(({ transaction }) => transaction.hash === hash) ?? -1;
  const one = block.value?.mined[at];
  if (!block.value || block.value.header.hash !== blockHash || !one)
    return {
      kind: 'failed',
      detail: `${rpc.url}: ${hash} is not in the block that the node says, ${blockHash}`,
    };
  const { header: head } = block.value;
  return {
    kind: 'read',
    value: {
      kind: 'mined',
      height: head.number,
      hash: head.hash,
      ok: one.ok,
      failure: one.ok ? null : await failureAt(rpc, hash),
      cost: one.gasUsed * one.gasPrice,
    },
  };
}

async function failureAt(rpc: Rpc, hash: string): Promise<string | null> {
  const params = [`0x${hash}`, { tracer: 'callTracer' }];
  const read = await rpc.one('debug_traceTransaction', params, Frame, traceBounds);
  return read.kind === 'read' ? failureOf(read.value) : null;
}

/**
 * Calldata: hex. After the head, and not after what waits, as some nodes would have it: what a thief has waiting with the Safe's
 * number would make ours seem lost before either is in a block.
 */
export async function tries(rpc: Rpc, from: Address, to: Address, calldata: string): Promise<Read<Tried>> {
  const call = { from: `0x${bareOf(from)}`, to: `0x${bareOf(to)}`, data: `0x${calldata}` };
  const read = await rpc.ask([{ method: 'eth_estimateGas', params: [call, 'latest'], result: Quantity }]);
  if (read.kind === 'failed') return read;
  const [answer] = read.value;
  if (answer.kind === 'read') return { kind: 'read', value: { kind: 'gas', gas: answer.value } };
  const { code, message, data } = answer;
  // go-ethereum answers 3 with the contract's own bytes; others their own code, with the word.
  if (code !== 3 && !/revert/i.test(message))
    return { kind: 'failed', detail: `${rpc.url} eth_estimateGas: ${code} ${message}` };
  const output = Data.safeParse(data);
  const why = failureOf({ type: 'CALL', from: '', error: message, output: output.data });
  return { kind: 'read', value: { kind: 'reverts', why: why ?? message } };
}
