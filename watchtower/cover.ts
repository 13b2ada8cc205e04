/** Whether what is seen on the chain is explained, to the byte: each signature on it has a record that we countersigned. */
import { encode, type Transaction } from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import type { Archive } from './archive.ts';

export interface SignedPart {
  /** Hex: the bytes that were signed. */
  readonly bytes: string;
  readonly signer: string;
  readonly signature: string;
}

/** The signatures on a seen transaction that no countersigned record covers. Empty: it is ours. */
export function uncovered(archive: Archive, seen: SeenTransaction): readonly SignedPart[] {
  const part = (transaction: Transaction, signature: string): SignedPart => ({
    bytes: encode(transaction).toHex(),
    signer: transaction.signer,
    signature,
  });
  return [
    part(seen.transaction, seen.signature),
    ...seen.cosignatures.map(({ transaction, signature }) => part(transaction, signature)),
  ].filter(({ signer, bytes }) => !archive.covers(signer, bytes));
}
