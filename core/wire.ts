/** What signers and watchtowers say to their callers over their sockets: one schema a message. */
import { z } from 'zod';
import { AssetName } from './amount.ts';
import { ChainName } from './chain.ts';
import { Cosignature } from './checkpoint.ts';
import { Code, SignedCode } from './code.ts';
import { ChainFact, mostDead, Nonce, Purpose, SignedFact } from './fact.ts';
import { SignedFreeze, SignedUncovered } from './freeze.ts';
import {
  Countersignature,
  Entry,
  EvacuationAsk,
  PaymentAsk,
  RotationAsk,
  SignedEntry,
  SignedHead,
  SignedHeads,
} from './journal.ts';
import { Hash, Hex, PublicKeyHex } from './key.ts';
import { Order } from './order.ts';
import { SignedObjection } from './policy.ts';
import { SignedMoment, SignedThaw } from './thaw.ts';
import { SignedTotals } from './totals.ts';
import { PlaceOf, SignedVoucher } from './voucher.ts';

export const Refusal = z.strictObject({ kind: z.literal('refused'), why: z.string(), detail: z.string() });
export type Refusal = z.infer<typeof Refusal>;

export const Done = z.strictObject({ kind: z.literal('done') });

/** A route: where to post what, and what comes back. A refusal is an answer, not an error. */
export function route<Asked extends z.ZodType, Answered extends z.ZodType>(
  path: string,
  asked: Asked,
  answered: Answered,
) {
  return { path, asked, answered: z.union([answered, Refusal]) } as const;
}

const Nothing = z.strictObject({});

/** What a signer, or a watchtower, says of its freezes. */
const Frozen = {
  /** The first of those that stand; null while none does. */
  frozen: SignedFreeze.nullable(),
  freezes: z.array(SignedFreeze),
  /** Thaws that wait, and when each lifts (milliseconds of Unix time). */
  thaws: z.array(z.strictObject({ thaw: SignedThaw, due: z.int().nonnegative() })),
};

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
  ...Frozen,
  /** Asks refused since the start. */
  refused: z.int().nonnegative(),
  /** Key files that somebody else has read since the start: their names, and when it was noticed; and those that nobody can watch. */
  reads: z.array(z.strictObject({ file: z.string().max(255), at: z.int().nonnegative() })).max(16),
  unwatched: z.array(z.string().max(255)).max(16),
  /** Null until it is measured. */
  code: Code.nullable(),
});
export type SignerStatus = z.infer<typeof SignerStatus>;

/** What proves the amounts of a plan's inputs, where its chain has inputs: the whole transactions that they spend. No record keeps it. */
const previous = z.array(Hex.min(2).max(2_000_000)).max(256).optional();
export const Proposal = z.discriminatedUnion('kind', [
  PaymentAsk.extend({ previous }),
  EvacuationAsk.extend({ previous }),
  RotationAsk.extend({ previous }),
]);
export type Proposal = z.infer<typeof Proposal>;

export const signerRoutes = {
  status: route('/v1/status', Nothing, SignerStatus),
  nonce: route('/v1/nonce', Nothing, z.strictObject({ kind: z.literal('nonce'), nonce: Nonce })),
  propose: route(
    '/v1/propose',
    Proposal,
    z.strictObject({ kind: z.literal('recorded'), record: SignedEntry }),
  ),
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
  /** What the keepers decided, brought by a watchtower with its clock: taken up once a quorum of them has, and again when it is due. */
  thaw: route('/v1/thaw', z.strictObject({ thaw: SignedThaw, moment: SignedMoment }), Done),
  /** A keeper objects to a version that waits. */
  object: route('/v1/object', SignedObjection, Done),
  /** Of a watchtower that sees bytes which it holds no record of: the record, and the countersignatures that let it go. */
  covering: route(
    '/v1/covering',
    z.strictObject({ key: z.string(), bytes: Hash }),
    z.strictObject({
      kind: z.literal('covering'),
      record: SignedEntry,
      countersignatures: z.array(Countersignature).max(32),
    }),
  ),
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
  ...Frozen,
  /** Whether it holds as much as the other watchtowers; until then it countersigns nothing. */
  open: z.boolean(),
  /** Each chain that it watches, and how well it sees it: of one alone it may be blind. */
  chains: z
    .array(
      z.strictObject({
        chain: ChainName,
        /** Null while it can testify; else why it cannot. */
        blind: z.string().nullable(),
        nodes: z.array(
          z.strictObject({ url: z.string(), height: z.int().nonnegative(), error: z.string().nullable() }),
        ),
        /** Rounds of looking at every node, and when the newest finished round began (this machine's clock, ms). */
        rounds: z.int().nonnegative(),
        roundBegan: z.number(),
      }),
    )
    .min(1),
  signers: z.array(z.strictObject({ signer: z.string(), seq: z.int().nonnegative(), head: Hash })),
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
    heard: z.strictObject({ at: z.int().nonnegative(), sequence: z.int().nonnegative() }).nullable(),
    chains: z.array(
      z.strictObject({
        chain: ChainName,
        /** The block of that statement. */
        heard: z.int().positive().nullable(),
        /** The newest block at which it was seen here what each wallet holds. */
        sampled: z.strictObject({ height: z.int().positive(), hash: Hash }).nullable(),
        /** The newest block at which a statement was compared with the balances seen here. */
        compared: z.int().nonnegative().nullable(),
      }),
    ),
    /** What is wrong with the books now, each in one line; empty in a house in order. */
    findings: z.array(z.string()),
  }),
  /** Signs of trouble that hold now, each in one line; empty on a quiet day. */
  signs: z.array(z.string()),
  /** Null until it is measured. */
  code: Code.nullable(),
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

