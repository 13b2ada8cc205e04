/** Journal: a signer's hash-chained entries. A signing record is the entry that says: I am about to sign exactly these bytes. */
import { z } from 'zod';
import { coinOn, type Asset } from './amount.ts';
import { Approval, mostApprovals } from './approval.ts';
import { digest } from './canonical.ts';
import { SignedCeremony } from './ceremony.ts';
import { SignedFact } from './fact.ts';
import { Evidence, SignedFreeze } from './freeze.ts';
import { Authority, Intent } from './intent.ts';
import {
  Hash,
  Hex,
  PublicKeyHex,
  SignatureHex,
  signText,
  verifyStatement,
  verifyText,
  type SigningKey,
} from './key.ts';
import { SignedObjection, writersOf, type Policy } from './policy.ts';
import { SignedRotation } from './rotation.ts';
import { text } from './text.ts';
import { SignedMoment, SignedThaw } from './thaw.ts';

/** 24 KiB: a Bitcoin plan of some fifty inputs, and its record still fits a leaf of the log. */
const bytes = Hex.min(2).max(49_152);

/** What is asked of a signer: the intents with their authority, the whole unsigned transaction, and the bytes to sign. */
export const PaymentAsk = z.strictObject({
  kind: z.literal('payment'),
  wallet: text(1, 64),
  intents: z
    .array(
      z.strictObject({
        intent: Intent,
        authority: Authority,
        approvals: z.array(Approval).max(mostApprovals),
      }),
    )
    .min(1)
    .max(64),
  /** The whole unsigned transaction. */
  plan: bytes,
  /** The bytes that this signer shall sign: the plan itself, or its cosignature. */
  share: bytes,
  facts: z.array(SignedFact).min(1).max(32),
});
export type PaymentAsk = z.infer<typeof PaymentAsk>;

export const EvacuationAsk = z.strictObject({
  kind: z.literal('evacuation'),
  wallet: text(1, 64),
  intent: Intent,
  /** Which evacuation of this wallet it is, from 1. */
  number: z.int().positive(),
  plan: bytes,
  share: bytes,
  facts: z.array(SignedFact).min(1).max(32),
  evidence: Evidence,
  /** What the other keys signed of the same theft, where as much is paid as it takes to outbid a thief. */
  beside: z.array(Evidence).min(1).max(15).optional(),
});
export type EvacuationAsk = z.infer<typeof EvacuationAsk>;

export const RotationAsk = z.strictObject({
  kind: z.literal('rotation'),
  wallet: text(1, 64),
  rotation: SignedRotation,
  plan: bytes,
  share: bytes,
  facts: z.array(SignedFact).min(1).max(32),
});
export type RotationAsk = z.infer<typeof RotationAsk>;

export const Ask = z.discriminatedUnion('kind', [PaymentAsk, EvacuationAsk, RotationAsk]);
export type Ask = z.infer<typeof Ask>;

/** All evidence that an ask shows; none where it is no evacuation. */
export function evidenceIn(ask: Ask): readonly Evidence[] {
  return ask.kind === 'evacuation' ? [ask.evidence, ...(ask.beside ?? [])] : [];
}

export const Entry = z.strictObject({
  v: z.literal(1),
  signer: text(1, 64),
  /** 1, 2, 3 … without gaps. */
  seq: z.int().positive(),
  /** The digest of the entry before; 64 zeros before the first. */
  prev: Hash,
  /** Milliseconds of Unix time, by the watchtowers' median. */
  at: z.int().nonnegative(),
  policy: Hash,
  /** The rules by which it was allowed, and the denials that were lifted; a freeze has none. */
  grounds: z.array(text(1, 160)).max(512),
  body: z.discriminatedUnion('kind', [
    PaymentAsk,
    EvacuationAsk,
    RotationAsk,
    z.strictObject({ kind: z.literal('freeze'), freeze: SignedFreeze }),
    /** A later version is taken up: the entry's own `policy`. Its wait begins at the facts' time. */
    z.strictObject({
      kind: z.literal('policy'),
      prev: Hash,
      facts: z.array(SignedFact).min(1).max(32),
    }),
    z.strictObject({ kind: z.literal('objection'), objection: SignedObjection }),
    /** A thaw is taken up, at the moments' time. It lifts nothing before it is due. */
    z.strictObject({
      kind: z.literal('thaw'),
      thaw: SignedThaw,
      due: z.int().nonnegative(),
      moments: z.array(SignedMoment).min(1).max(32),
    }),
    /** By the moments' time it is due. */
    z.strictObject({
      kind: z.literal('thawed'),
      thaw: Hash,
      moments: z.array(SignedMoment).min(1).max(32),
    }),
    /** A vault: who is there, by what program, as the step's transcript has it, right after the record that they are to sign. */
    z.strictObject({ kind: z.literal('ceremony'), ceremony: SignedCeremony }),
  ]),
});
export type Entry = z.infer<typeof Entry>;

export const SignedEntry = z.strictObject({ entry: Entry, signature: SignatureHex });
export type SignedEntry = z.infer<typeof SignedEntry>;

