/** Combine: the signed transaction of a plan, out of the signatures of as many keys as the wallet asks for. */
import type { BitcoinWallet } from '@kuramori/core';
import { sighashAll } from './digest.ts';
import { readPlan } from './draft.ts';
import { toDer } from './ecdsa.ts';
import { placeAt } from './place.ts';
import { shareOf } from './share.ts';
import { split, verifyShare } from './sign.ts';
import { idOf, writeTransaction } from './transaction.ts';
import { descriptorOf } from './wallet.ts';

export type Combined =
  | {
      readonly kind: 'transaction';
      /** Hex, as a node takes it. */
      readonly transaction: string;
      readonly id: string;
    }
  | { readonly kind: 'refused'; readonly key: string | null; readonly why: string };

/**
 * The whole transaction. `signatures`: chain key → its signature of its share; each that is given must verify, and there must be
 * at least as many as the threshold. Of more, the first in the descriptor's order count.
 */
export function combine(
  wallet: Pick<BitcoinWallet, 'descriptor'>,
  plan: string,
  signatures: ReadonlyMap<string, string>,
): Combined {
  const descriptor = descriptorOf(wallet);
  const read = readPlan(descriptor, plan);
  if (read.kind === 'refused') return { kind: 'refused', key: null, why: `plan: ${read.why}` };
  const { draft, psbt } = read;
  const known = descriptor.keys.map(({ extended }) => extended);
  const stranger = [...signatures.keys()].find((key) => !known.includes(key));
  if (stranger !== undefined) return { kind: 'refused', key: stranger, why: 'is no key of the wallet' };
  const signed = new Map<number, readonly Uint8Array[]>();
  for (const [at, key] of known.entries()) {
    const signature = signatures.get(key);
    if (signature === undefined) continue;
    if (!verifyShare(key, plan, shareOf(psbt.transaction, key), signature))
      return { kind: 'refused', key, why: 'signed other bytes' };
    if (signed.size < descriptor.threshold) signed.set(at, split(signature) ?? []);
  }
  const missing = known.find((key) => !signatures.has(key));
  if (signed.size < descriptor.threshold)
    return { kind: 'refused', key: missing ?? null, why: 'has not signed' };
  const inputs = psbt.transaction.inputs.map((input, at) => {
    const coin = draft.inputs[at];
    if (!coin) throw new Error('combine: an input without its coin');
    const { keys, witnessScript } = placeAt(descriptor, coin.branch, coin.index);
    // In the order of the script's keys, as CHECKMULTISIG walks along both. The empty element before them is its own (BIP 147).
    const inOrder = keys.flatMap(({ of }) => {
      const signature = signed.get(of)?.[at];
      return signature ? [toDer(signature, sighashAll)] : [];
    });
    return { ...input, witness: [new Uint8Array(0), ...inOrder, witnessScript] };
  });
  const transaction = { ...psbt.transaction, inputs };
  return { kind: 'transaction', transaction: writeTransaction(transaction).toHex(), id: idOf(transaction) };
}