/** A vault's record, and the words with which it signed. */
export const Told = z.strictObject({
  record: SignedEntry,
  countersignatures: z.array(Countersignature).max(32),
});
export type Told = z.infer<typeof Told>;

export const watchtowerRoutes = {
  status: route('/v1/status', Nothing, WatchtowerStatus),
  fact: route(
    '/v1/fact',
    z.strictObject({
      wallet: z.string(),
      purpose: Purpose.default('payment'),
      /** Of which asset the balance is asked; absent: the coin of the wallet's chain. */
      asset: AssetName.optional(),
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
  /** Of a vault's journal, brought back by whoever carries its answers. */
  told: route(
    '/v1/told',
    Told,
    z.strictObject({ kind: z.literal('countersigned'), countersignature: Countersignature }),
  ),
  fate: route(
    '/v1/fate',
    // The whole plan: under which names it can be on the chain, and until when, the watchtower reads by itself.
    z.strictObject({ wallet: z.string(), plan: PaymentAsk.shape.plan }),
    Fate,
  ),
  /** By an operator, a signer or another watchtower; passed on to every signer. */
  freeze: route('/v1/freeze', SignedFreeze, Done),
  /** Waits here by this watchtower's own clock, and is passed on to every signer. */
  thaw: route('/v1/thaw', SignedThaw, Done),
  /** Pushed by custody. Refused is what is not signed by the books' key, or older than what is known. */
  totals: route('/v1/totals', SignedTotals, Done),
  /** Pushed by custody beside them. */
  code: route('/v1/code', SignedCode, Done),
  /** Of one watchtower by another, which starts: how far it holds each journal, and the entries themselves. */
  heads: route(
    '/v1/heads',
    z.strictObject({ nonce: Nonce }),
    z.strictObject({ kind: z.literal('heads'), heads: SignedHeads }),
  ),
  entries: route(
    '/v1/entries',
    z.strictObject({ signer: z.string(), from: z.int().positive() }),
    z.strictObject({ kind: z.literal('entries'), entries: z.array(SignedEntry) }),
  ),
  /**
   * Of one watchtower by another, which sees signed bytes that no record of its own covers: the record, and our word for it. What a
   * vault was ordered to record is told without its signature, which may be still with it.
   */
  covering: route(
    '/v1/covering',
    z.strictObject({ key: z.string(), bytes: Hash }),
    z.strictObject({
      kind: z.literal('covering'),
      record: z.union([SignedEntry, z.strictObject({ ordered: Entry })]),
      word: Countersignature,
    }),
  ),
  /** Our word, ahead, over what a vault is to record; and what that is, for whoever wants to know why two do not fit. */
  order: route(
    '/v1/order',
    Order,
    z.strictObject({ kind: z.literal('ordered'), entry: Entry, countersignature: Countersignature }),
  ),
  /** Of one watchtower by another, with bytes that a key of the wallet signed: our word that no record covers them. */
  uncovered: route(
    '/v1/uncovered',
    z.strictObject({
      wallet: z.string(),
      bytes: Hex.max(32_768),
      signer: z.string(),
      /** Of Bitcoin's family: each coin of a bid with the signature that takes it. */
      signature: Hex.max(32_768),
    }),
    z.strictObject({ kind: z.literal('uncovered'), statement: SignedUncovered }),
  ),
  vouch: route('/v1/vouch', PlaceOf, z.strictObject({ kind: z.literal('vouched'), voucher: SignedVoucher })),
} as const;
