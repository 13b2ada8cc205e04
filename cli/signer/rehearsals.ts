/** Rehearsals: when papers and backups were last tried, in words, and what is due. */
import { rehearsalsOf, type Rehearsed, type SignedCeremony } from '@kuramori/core';

/** Nobody remembers longer where an envelope lies, or a disk its bytes. */
const yearly = 366 * 24 * 60 * 60 * 1000;

/** A line for shares, words and backups each, where there are any. `now`: milliseconds of Unix time. */
export function tellRehearsals(entries: readonly SignedCeremony[], now: number): readonly string[] {
  return rehearsalsOf(entries).map(
    (one) =>
      `${one.of}: ${tellLast(one, now)}${one.untried.length === 0 ? '' : `; never tried: ${one.untried.join(', ')}`}`,
  );
}

function tellLast({ last, why, isOlder }: Rehearsed, now: number): string {
  if (!last) return 'never rehearsed: a rehearsal is due';
  const day = new Date(last.at).toISOString().slice(0, 10);
  if (last.outcome === 'begun') return `a rehearsal was begun on ${day} and never ended: another is due`;
  if (last.outcome !== 'done') return `THE LAST REHEARSAL FAILED, on ${day} (${why}): mend it, and rehearse`;
  if (isOlder) return `last rehearsed on ${day}, before the newest were made: a rehearsal is due`;
  return `last rehearsed on ${day}${now - last.at > yearly ? ': another is due' : ''}`;
}
