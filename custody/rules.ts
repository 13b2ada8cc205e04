/** Rules: what custody refuses by itself before money is touched. Signers and watchtowers have their own, in the policy. */
import { AssetName, Units } from '@kuramori/core';
import { z } from 'zod';

const Address = z.string().min(1).max(128);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').unicode;
  } catch {
    return false;
  }
}

/** An address of which we know who holds it, and what its owner needs. */
const KnownDestination = z.strictObject({
  address: Address,
  /** Who it is, as the refusal names them. */
  name: z.string().min(1).max(64),
  /** An exchange tells its customers apart by the memo: without one the coins are nobody's there. */
  memo: z.enum(['required', 'forbidden']),
  /** What its memos look like, whole. */
  pattern: z.string().max(200).refine(isPattern, 'must be a regular expression').optional(),
});

export const Tier = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and -');
/** The tier of a customer of whom nothing else was said. */
export const usualTier = 'standard';

export const Rules = z.strictObject({
  /** The least that a withdrawal may be: what costs more than it is worth is refused. */
  minimum: z.array(z.strictObject({ asset: AssetName, units: Units })).default([]),
  destinations: z.array(KnownDestination).default([]),
  /** Destinations that are never paid, and those at which a person looks first. */
  screening: z
    .strictObject({ refuse: z.array(Address).default([]), hold: z.array(Address).default([]) })
    .prefault({}),
  /** What each customer of a tier may withdraw in 24 hours, unless a signed request said otherwise since. */
  tiers: z.array(z.strictObject({ tier: Tier, asset: AssetName, perDay: Units })).default([]),
  /** How long a loosening waits: an address added, the allowlist turned off, a limit raised. */
  coolingHours: z.number().nonnegative().max(720).default(24),
  pace: z
    .strictObject({
      /** How many payments of a wallet may be under way at a time. Null: as many as one block takes. */
      inFlight: z.int().positive().nullable().default(null),
      /** Seconds a block, for the estimated times. Null: as long as the chain takes. */
      blockSeconds: z.number().positive().nullable().default(null),
    })
    .prefault({}),
});
export type Rules = z.infer<typeof Rules>;
