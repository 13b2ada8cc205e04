import {
  encode,
  minimumFee,
  sortModifications,
  type Announcement,
  type Modification,
  type NemNetwork,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import type { Keys } from '../keystore.ts';

export interface Conversion {
  readonly network: NemNetwork;
  readonly cosigners: readonly string[];
  readonly threshold: number;
  readonly timeStamp: number;
  readonly deadline: number;
}

/** The signed aggregate modification that makes an account a multisig of the cosigners. */
export function conversion(
  keys: Keys,
  { network, cosigners, threshold, timeStamp, deadline }: Conversion,
): Announcement {
  const draft: Modification = {
    kind: 'modification',
    version: 2,
    network,
    timeStamp,
    deadline,
    signer: keys.chainKey as PublicKey,
    fee: 0n,
    modifications: sortModifications(
      cosigners.map((cosigner) => ({ type: 'add', cosigner: cosigner as PublicKey }) as const),
      network,
    ),
    minCosignatoriesChange: threshold,
  };
  const data = encode({ ...draft, fee: minimumFee(draft) }).toHex();
  return { data, signature: keys.chain.sign(data, data) };
}
