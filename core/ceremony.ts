/** Ceremony: what people do with a signer's keys, each step an entry of a hash-chained transcript that its record key signs. */
import { z } from 'zod';
import { beforeFirst, digest } from './canonical.ts';
import { Hash, PublicKeyHex, SignatureHex, signText, verifyText, type SigningKey } from './key.ts';
import { text } from './text.ts';

/** Nobody is alone with a key, so that what one says of a ceremony another can say too. */
export const Present = z
  .array(text(1, 64).regex(/^\S(?:.*\S)?$/u, 'must be a name, without white space around it'))
  .min(2, 'at least two people must be present')
  .max(16)
  .refine(
    (names) => new Set(names.map((name) => name.toLowerCase())).size === names.length,
    'names somebody twice',
  );

export const CeremonyEntry = z.strictObject({
  v: z.literal(1),
  /** 1, 2, 3 … without gaps. */
  seq: z.int().positive(),
  /** The digest of the entry before; 64 zeros before the first. */
  prev: Hash,
  /** Milliseconds of Unix time, by the machine's own clock, for which nobody vouches. */
  at: z.int().nonnegative(),
  step: z.enum([
    'create',
    'pin',
    'back-up',
    'restore',
    'share',
    'words',
    'recover',
    'rehearse',
    'rotate',
    'sign',
    'retire',
  ]),
  /** A backup, or shares, are begun before the first byte of them leaves the folder; a rehearsal before the first is read. */
  outcome: z.enum(['begun', 'done', 'refused', 'failed']),
  /** Those who, by their own word, were there. */
  present: Present,
  /** What ran: a digest of the source that a signer's process reads, and Node's version. */
  program: z.strictObject({ code: Hash, node: text(1, 32) }),
  recordKey: PublicKeyHex,
  /** What was made or seen, or why it came to nothing. No secret. */
  what: z.array(z.strictObject({ name: text(1, 64), value: text(1, 1024) })).max(64),
});
export type CeremonyEntry = z.infer<typeof CeremonyEntry>;

/** Unsigned where the keys could not be opened; such an entry says only that somebody failed. */
export const SignedCeremony = z.strictObject({ entry: CeremonyEntry, signature: SignatureHex.nullable() });
export type SignedCeremony = z.infer<typeof SignedCeremony>;

export function ceremonyHash(entry: CeremonyEntry): string {
  return digest('ceremony', entry);
}

export function signCeremony(key: SigningKey | null, entry: CeremonyEntry): SignedCeremony {
  return { entry, signature: key && signText(key, 'ceremony', ceremonyHash(entry)) };
}

export interface Transcript {
  readonly entries: readonly SignedCeremony[];
  /** The digest of the last entry: what people note on paper. */
  readonly last: string;
  /** Null where there is no entry. */
  readonly recordKey: string | null;
}

export type ReadTranscript =
  | (Transcript & { readonly kind: 'transcript' })
  | { readonly kind: 'refused'; readonly line: number; readonly why: string };

/**
 * Verifies a transcript, a line an entry: signatures, links, order, one key. What was cut off at its end shows only beside the
 * digest that people noted.
 */
export function readTranscript(lines: readonly string[]): ReadTranscript {
  const entries: SignedCeremony[] = [];
  let last = beforeFirst;
  for (const [index, line] of lines.entries()) {
    const refused = (why: string) => ({ kind: 'refused', line: index + 1, why }) as const;
    const read = SignedCeremony.safeParse(parse(line));
    if (!read.success) {
      const issue = read.error.issues[0];
      return refused(`${issue?.path.join('.') || 'entry'}: ${issue?.message ?? 'is malformed'}`);
    }
    const flaw = flawOf(read.data, entries, last);
    if (flaw !== null) return refused(flaw);
    entries.push(read.data);
    last = ceremonyHash(read.data.entry);
  }
  return { kind: 'transcript', entries, last, recordKey: entries[0]?.entry.recordKey ?? null };
}

function flawOf(
  { entry, signature }: SignedCeremony,
  before: readonly SignedCeremony[],
  last: string,
): string | null {
  const first = before[0]?.entry ?? entry;
  if (entry.recordKey !== first.recordKey)
    return `is foreign: of ${entry.recordKey}, and the transcript is of ${first.recordKey}`;
  if (entry.seq !== before.length + 1)
    return `is entry ${entry.seq} in the place of entry ${before.length + 1}: entries are left out or in another order`;
  if (entry.prev !== last) return 'does not follow the entry before it: that one, or this one, is another';
  // Recovered: an old chain key, from paper, beside a record key that is made then.
  if ((first.step !== 'create' && first.step !== 'recover') || first.outcome !== 'done')
    return 'is not the making of the keys';
  if (signature === null)
    return entry.outcome === 'refused' || entry.outcome === 'failed'
      ? null
      : `is unsigned, and says that '${entry.step}' is ${entry.outcome}`;
  return verifyText(entry.recordKey, 'ceremony', ceremonyHash(entry), signature)
    ? null
    : 'its signature is wrong: it was altered, or another key signed it';
}

/** The entry by which the keys were destroyed. */
export function retirementIn({ entries }: Pick<Transcript, 'entries'>): CeremonyEntry | undefined {
  return entries.find(({ entry }) => entry.step === 'retire' && entry.outcome === 'done')?.entry;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // the schema then says what was expected
  }
}
