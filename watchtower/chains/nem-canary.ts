/**
 * Canary: an account of ours that nobody uses, whose key lies where only a thief looks: in a room's folder, in a backup.
 * It has a little in it, so that he who finds it takes it, and says by that where he has been.
 */

import { addressOf, type NemNetwork, type PublicKey, type Transaction } from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import type { Canary } from '../alarm.ts';

export type { Canary } from '../alarm.ts';

type NemSeen = Pick<SeenTransaction, 'transaction' | 'cosignatures'>;

export interface Canaries {
  readonly addresses: readonly string[];
  /** Those whose keys signed something of a transaction. What others send to them says nothing: anybody can. */
  readonly touchedBy: (seen: NemSeen) => readonly Canary[];
  /** Whether one of them is called so, by a node that gives bytes which nobody reads. */
  readonly keyed: (publicKey: string) => Canary | undefined;
}

export function openCanaries(canaries: readonly Canary[], network: NemNetwork): Canaries {
  const byKey = new Map(canaries.map((one) => [one.publicKey, one]));
  const signersOf = (transaction: Transaction): readonly string[] =>
    transaction.kind === 'multisig' ? [transaction.signer, transaction.inner.signer] : [transaction.signer];
  return {
    addresses: canaries.map(({ publicKey }) => addressOf(publicKey as PublicKey, network)),
    touchedBy({ transaction, cosignatures }) {
      const keys = [transaction, ...cosignatures.map((one) => one.transaction)].flatMap(signersOf);
      return [...new Set(keys)].flatMap((key) => byKey.get(key) ?? []);
    },
    keyed: (publicKey) => byKey.get(publicKey.toLowerCase()),
  };
}
