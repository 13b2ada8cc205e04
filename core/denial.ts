/**
 * Denial: what may not be, however much a rule allows it, unless people approve it or it has waited. A rule allows, a denial
 * takes away, and one is enough. All conditions in `when` must hold for a denial to hold; one that cannot be told holds.
 * Here are its words; condition.ts says when one holds, judge-denials.ts what follows.
 */
import { z } from 'zod';
import { AssetName, Units } from './amount.ts';
import type { Approval } from './approval.ts';
import { Reason, type Intent } from './intent.ts';
import type { Outflows, PastPayment } from './outflow.ts';
import { Person, type Passkeys } from './passkey.ts';
import type { Seat } from './succession.ts';
import { Name, text } from './text.ts';

/** Addresses of one kind, as keepers name it: an allowlist, an exchange's own, a sanctioned service's. */
export const AddressList = z.strictObject({
  id: Name,
  addresses: z.array(text(1, 128)).max(10_000),
});
export type AddressList = z.infer<typeof AddressList>;

/** People who approve, under a name. */
export const Group = z.strictObject({ id: Name, people: z.array(Person).min(1).max(32) });
export type Group = z.infer<typeof Group>;

/** What `per` of an asset's smallest units count for in yen, as the keepers set it; nobody else's price counts here. */
export const Value = z.strictObject({
  asset: AssetName,
  yen: Units.refine((yen) => yen > 0n, 'must be more than 0'),
  per: Units.refine((units) => units > 0n, 'must be more than 0'),
});
export type Value = z.infer<typeof Value>;

/** What a payment does on its chain. A call names the function's selector. */
export const Operation = z
  .string()
  .regex(
    /^(?:transfer|token-transfer|modification|call:0x[0-9a-f]{8})$/,
    'must be transfer, token-transfer, modification or call:0x and 8 hex digits',
  );

const hours = z.int().min(1).max(8_784);
const clock = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time of day, as 22:00');
const Day = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

export const When = z
  .strictObject({
    wallets: z.array(Name).min(1).max(64).optional(),
    assets: z.array(AssetName).min(1).max(64).optional(),
    operations: z.array(Operation).min(1).max(64).optional(),
    reasons: z.array(Reason).min(1).optional(),
    destination: z
      .strictObject({
        /** In one of these lists; in none of those. */
        in: z.array(Name).min(1).max(64).optional(),
        notIn: z.array(Name).min(1).max(64).optional(),
        /** Never paid before, or for the first time less than so many hours ago. */
        newerThanHours: hours.optional(),
        /** Another address that looks like one of ours, of a list, or one that was paid: see lookalike.ts. */
        lookalike: z.literal(true).optional(),
      })
      .optional(),
    /** Of one payment, its fee cap not counted. */
    amount: z.strictObject({ above: Units.optional(), aboveYen: Units.optional() }).optional(),
    /** Of what the wallet holds by the chain facts, in hundredths of a percent, with what the same transaction pays besides. */
    share: z.strictObject({ aboveBps: z.int().min(0).max(9_999) }).optional(),
    /** What left within so many hours together with this payment, fee caps included, or how many did. */
    rolling: z
      .strictObject({
        /** From this wallet; to this destination; of this asset from any wallet; of everything. */
        per: z.enum(['wallet', 'destination', 'asset', 'all']),
        hours,
        above: Units.optional(),
        aboveYen: Units.optional(),
        aboveCount: z.int().min(0).optional(),
      })
      .optional(),
    /** How many different assets were paid within so many hours, with this one. */
    distinctAssets: z.strictObject({ hours, above: z.int().min(1) }).optional(),
    /** From this time of day until before that one, past midnight where it is the earlier one. */
    time: z
      .strictObject({
        zone: z.string().regex(/^[+-](?:0[0-9]|1[0-4]):[0-5][0-9]$/, 'must be an offset from UTC, as +09:00'),
        from: clock,
        to: clock,
        /** The days on which it begins. Absent: all. */
        days: z.array(Day).min(1).optional(),
      })
      .optional(),
  })
  .refine((when) => Object.keys(when).length > 0, 'has no condition: it would deny everything');
export type When = z.infer<typeof When>;

/** What lifts a denial. All of it must be there. */
export const Unless = z
  .strictObject({
    /** So many people of each of these groups. Nobody is in two of them, and no key of the exchange is in any. */
    approvals: z
      .array(z.strictObject({ group: Name, quorum: z.int().positive() }))
      .min(1)
      .max(8)
      .optional(),
    /**
     * Since the exchange signed its request, by the time that it wrote there: custody takes no old one, but whoever has
     * the exchange's key and custody can date it back. At most 22 hours, since a request is payable for 24.
     */
    waitedSeconds: z.int().positive().max(79_200).optional(),
  })
  .refine((unless) => Object.keys(unless).length > 0, 'asks for nothing: leave it out');

export const Denial = z.strictObject({ id: Name, when: When, unless: Unless.optional() });
export type Denial = z.infer<typeof Denial>;

/** What the words of denials stand for. */
export interface Vocabulary {
  readonly lists: readonly AddressList[];
  readonly groups: readonly Group[];
  readonly passkeys?: Passkeys | undefined;
  readonly values: readonly Value[];
  readonly denials: readonly Denial[];
  readonly wallets: readonly (Seat & { readonly address: string })[];
}

/** One payment before its judge. */
export interface Scene {
  readonly intent: Intent;
  readonly approvals: readonly Approval[];
  /** When the exchange signed its request, in Unix seconds; null where nobody asked. */
  readonly requested: number | null;
  readonly outflows: Outflows;
  /** What the same transaction pays beside it. */
  readonly together: readonly PastPayment[];
  /** Milliseconds of Unix time. */
  readonly at: number;
  readonly balance: bigint;
}
