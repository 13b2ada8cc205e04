/** Safekeeping: where each key of a wallet lies, on devices, media and papers, and who gets at it; as people write it down in a file. */
import { z } from 'zod';
import { text } from './text.ts';

/** A person's or a place's name: one name, one of them. */
const Called = text(1, 64)
  .refine((name) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/u.test(name), 'holds a sign that cannot be seen')
  .refine((name) => sameFor(name) !== '', 'is blank');

/** One thing that can be lost or stolen. */
export const Thing = z.strictObject({
  place: Called,
  /** Who gets it out of there. */
  people: z.array(Called).min(1).max(16),
  /** So many of them, together; absent: one alone. */
  takes: z.int().positive().optional(),
});
export type Thing = z.infer<typeof Thing>;

const things = z.array(Thing).min(1).max(16);

const Key = z.strictObject({
  name: Called,
  /** What signs with it, with all that this takes: a machine with its passphrase, a hardware wallet with its PIN. */
  device: Thing.optional(),
  /** Sealed copies, and copies of the passphrase: one of both. */
  backups: z.strictObject({ media: things, passphrases: things }).optional(),
  /** Shares (SLIP-0039): so many groups of so many papers; and the copies of their own passphrase, where they have one. */
  papers: z
    .strictObject({
      groupThreshold: z.int().positive(),
      groups: z
        .array(z.strictObject({ threshold: z.int().positive(), papers: things }))
        .min(1)
        .max(16),
      passphrases: things.optional(),
    })
    .optional(),
  /** Each of which is the whole key. */
  words: things.optional(),
});
type Key = z.infer<typeof Key>;

export const Safekeeping = z
  .strictObject({
    v: z.literal(1),
    wallet: Called,
    /** So many of the keys move its coins. */
    threshold: z.int().positive(),
    keys: z.array(Key).min(1).max(16),
  })
  .superRefine((kept, context) => {
    const flaw = flawOf(kept);
    if (flaw !== null) context.addIssue({ code: 'custom', message: flaw });
  });
export type Safekeeping = z.infer<typeof Safekeeping>;

/** What gives something: a thing alone, or so many of several. */
export type Need = { readonly thing: Thing; readonly called: string } | Needs;
interface Needs {
  readonly least: number;
  readonly of: readonly Need[];
}

/** What the coins take, a need a key. */
export function needsOf({ threshold, keys }: Pick<Safekeeping, 'threshold' | 'keys'>): Needs {
  return { least: threshold, of: keys.map(needOf) };
}

function needOf({ name, device, backups, papers, words }: Key): Needs {
  const each = (all: readonly Thing[], what: string): readonly Need[] =>
    all.map((thing, at) => ({ thing, called: `${what}${at + 1} of ${name}` }));
  const one = (all: readonly Thing[], what: string): Needs => ({ least: 1, of: each(all, what) });
  const both = (...of: readonly Need[]): Needs => ({ least: of.length, of });
  const ways: readonly Need[] = [
    ...(device ? [{ thing: device, called: `device of ${name}` }] : []),
    ...(backups ? [both(one(backups.media, 'backup '), one(backups.passphrases, 'passphrase '))] : []),
    ...(papers
      ? [
          both(
            {
              least: papers.groupThreshold,
              of: papers.groups.map(({ threshold, papers: all }, group) => ({
                least: threshold,
                of: each(all, papers.groups.length === 1 ? 'paper ' : `paper ${group + 1}-`),
              })),
            },
            ...(papers.passphrases ? [one(papers.passphrases, 'passphrase of the papers ')] : []),
          ),
        ]
      : []),
    ...(words ? each(words, 'words ') : []),
  ];
  return { least: 1, of: ways };
}

/** Every thing of it, with its name. */
export function thingsIn(need: Need): readonly { readonly thing: Thing; readonly called: string }[] {
  return 'thing' in need ? [need] : need.of.flatMap(thingsIn);
}

/** Whether who has some things has what it takes. */
export function isMet(need: Need, has: (thing: Thing) => boolean): boolean {
  if ('thing' in need) return has(need.thing);
  return need.of.filter((one) => isMet(one, has)).length >= need.least;
}

/** What people take for one name: full-width letters for the narrow, capitals for small ones, several spaces for one or none at an end. */
function sameFor(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();
}

/** Two spellings of one name: places or people that are one would be counted as two. */
function twoSpellingsIn(names: readonly string[]): readonly string[] | undefined {
  return [...Map.groupBy(new Set(names), sameFor).values()].find((spellings) => spellings.length > 1);
}

/** Each pair of them is tried. */
const mostNames = 200;

function flawOf(kept: Pick<Safekeeping, 'threshold' | 'keys'>): string | null {
  const { keys } = kept;
  const all = thingsIn(needsOf(kept));
  const bare = keys.find((key) => thingsIn(needOf(key)).length === 0);
  if (bare) return `${bare.name}: lies nowhere: name its device, backups, papers or words`;
  if (new Set(keys.map(({ name }) => name)).size !== keys.length) return 'keys: two have one name';
  if (hasUnmet(needsOf(kept))) return 'asks for more than there is: a threshold is above its number';
  const odd = all.find(
    ({ thing }) => new Set(thing.people).size < Math.max(thing.takes ?? 1, thing.people.length),
  );
  if (odd) return `${odd.called}: names somebody twice, or takes more people than it names`;
  const places = new Set(all.map(({ thing }) => thing.place));
  const people = new Set(all.flatMap(({ thing }) => thing.people));
  const spelled = twoSpellingsIn([...places, ...people]) ?? twoSpellingsIn(keys.map(({ name }) => name));
  if (spelled)
    return `${spelled.map((name) => JSON.stringify(name)).join(' and ')}: read as one name: spell it one way, or name two things apart`;
  const both = [...people].find((person) => places.has(person));
  if (both !== undefined) return `${both}: is a place and a person: give them two names`;
  const names = people.size + places.size;
  return names > mostNames ? `names ${names} people and places: ${mostNames} at most` : null;
}

function hasUnmet(need: Need): boolean {
  return !('thing' in need) && (need.least > need.of.length || need.of.some(hasUnmet));
}
