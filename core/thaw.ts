/**
 * Thaw: many must agree to start again, and time must pass, in which anybody can freeze anew. Moments: what time it is at
 * least, by the watchtowers, for a signer that nobody asks anything while it is frozen.
 */
import { z } from 'zod';
import { digest } from './canonical.ts';
import { freezersOf } from './freeze.ts';
import { Hash, PublicKeyHex, SignatureHex, verifyStatement } from './key.ts';
import { agreed, keepersOf, type Policy, type Version } from './policy.ts';
import { text } from './text.ts';

/** What the keepers answer before a house starts again: a thaw without all of it lifts nothing. */
export const thawQuestions = [
  'key-replaced',
  'evidence-explained',
  'rooms-rebuilt',
  'people-told',
  'who-decided',
] as const;
export type ThawQuestion = (typeof thawQuestions)[number];

/** How many letters the cause has at least: "fixed" is none. */
const leastCause = 20;
/** So that the largest thaw fits into an entry of a journal, where a control sign would take six bytes. */
const words = (most: number) =>
  text(0, most).refine((said) => !/[^\P{Cc}\n]/u.test(said), 'must have no control signs but ends of lines');
const answer = words(1000);

export const Thaw = z.strictObject({
  /** The digests of the freezes that it lifts; one that came later stays. */
  lifts: z.array(Hash).min(1).max(256),
  /** Watchtowers, signers and operators who froze falsely: their freezes, and a watchtower's word, count no more. */
  suspends: z.array(PublicKeyHex).max(64),
  /** The version in force when it was decided: under a later one it lifts nothing. */
  policy: Hash,
  /** Milliseconds of Unix time. */
  notBefore: z.int().nonnegative(),
  /** What led to the freezes. Empty in a draft. */
  cause: words(2000),
  /** What was done about it. */
  answers: z.strictObject({
    'key-replaced': answer,
    'evidence-explained': answer,
    'rooms-rebuilt': answer,
    'people-told': answer,
    'who-decided': answer,
  } satisfies { readonly [Question in ThawQuestion]: typeof answer }),
});
export type Thaw = z.infer<typeof Thaw>;

export const SignedThaw = z.strictObject({
  thaw: Thaw,
  signatures: z.array(z.strictObject({ keeper: PublicKeyHex, signature: SignatureHex })).max(32),
});
export type SignedThaw = z.infer<typeof SignedThaw>;

export function thawDigest({ thaw }: SignedThaw): string {
  return digest('thaw', thaw);
}

/** A thaw that a journal, or a watchtower, has taken up. */
export interface Waiting {
  readonly thaw: SignedThaw;
  /** From when on it lifts, in milliseconds of Unix time. */
  readonly due: number;
}

/** The first question without an answer; null where all have one. Whether it is a good one, the keepers answer for. */
export function unanswered({
  cause,
  answers,
}: Pick<Thaw, 'cause' | 'answers'>): 'cause' | ThawQuestion | null {
  const says = (said: string) => /[\p{L}\p{N}]/u.test(said);
  if (!says(cause) || cause.trim().length < leastCause) return 'cause';
  return thawQuestions.find((question) => !says(answers[question])) ?? null;
}

export type WhyNoThaw =
  | 'thaw-policy'
  | 'thaw-below-quorum'
  | 'thaw-without-answers'
  | 'suspends-a-stranger'
  | 'suspends-too-many';

/** Why a thaw does not count under the version in force; null where it does. */
export function flawOfThaw(
  { policy, digest: version }: Version,
  suspended: ReadonlySet<string>,
  { thaw, signatures }: SignedThaw,
): { readonly why: WhyNoThaw; readonly detail: string } | null {
  const flaw = (why: WhyNoThaw, detail: string) => ({ why, detail });
  if (thaw.policy !== version)
    return flaw(
      'thaw-policy',
      `it was decided under another policy than version ${policy.version}, ${version}`,
    );
  const keepers = keepersOf(policy);
  const agreeing = agreed(keepers, 'thaw', thaw, signatures);
  if (agreeing < keepers.quorum)
    return flaw('thaw-below-quorum', `${agreeing} of the ${keepers.quorum} keepers that it takes signed it`);
  const open = unanswered(thaw);
  if (open !== null)
    return flaw(
      'thaw-without-answers',
      `${open} is not answered: a house starts again once its keepers say what was done`,
    );
  const stranger = thaw.suspends.find((key) => !freezersOf(policy).includes(key));
  if (stranger !== undefined)
    return flaw('suspends-a-stranger', `${stranger} is no watchtower, signer or operator of this policy`);
  const { keys, quorum } = policy.watchtowers;
  const left = keys.filter((key) => !suspended.has(key) && !thaw.suspends.includes(key)).length;
  if (left < quorum)
    return flaw(
      'suspends-too-many',
      `it leaves ${left} watchtowers, and ${quorum} must agree: a quorum is never lowered`,
    );
  return null;
}

/** When a thaw that is taken up at a moment may lift, by every version that counts. Milliseconds of Unix time. */
export function dueOf(policies: readonly Policy[], { thaw }: SignedThaw, at: number): number {
  const delay = Math.max(...policies.map((policy) => policy.thaw.delay));
  return Math.max(thaw.notBefore, at + delay * 1000);
}

/** A policy without the watchtowers that were suspended; its quorums stay. */
function withoutSuspended(policy: Policy, suspended: ReadonlySet<string>): Policy {
  if (suspended.size === 0) return policy;
  const keys = policy.watchtowers.keys.filter((key) => !suspended.has(key));
  return { ...policy, watchtowers: { ...policy.watchtowers, keys } };
}

/** Each of the versions that count without those watchtowers. */
export function heard(
  [first, ...later]: readonly [Policy, ...Policy[]],
  suspended: ReadonlySet<string>,
): readonly [Policy, ...Policy[]] {
  return [withoutSuspended(first, suspended), ...later.map((one) => withoutSuspended(one, suspended))];
}

/** A watchtower's clock, for one start of one signer. An old one says too little, and never too much. */
export const Moment = z.strictObject({
  signer: text(1, 64),
  session: z.string().regex(/^[0-9a-f]{32}$/),
  at: z.int().nonnegative(),
});
export type Moment = z.infer<typeof Moment>;

export const SignedMoment = z.strictObject({
  moment: Moment,
  watchtower: PublicKeyHex,
  signature: SignatureHex,
});
export type SignedMoment = z.infer<typeof SignedMoment>;

export function verifyMoment({ moment, watchtower, signature }: SignedMoment): boolean {
  return verifyStatement(watchtower, 'moment', moment, signature);
}

/** The time that a quorum of the policy's watchtowers says has come; undefined where too few have spoken. */
export function timeOf({ watchtowers }: Policy, moments: readonly SignedMoment[]): number | undefined {
  const newest = new Map<string, number>();
  for (const { watchtower, moment } of moments)
    if (watchtowers.keys.includes(watchtower))
      newest.set(watchtower, Math.max(moment.at, newest.get(watchtower) ?? 0));
  return [...newest.values()].sort((a, b) => b - a)[watchtowers.quorum - 1];
}
