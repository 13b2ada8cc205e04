/** Rehearsed: what a transcript says of whether papers and backups that it knows were ever tried. */
import type { CeremonyEntry, SignedCeremony } from './ceremony.ts';

type Entries = readonly Pick<SignedCeremony, 'entry'>[];

/** Each with the step that makes it. */
const kinds = { shares: 'share', words: 'words', backup: 'back-up' } as const;
export type Rehearsable = keyof typeof kinds;

export interface Rehearsed {
  readonly of: Rehearsable;
  /** The newest try, whatever became of it: who was begun and never ended is one too. */
  readonly last: CeremonyEntry | undefined;
  readonly why: string | undefined;
  /** Whether what is there now was made after it. */
  readonly isOlder: boolean;
  /** Shares of the newest set that were in none that proved anything. */
  readonly untried: readonly string[];
}

/** The sets of shares that were made of this key here, the newest last. */
export function setsOf(entries: Entries): readonly string[] {
  return doneIn(entries, 'share').flatMap((entry) => valuesOf(entry, 'set'));
}

/** For whatever was made, by its newest making; nothing once the keys are retired. */
export function rehearsalsOf(entries: Entries): readonly Rehearsed[] {
  if (doneIn(entries, 'retire').length > 0) return [];
  return (['shares', 'words', 'backup'] as const).flatMap((of) => {
    const making = doneIn(entries, kinds[of]).at(-1);
    if (!making) return [];
    const tries = entries.flatMap(({ entry }) =>
      entry.step === 'rehearse' && valuesOf(entry, 'of').includes(of) ? [entry] : [],
    );
    const last = tries.at(-1);
    const isOlder = last !== undefined && last.seq < making.seq;
    return [{ of, last, why: last && valuesOf(last, 'why')[0], isOlder, untried: untriedOf(making, tries) }];
  });
}

function untriedOf(making: CeremonyEntry, tries: readonly CeremonyEntry[]): readonly string[] {
  const proven = tries.filter(({ outcome }) => outcome === 'done');
  const tried = new Set(
    proven.flatMap((entry) => valuesOf(entry, 'share').map((value) => value.split(',')[0])),
  );
  return valuesOf(making, 'destination')
    .flatMap((file) => /share-\d+-group-\d+-\d+(?=\.txt$)/.exec(file)?.[0] ?? [])
    .filter((share) => !tried.has(share));
}

const doneIn = (entries: Entries, step: CeremonyEntry['step']) =>
  entries.flatMap(({ entry }) => (entry.step === step && entry.outcome === 'done' ? [entry] : []));

const valuesOf = ({ what }: CeremonyEntry, wanted: string): readonly string[] =>
  what.flatMap(({ name, value }) => (name === wanted ? [value] : []));
