import type { Reading, SignedPart } from '../../watched.ts';
import type { Ours } from './ours.ts';
import type { SeenTransaction, Taken } from './seen.ts';

/** How transactions of Bitcoin's family are read: a part for each key, whichever inputs it signed. */
export function bitcoinReading(ours: Ours): Reading<SeenTransaction> {
  return {
    hash: ({ id }) => id,
    // What a witness holds is in no id (BIP 141): there is but one.
    ids: ({ id }) => [id],
    account: ({ takes }) => {
      const [most] = takes.toSorted((one, other) => (unitsOf(one) > unitsOf(other) ? -1 : 1));
      return most ? ours.wallet(most.wallet).address : '';
    },
    signer: ({ takes }) => takes.flatMap(({ signed }) => signed)[0]?.signer ?? '',
    parts: (seen) => seen.takes.flatMap((taken) => partsOf(seen, taken)),
    named: ({ takes, wallets }) =>
      takes.length === 0
        ? `a payment to ${wallets.join(' and ')}`
        : `a spend of ${takes.map(({ wallet }) => wallet).join(' and ')}`,
    identity: ({ identity }) => identity,
  };
}

function unitsOf({ spent }: Taken): bigint {
  return spent.reduce((sum, { units }) => sum + units, 0n);
}

/**
 * A key's part, as its record would have it. An input of ours that nobody can be shown to have signed is a part of nobody's: no
 * record covers it, so it frightens, and it is no evidence.
 */
function partsOf({ hex }: SeenTransaction, { signed, unsigned }: Taken): readonly SignedPart[] {
  const parts = signed.map(({ bytes, signer, signature }): SignedPart => ({ bytes, signer, signature }));
  return unsigned.length === 0 ? parts : [...parts, { bytes: hex, signer: '', signature: '' }];
}
