/** Announce: a transaction goes to a node, and what the node says to it. */
import type { Read } from '../../watched.ts';
import * as reply from './reply.ts';
import type { Rpc } from '../../rpc.ts';
import { skimOne } from './wire.ts';

export type Announced =
  | { readonly kind: 'accepted' }
  /** It waits there already, or is in a block whose outputs are not all spent. */
  | { readonly kind: 'known' }
  /** Something else spends the same, and this does not take its place: not signalled, or not paid enough (BIP 125). */
  | { readonly kind: 'conflict'; readonly message: string }
  /** What it spends is not there: not yet, or spent by what is in a block. */
  | { readonly kind: 'missing-inputs'; readonly message: string }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string };

// Core: src/rpc/protocol.h.
const verifyError = -25;
const verifyRejected = -26;
const alreadyInChain = -27;

/** Core: validation.cpp, each refusal of what stands against something in the pool. */
const conflicts = [
  'txn-mempool-conflict',
  'insufficient fee',
  'too many potential replacements',
  'replacement-adds-unconfirmed',
  'bad-txns-spends-conflicting-tx',
] as const;

/**
 * Sends it. That a node has taken it proves nothing: whether it is there is seen by looking. `anyFee`: also for a fee that a node takes
 * for a mistake, as a bid against a thief's may be.
 */
export async function announceTo(rpc: Rpc, hex: string, anyFee = false): Promise<Read<Announced>> {
  const id = skimOne(hex)?.id;
  if (id === undefined) throw new RangeError('announceTo: the bytes are no transaction');
  const read = await rpc.ask([
    { method: 'getmempoolentry', params: [id], result: reply.MempoolEntry },
    { method: 'sendrawtransaction', params: anyFee ? [hex, 0] : [hex], result: reply.Hash },
  ]);
  if (read.kind === 'failed') return read;
  const [entry, sent] = read.value;
  if (sent.kind === 'refused') return { kind: 'read', value: refusal(sent) };
  if (sent.value !== id)
    return { kind: 'failed', detail: `${rpc.url} sendrawtransaction: took ${id} for ${sent.value}` };
  return { kind: 'read', value: { kind: entry.kind === 'read' ? 'known' : 'accepted' } };
}

function refusal({ code, message }: { readonly code: number; readonly message: string }): Announced {
  if (code === alreadyInChain || message.includes('txn-already-known')) return { kind: 'known' };
  if (message.includes('missingorspent') || message.toLowerCase() === 'missing inputs')
    return { kind: 'missing-inputs', message };
  if ((code === verifyRejected || code === verifyError) && conflicts.some((word) => message.includes(word)))
    return { kind: 'conflict', message };
  return { kind: 'refused', code, message };
}
