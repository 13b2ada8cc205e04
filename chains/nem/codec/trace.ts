/** Trace: how a planned payment can be recognised on the chain, by whomever and in whatever wrapping it was sent. */
import type { NemWallet } from '@kuramori/core';
import { encode } from './encode.ts';
import { explain } from './explain.ts';
import { innerHash, transactionHash } from './hash.ts';
import type { NemNetwork } from './network.ts';
import { unixMsOf } from './time.ts';
import type { Transaction } from './transaction.ts';

export interface Trace {
  /** Any of these on the chain is this payment. */
  readonly ids: readonly string[];
  /** Unix seconds: from then on no honest harvester takes it. */
  readonly validUntil: number;
}

/** The trace of a plan of the wallet; undefined where the bytes are none, so that nobody calls dead what nobody watched. */
export function traceOf(
  wallet: Pick<NemWallet, 'publicKey'>,
  planHex: string,
  network: NemNetwork,
): Trace | undefined {
  const read = explain(Uint8Array.fromHex(planHex), network);
  if (read.kind === 'refused') return undefined;
  const { transaction } = read;
  const acting = transaction.kind === 'multisig' ? transaction.inner : transaction;
  if (acting.kind !== 'transfer' || acting.signer !== wallet.publicKey) return undefined;
  const deadline = Math.max(transaction.deadline, acting.deadline);
  return { ids: idsOf(transaction), validUntil: Math.floor(unixMsOf(deadline) / 1000) };
}

/**
 * Under which hashes a transaction counts: its own, and that of what it carries. Cosignatures bind the inner one only,
 * so with one stolen key the same inner one confirms in another wrapper (reference: observed on NIS1).
 */
export function idsOf(transaction: Transaction): readonly string[] {
  const before = known.get(transaction);
  if (before) return before;
  const ids = hashesOf(transaction);
  known.set(transaction, ids);
  return ids;
}

/** Of transactions that are still in somebody's hands: each is asked about at every look. */
const known = new WeakMap<Transaction, readonly string[]>();

function hashesOf(transaction: Transaction): readonly string[] {
  const own = transactionHash(encode(transaction));
  return transaction.kind === 'multisig' ? [own, innerHash(transaction)] : [own];
}
