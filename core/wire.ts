/** What signers and watchtowers say to their callers over their sockets: one schema a message. */
import { z } from 'zod';
import { Cosignature } from './checkpoint.ts';
import { ChainFact, mostDead, Nonce, SignedFact } from './fact.ts';
import { SignedFreeze } from './freeze.ts';
import { Ask, Countersignature, PaymentAsk, SignedEntry, SignedHead } from './journal.ts';
import { Hash, Hex, PublicKeyHex } from './key.ts';
import { SignedObjection } from './policy.ts';
import { SignedTotals } from './totals.ts';
import { PlaceOf, SignedVoucher } from './voucher.ts';

export const Refusal = z.strictObject({ kind: z.literal('refused'), why: z.string(), detail: z.string() });
export type Refusal = z.infer<typeof Refusal>;

const Done = z.strictObject({ kind: z.literal('done') });

/** A route: where to post what, and what comes back. A refusal is an answer, not an error. */
function route<Asked extends z.ZodType, Answered extends z.ZodType>(
  path: string,
  asked: Asked,
  answered: Answered,
) {
  return { path, asked, answered: z.union([answered, Refusal]) } as const;
}

const Nothing = z.strictObject({});

export const SignerStatus = z.strictObject({
  kind: z.literal('status'),
  signer: z.string(),
  recordKey: PublicKeyHex,
  chainKey: z.string(),
  policy: Hash,
  /** New at each start, so that no old head statement opens a restarted signer. */
  session: z.string(),
  seq: z.int().nonnegative(),
  head: Hash,
  /** Whether it has adopted the longest journal that the watchtowers hold; until then it signs nothing. */
  open: z.boolean(),
  /** The newest checkpoint of its journal that a watchtower has cosigned, signed by its record key: a note, as it stands on its disk. */
  checkpoint: z.string().max(32_768).nullable(),
  /** Entries that its own checkpoint speaks for and its journal has lost: until they are back it is not open. */
  missing: z.int().nonnegative(),
  frozen: SignedFreeze.nullable(),
  /** Asks refused since the start. */
  refused: z.int().nonnegative(),
});
export type SignerStatus = z.infer<typeof SignerStatus>;

export const signerRoutes = {
  status: route('/v1/status', Nothing, SignerStatus),
  nonce: route('/v1/nonce', Nothing, z.strictObject({ kind: z.literal('nonce'), nonce: Nonce })),
  propose: route('/v1/propose', Ask, z.strictObject({ kind: z.literal('recorded'), record: SignedEntry })),
  release: route(
    '/v1/release',
    z.strictObject({ entry: Hash, countersignatures: z.array(Countersignature).max(32) }),
    z.strictObject({ kind: z.literal('signed'), signer: z.string(), share: Hex, signature: Hex }),
  ),
  adopt: route(
    '/v1/adopt',
    z.strictObject({ head: SignedHead, entries: z.array(SignedEntry).max(1000) }),
    Done,
  ),
  /** A watchtower cosigns the journal up to an entry. */
  witness: route('/v1/witness', Cosignature, Done),
  freeze: route('/v1/freeze', SignedFreeze, Done),
  /** A keeper objects to a version that waits. */
  object: route('/v1/object', SignedObjection, Done),
  journal: route(
    '/v1/journal',
    z.strictObject({ from: z.int().positive() }),
    z.strictObject({ kind: z.literal('entries'), entries: z.array(SignedEntry) }),
  ),
} as const;

export const WatchtowerStatus = z.strictObject({
  kind: z.literal('status'),
  watchtower: PublicKeyHex,
  policy: Hash,
  /** Its clock, in milliseconds of Unix time. */
  at: z.int().nonnegative(),
  frozen: SignedFreeze.nullable(),
  /** Null while it can testify; else why it cannot. */
  blind: z.string().nullable(),
  nodes: z.array(
    z.strictObject({ url: z.string(), height: z.int().nonnegative(), error: z.string().nullable() }),
  ),
  signers: z.array(z.strictObject({ signer: z.string(), seq: z.int().nonnegative(), head: Hash })),
  /** Rounds of looking at every node, and when the newest finished round began (this machine's clock, ms). */
  rounds: z.int().nonnegative(),
  roundBegan: z.number(),
  /** Sending home what is left; null for a watchtower that never does. */
  evacuation: z
    .strictObject({
      underWay: z.boolean(),
      /** How often it was tried since the start, and how often in a row in vain. */
      attempts: z.int().nonnegative(),
      failures: z.int().nonnegative(),
    })
    .nullable(),
  /** What the ledger states of itself, held against the chain. */
  books: z.strictObject({
    /** The newest statement that counts. */
    heard: z
      .strictObject({
        at: z.int().nonnegative(),
        sequence: z.int().nonnegative(),
        height: z.int().nonnegative(),
      })
      .nullable(),
    /** The newest block at which it was seen here what each wallet holds. */
    sampled: z.strictObject({ height: z.int().positive(), hash: Hash }).nullable(),
    /** The newest block at which a statement was compared with the balances seen here. */
    compared: z.int().nonnegative().nullable(),
    /** What is wrong with the books now, each in one line; empty in a house in order. */
    findings: z.array(z.string()),
  }),
});
export type WatchtowerStatus = z.infer<typeof WatchtowerStatus>;

/** What became of a plan, as a watchtower sees it on nodes that agree: in whatever wrapping its payment is there. */
export const Fate = z.strictObject({
  kind: z.literal('fate'),
  fate: z.enum(['unseen', 'pending', 'confirmed', 'dead']),
  /** The block's height where it is confirmed. */
  height: z.int().nonnegative().nullable(),
});
export type Fate = z.infer<typeof Fate>;

export const watchtowerRoutes = {
  status: route('/v1/status', Nothing, WatchtowerStatus),
  fact: route(
    '/v1/fact',
    z.strictObject({
      wallet: z.string(),
      nonces: ChainFact.shape.nonces,
      /** Whole plans of the wallet: the fact names those that are dead. The watchtower reads the bytes by itself. */
      plans: z.array(PaymentAsk.shape.plan).max(mostDead).default([]),
    }),
    z.strictObject({ kind: z.literal('fact'), fact: SignedFact }),
  ),
  countersign: route(
    '/v1/countersign',
    SignedEntry,
    z.strictObject({ kind: z.literal('countersigned'), countersignature: Countersignature }),
  ),
  fate: route(
    '/v1/fate',
    // The whole plan: under which names it can be on the chain, and until when, the watchtower reads by itself.
    z.strictObject({ wallet: z.string(), plan: PaymentAsk.shape.plan }),
    Fate,
  ),
  /** Pushed by custody. Refused is what is not signed by the books' key, or older than what is known. */
  totals: route('/v1/totals', SignedTotals, Done),
  vouch: route('/v1/vouch', PlaceOf, z.strictObject({ kind: z.literal('vouched'), voucher: SignedVoucher })),
} as const;
