/** The states of a withdrawal, and who may follow whom. */
import { z } from 'zod';

export const State = z.enum([
  // The money is held; nobody was asked yet.
  'requested',
  // One transaction is planned and kept; no signature for it can exist.
  'planned',
  // Every signer's record of it is countersigned: from here a signature may exist, and only the chain's word brings the money back.
  'witnessed',
  // All signatures are kept; nothing was sent.
  'signed',
  // A node took all of it.
  'sent',
  // It was sent and nobody answered: the debit stays until the chain says which.
  'unknown',
  // In a block, by the watchtowers' word.
  'confirmed',
  // Deep enough, and booked.
  'settled',
  // Signers or watchtowers will never sign it; the money is the customer's again.
  'refused',
  // It can never confirm; the money is the customer's again.
  'expired',
  // Signers have recorded another transaction for it than we know of. The money stays held until people have looked.
  'disputed',
]);
export type State = z.infer<typeof State>;

/** What may follow what. A change that is not here is refused by `change`. */
export const next: { readonly [S in State]: readonly State[] } = {
  requested: ['planned', 'refused', 'expired', 'disputed'],
  planned: ['witnessed', 'confirmed', 'refused', 'expired', 'disputed'],
  witnessed: ['signed', 'confirmed', 'expired'],
  signed: ['sent', 'unknown', 'confirmed', 'expired'],
  sent: ['unknown', 'confirmed', 'expired'],
  unknown: ['sent', 'confirmed', 'expired'],
  // A rewritten chain may take a block back.
  confirmed: ['sent', 'settled', 'expired'],
  settled: [],
  refused: [],
  expired: [],
  disputed: [],
};