/** Whether an entry records an ask, and nothing else that a journal keeps. */
export function isAsk(body: Entry['body']): body is Ask {
  return body.kind === 'payment' || body.kind === 'evacuation' || body.kind === 'rotation';
}

/**
 * Of which asset facts must tell the balance: what the ask moves, or for a rotation the coin of its wallet's chain. Undefined
 * where the policy has no such wallet.
 */
export function statedAsset({ wallets }: Pick<Policy, 'wallets'>, ask: Ask): Asset | undefined {
  if (ask.kind === 'rotation') {
    const wallet = wallets.find(({ id }) => id === ask.wallet);
    return wallet && coinOn(wallet.chain);
  }
  const [first] = ask.kind === 'payment' ? ask.intents : [ask];
  if (!first) throw new Error('statedAsset: a payment of nothing');
  return first.intent.asset;
}

/** What an entry's signature would move. */
export function assetsOf(body: Entry['body']): readonly Asset[] {
  if (body.kind === 'payment') return body.intents.map(({ intent }) => intent.asset);
  return body.kind === 'evacuation' ? [body.intent.asset] : [];
}

/** Entries are never changed once they are made or read, and each is asked for its hash again and again. */
const hashes = new WeakMap<Entry, string>();

export function entryHash(entry: Entry): string {
  const known = hashes.get(entry);
  if (known !== undefined) return known;
  const hash = digest('journal-entry', entry);
  hashes.set(entry, hash);
  return hash;
}

export function signEntry(key: SigningKey, entry: Entry): SignedEntry {
  return { entry, signature: signText(key, 'journal-entry', entryHash(entry)) };
}

/** Whether the record key has signed the entry. */
export function isSignedBy(recordKey: string, { entry, signature }: SignedEntry): boolean {
  return verifyText(recordKey, 'journal-entry', entryHash(entry), signature);
}

/** Whether the entry is signed by the record key that the policy pins for its signer, or its vault. */
export function verifyEntry(policy: Policy, signed: SignedEntry): boolean {
  const signer = writersOf(policy).find(({ id }) => id === signed.entry.signer);
  return signer !== undefined && isSignedBy(signer.recordKey, signed);
}

/** A watchtower's word that it holds the entry, checked everything in it, and has not frozen. */
export const Countersignature = z.strictObject({ watchtower: PublicKeyHex, signature: SignatureHex });
export type Countersignature = z.infer<typeof Countersignature>;

/**
 * How many pinned watchtowers' countersignatures over this entry verify. `covering`: their word among themselves that they
 * countersigned it once, which lets nothing go.
 */
export function countersigned(
  policy: Policy,
  entry: string,
  countersignatures: readonly Countersignature[],
  kind: 'countersignature' | 'covering' = 'countersignature',
): number {
  const valid = countersignatures.filter(
    ({ watchtower, signature }) =>
      policy.watchtowers.keys.includes(watchtower) && verifyStatement(watchtower, kind, { entry }, signature),
  );
  return new Set(valid.map(({ watchtower }) => watchtower)).size;
}

/** A watchtower's statement of the newest entry that it holds of a signer, bound to the signer's session. */
export const Head = z.strictObject({
  signer: text(1, 64),
  session: z.string().regex(/^[0-9a-f]{32}$/),
  seq: z.int().nonnegative(),
  hash: Hash,
});
export type Head = z.infer<typeof Head>;

export const SignedHead = z.strictObject({ head: Head, watchtower: PublicKeyHex, signature: SignatureHex });
export type SignedHead = z.infer<typeof SignedHead>;

/** What one watchtower tells another that starts: the newest entry that it holds of each signer. */
export const Heads = z.strictObject({
  /** The asker's own; new at each asking, so that no old answer stands in for it. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  heads: z.array(z.strictObject({ signer: text(1, 64), seq: z.int().nonnegative(), hash: Hash })).max(1024),
});
export type Heads = z.infer<typeof Heads>;

export const SignedHeads = z.strictObject({
  heads: Heads,
  watchtower: PublicKeyHex,
  signature: SignatureHex,
});
export type SignedHeads = z.infer<typeof SignedHeads>;

/** An entry with k countersignatures: what `sign` asks for. Made by `clear` alone. */
export interface Cleared {
  readonly cleared: unique symbol;
  readonly body: Ask;
}

const made = new WeakSet<Cleared>();

/** Guards `sign` at run time as the type does at compile time. */
export function isCleared(cleared: Cleared): boolean {
  return made.has(cleared);
}

/** Lets go of one recorded entry: an ask, of a signer's own journal, that a quorum of watchtowers countersigned. */
export function clear(
  policy: Policy,
  entry: Entry,
  countersignatures: readonly Countersignature[],
):
  | { readonly kind: 'cleared'; readonly cleared: Cleared }
  | { readonly kind: 'refused'; readonly why: 'not-an-ask' | 'below-quorum' } {
  if (!isAsk(entry.body)) return { kind: 'refused', why: 'not-an-ask' };
  if (countersigned(policy, entryHash(entry), countersignatures) < policy.watchtowers.quorum) {
    return { kind: 'refused', why: 'below-quorum' };
  }
  const cleared = { body: entry.body } as unknown as Cleared;
  made.add(cleared);
  return { kind: 'cleared', cleared };
}
