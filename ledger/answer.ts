/** What an operation comes to: done, done before, or refused with nothing changed. */
export const refusals = [
  /** The id was used for something else. */
  'other-body',
  /** More than the customer has available, than is unclaimed, or than is due. */
  'overdraft',
  /** Claims would rise above what is held (invariant 6). */
  'claims-above-holdings',
  /** One posting would credit so much more than is usual that one alone may not post it. */
  'needs-two-people',
  'already-claimed',
  'unknown-hold',
  'hold-posted',
  'hold-voided',
  'hold-expired',
  /** More than the hold has left. */
  'over-hold',
  'over-fee-cap',
] as const;
export type Refusal = (typeof refusals)[number];

export type Posted =
  | {
      readonly kind: 'posted';
      readonly id: string;
      /** Of a reversal: what the owner had no longer, and owes now. */
      readonly short: bigint;
    }
  /** The same id with the same body: the first answer stands, nothing was written. */
  | { readonly kind: 'repeated'; readonly id: string };

export type Answer = Posted | { readonly kind: 'refused'; readonly why: Refusal; readonly detail: string };
