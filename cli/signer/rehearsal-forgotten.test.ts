/** A rehearsal that nobody holds, that was cut off, or that failed and was forgotten: whoever looks at the transcript is told, and told what is due. */
import { expect, it } from 'vitest';
import type { CeremonyEntry, SignedCeremony } from '@kuramori/core';
import { tellRehearsals } from './rehearsals.ts';

const day = 24 * 60 * 60 * 1000;
const began = Date.UTC(2026, 0, 1);

type Told = readonly [
  step: CeremonyEntry['step'],
  outcome: CeremonyEntry['outcome'],
  days: number,
  what?: readonly (readonly [string, string])[],
];

/** What matters of a transcript here; its signatures are read elsewhere. */
function told(now: number, ...entries: readonly Told[]): readonly string[] {
  const signed = entries.map(([step, outcome, days, what = []], at): SignedCeremony => {
    const entry: CeremonyEntry = {
      v: 1,
      seq: at + 1,
      prev: '0'.repeat(64),
      at: began + days * day,
      step,
      outcome,
      present: ['Aoi', 'Ren'],
      program: { code: 'c'.repeat(64), node: 'v26' },
      recordKey: 'a'.repeat(64),
      what: what.map(([name, value]) => ({ name, value })),
    };
    return { entry, signature: null };
  });
  return tellRehearsals(signed, began + now * day);
}

const shares: Told = [
  'share',
  'done',
  0,
  [1, 2].map((member) => ['destination', `/media/${member}/share-7-group-1-${member}.txt`]),
];
const of = (kind: string, ...more: readonly (readonly [string, string])[]) =>
  [['of', kind], ...more] as const;
const good: Told = ['rehearse', 'done', 10, of('shares', ['share', 'share-7-group-1-1, brought by Aoi'])];

it.each<[string, readonly string[], readonly string[]]>([
  ['nothing to rehearse', told(1, ['create', 'done', 0]), []],
  [
    'never held',
    told(1, shares, ['back-up', 'done', 0]),
    [
      'shares: never rehearsed: a rehearsal is due; never tried: share-7-group-1-1, share-7-group-1-2',
      'backup: never rehearsed: a rehearsal is due',
    ],
  ],
  ['held', told(20, shares, good), ['shares: last rehearsed on 2026-01-11; never tried: share-7-group-1-2']],
  [
    'over a year ago',
    told(377, shares, good),
    ['shares: last rehearsed on 2026-01-11: another is due; never tried: share-7-group-1-2'],
  ],
  [
    'cut off once shares came, after one that was good',
    told(20, shares, good, ['rehearse', 'begun', 12, of('shares')]),
    [
      'shares: a rehearsal was begun on 2026-01-13 and never ended: another is due; never tried: share-7-group-1-2',
    ],
  ],
  [
    'failed since, and forgotten',
    told(400, shares, good, ['rehearse', 'failed', 12, of('shares', ['why', 'its checksum is wrong'])]),
    [
      'shares: THE LAST REHEARSAL FAILED, on 2026-01-13 (its checksum is wrong): mend it, and rehearse; never tried: share-7-group-1-2',
    ],
  ],
  [
    'of a backup, which says nothing of shares',
    told(20, shares, ['rehearse', 'done', 10, of('backup')]),
    ['shares: never rehearsed: a rehearsal is due; never tried: share-7-group-1-1, share-7-group-1-2'],
  ],
  ['the keys are gone', told(20, shares, ['retire', 'done', 10]), []],
])('%s', (_, lines, wanted) => {
  expect(lines).toEqual(wanted);
});
