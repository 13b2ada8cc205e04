/** A transcript that somebody edits, reorders, shortens, forges or swaps is found out, and by name. */
import { describe, expect, it } from 'vitest';
import {
  beforeFirst,
  ceremonyHash,
  readTranscript,
  signCeremony,
  type CeremonyEntry,
  type SignedCeremony,
  type SigningKey,
} from './index.ts';
import { keyNamed, thief } from './testing/house.ts';

const key = keyNamed('record 1');

function transcript(by: SigningKey = key): readonly SignedCeremony[] {
  const entries: SignedCeremony[] = [];
  const steps = ['create', 'pin', 'back-up', 'back-up'] as const;
  for (const [index, step] of steps.entries()) {
    const entry: CeremonyEntry = {
      v: 1,
      seq: index + 1,
      prev: entries.length === 0 ? beforeFirst : ceremonyHash((entries.at(-1) as SignedCeremony).entry),
      at: 1_700_000_000_000 + index,
      step,
      outcome: index === 2 ? 'begun' : 'done',
      present: ['Aoi', 'Ren'],
      program: { code: 'c'.repeat(64), node: 'v26' },
      recordKey: by.publicKey,
      what: [{ name: 'digest', value: `${index}` }],
    };
    entries.push(signCeremony(by, entry));
  }
  return entries;
}
const [one, two, three, four] = transcript() as [
  SignedCeremony,
  SignedCeremony,
  SignedCeremony,
  SignedCeremony,
];
const read = (...entries: readonly (SignedCeremony | object)[]) =>
  readTranscript(entries.map((entry) => JSON.stringify(entry)));
const changed = (of: SignedCeremony, change: Partial<CeremonyEntry>) => ({
  ...of,
  entry: { ...of.entry, ...change },
});

it('whole, it reads, and names its key and its last digest', () => {
  expect(read(one, two, three, four)).toMatchObject({
    kind: 'transcript',
    recordKey: key.publicKey,
    last: ceremonyHash(four.entry),
  });
});

describe('found, with the line', () => {
  const wrong: readonly (readonly [what: string, line: number, why: RegExp, entries: readonly object[]])[] = [
    [
      'who was present, changed',
      2,
      /its signature is wrong/,
      [one, changed(two, { present: ['Aoi', 'Mei'] }), three],
    ],
    ['what was seen, changed', 2, /its signature is wrong/, [one, changed(two, { what: [] }), three]],
    [
      'an outcome turned round',
      1,
      /its signature is wrong|is not the making/,
      [changed(one, { outcome: 'failed' })],
    ],
    ['one left out', 2, /is entry 3 in the place of entry 2/, [one, three, four]],
    ['two in another order', 2, /is entry 3 in the place of entry 2/, [one, three, two, four]],
    ['one twice', 3, /is entry 2 in the place of entry 3/, [one, two, two]],
    ['the beginning cut off', 1, /is entry 2 in the place of entry 1/, [two, three, four]],
    [
      'another entry before it',
      3,
      /does not follow/,
      [one, signCeremony(key, { ...two.entry, at: 5 }), three],
    ],
    ['an entry that a thief signed', 2, /its signature is wrong/, [one, signCeremony(thief, two.entry)]],
    [
      'an entry that nobody signed',
      2,
      /is unsigned, and says that 'pin' is done/,
      [one, { ...two, signature: null }],
    ],
    [
      'another signer’s entry',
      2,
      /is foreign/,
      [one, signCeremony(thief, { ...two.entry, recordKey: thief.publicKey })],
    ],
    ['one person alone', 2, /present: at least two people/, [one, changed(two, { present: ['Aoi'] })]],
    [
      'one person under two spellings',
      2,
      /present: names somebody twice/,
      [one, changed(two, { present: ['Aoi', 'AOI'] })],
    ],
    ['a member more', 1, /entry/, [{ ...one, more: 1 }]],
  ];
  it.each(wrong)('%s', (_what, line, why, entries) => {
    expect(read(...entries)).toEqual({ kind: 'refused', line, why: expect.stringMatching(why) as string });
  });
});

it('a whole other one, by another key, reads, so its key must be compared', () => {
  expect(read(...transcript(thief))).toMatchObject({ kind: 'transcript', recordKey: thief.publicKey });
});

it('one that was cut at its end reads, so its last digest must be compared with the paper', () => {
  expect(read(one, two)).toMatchObject({ kind: 'transcript', last: ceremonyHash(two.entry) });
});

it('a failed try without the keys is taken, and vouches for nothing', () => {
  const tried = { ...two.entry, outcome: 'refused' as const };
  expect(read(one, signCeremony(null, tried))).toMatchObject({ kind: 'transcript' });
});
