/** One fire, one death, one thief: what a layout of keys, papers and people survives is computed as it would be by trying everything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  array,
  assert,
  constantFrom,
  integer,
  oneof,
  option,
  property,
  record,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossesOf, Safekeeping, tellLosses } from './index.ts';
import type { Thing } from './safekeeping.ts';

const people = ['Aoi', 'Ren', 'Mei', 'Sora', 'Yui', 'Kai'];
const places = ['Tokyo', 'Osaka', 'Nagoya', 'Kobe', 'Sendai', 'Fukuoka'];
const example: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, '../docs/safekeeping.json'), 'utf8'),
);
const runs = Number(process.env['KURAMORI_ROUNDS'] ?? 300);

const thing: Arbitrary<Thing> = record({
  place: constantFrom(...places),
  people: integer({ min: 1, max: 3 }).chain((count) =>
    integer({ min: 0, max: people.length - 1 }).map((from) =>
      Array.from({ length: count }, (_, at) => people[(from + at) % people.length] ?? ''),
    ),
  ),
  takes: option(constantFrom(1, 2), { nil: undefined }),
}).map(({ takes, ...one }) => (takes === undefined || takes > one.people.length ? one : { ...one, takes }));
const few = array(thing, { minLength: 1, maxLength: 3 });
const group = few.chain((papers) =>
  integer({ min: 1, max: papers.length }).map((threshold) => ({ threshold, papers })),
);
const papers = array(group, { minLength: 1, maxLength: 2 }).chain((groups) =>
  record({
    groupThreshold: integer({ min: 1, max: groups.length }),
    passphrases: option(few, { nil: undefined }),
  }).map(({ groupThreshold, passphrases }) => ({
    groupThreshold,
    groups,
    ...(passphrases ? { passphrases } : {}),
  })),
);
const key = oneof(
  thing.map((device) => ({ device })),
  papers.map((one) => ({ papers: one })),
  record({ device: thing, papers }),
  record({ device: thing, papers }),
  record({ media: few, passphrases: few }).map((backups) => ({ backups })),
  record({ device: thing, words: few }),
);
const kept: Arbitrary<Safekeeping> = array(key, { minLength: 1, maxLength: 3 }).chain((keys) =>
  integer({ min: 1, max: keys.length }).map((threshold) => ({
    v: 1,
    wallet: 'cold',
    threshold,
    keys: keys.map((one, at) => ({ name: `vault-${at + 1}`, ...one })),
  })),
);

/** Every choice of so many. */
function choices<T>(of: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return of.flatMap((one, at) => choices(of.slice(at + 1), count - 1).map((rest) => [one, ...rest]));
}
/** One of each. */
function products<T>(of: readonly (readonly (readonly T[])[])[]): readonly (readonly T[])[] {
  return of.reduce<readonly (readonly T[])[]>(
    (all, next) => all.flatMap((before) => next.map((one) => [...before, ...one])),
    [[]],
  );
}
const singly = <T>(of: readonly T[]) => of.map((one) => [one]);

/** Every set of things that is one key: written down, and not computed with thresholds. */
function setsOf(one: Safekeeping['keys'][number]): readonly (readonly Thing[])[] {
  const { device, backups, papers: shares, words } = one;
  const ofPapers = shares
    ? choices(shares.groups, shares.groupThreshold).flatMap((chosen) =>
        products([
          ...chosen.map((each) => choices(each.papers, each.threshold)),
          ...(shares.passphrases ? [singly(shares.passphrases)] : []),
        ]),
      )
    : [];
  return [
    ...(device ? [[device]] : []),
    ...(backups ? products([singly(backups.media), singly(backups.passphrases)]) : []),
    ...ofPapers,
    ...singly(words ?? []),
  ];
}

/** Whether the coins can be moved with these, by trying every set of keys and things. */
function moves({ threshold, keys }: Safekeeping, has: (one: Thing) => boolean): boolean {
  return choices(keys, threshold).some((chosen) =>
    chosen.every((one) => setsOf(one).some((set) => set.every(has))),
  );
}
function outcome(
  one: Safekeeping,
  who: readonly string[],
): { readonly lost: boolean; readonly given: boolean } {
  const out = ({ people: all }: Thing, here: boolean, least: number) =>
    choices(
      all.filter((person) => who.includes(person) !== here),
      least,
    ).length > 0;
  return {
    lost: !moves(one, (each) => !who.includes(each.place) && out(each, true, each.takes ?? 1)),
    given: moves(one, (each) => who.includes(each.place) || out(each, false, each.takes ?? 1)),
  };
}
const everybody = (one: Safekeeping) => [
  ...people.filter((name) => JSON.stringify(one).includes(`"${name}"`)),
  ...places.filter((name) => JSON.stringify(one).includes(`"${name}"`)),
];

it(`one and two losses and thefts are as trying everything has it (${runs} layouts)`, () => {
  let [broken, sound] = [0, 0];
  assert(
    property(kept, (one) => {
      const losses = lossesOf(Safekeeping.parse(one));
      const bad = new Set<string>();
      for (const name of everybody(one)) {
        const { lost, given } = outcome(one, [name]);
        const said = losses.one.find(({ who }) => who[0] === name);
        expect({
          name,
          lost: (said?.left ?? 0) < one.threshold,
          given: (said?.taken ?? 0) >= one.threshold,
        }).toEqual({
          name,
          lost,
          given,
        });
        if (lost || given) bad.add(name);
      }
      expect(losses.why.filter((line) => everybody(one).includes(line.split(':')[0] ?? ''))).toHaveLength(
        bad.size,
      );
      const others = everybody(one).filter((name) => !bad.has(name));
      const pairs = choices(others, 2).filter((pair) => Object.values(outcome(one, pair)).includes(true));
      const text = (all: readonly (readonly string[])[]) =>
        all.map((pair) => [...pair].sort().join('+')).sort();
      expect(text(losses.two.map(({ who }) => who))).toEqual(text(pairs));
      if (bad.size > 0) broken += 1;
      else sound += 1;
    }),
    { numRuns: runs },
  );
  expect(Math.min(broken, sound)).toBeGreaterThan(0);
});

it('where two are lost no more is left, and two thieves have no less, than one', () => {
  assert(
    property(kept, (one) => {
      const { one: alone, two } = lossesOf(one);
      const of = (name = '') => alone.find(({ who }) => who[0] === name);
      for (const { who, left, taken } of two)
        for (const name of who) {
          expect(left).toBeLessThanOrEqual(of(name)?.left ?? 0);
          expect(taken).toBeGreaterThanOrEqual(of(name)?.taken ?? 0);
        }
    }),
    { numRuns: runs },
  );
});

it('a thing alone breaks nothing that its place does not', () => {
  assert(
    property(kept, (one) => {
      const { one: alone, threshold } = lossesOf(one);
      const worst = (of: typeof alone) => [
        Math.min(...of.map(({ left }) => left)),
        Math.max(...of.map(({ taken }) => taken)),
      ];
      const inside = alone.filter(({ who }) => !everybody(one).includes(who[0] ?? ''));
      const [left = 0, taken = 0] = worst(inside);
      const [leftByPlace = 0, takenByPlace = 0] = worst(
        alone.filter(({ who }) => places.includes(who[0] ?? '')),
      );
      expect(left).toBeGreaterThanOrEqual(leftByPlace);
      expect(taken).toBeLessThanOrEqual(takenByPlace);
      expect(threshold).toBe(one.threshold);
    }),
    { numRuns: runs },
  );
});

type Key = Safekeeping['keys'][number];
type Change = (from: Safekeeping) => unknown;
/** Changes some of the keys, the first being 0. */
const keys =
  (which: readonly number[], change: (key: Key) => object): Change =>
  (from) => ({
    ...from,
    keys: from.keys.map((one, at) => (which.includes(at) ? { ...one, ...change(one) } : one)),
  });
const device = (which: readonly number[], change: Partial<Thing>): Change =>
  keys(which, (one) => ({ device: { ...one.device, ...change } }));
const paper = (which: readonly number[], threshold: number, change: Partial<Thing> = {}): Change =>
  keys(which, ({ papers: of }) => ({
    papers: {
      ...of,
      groups: of?.groups.map((each) => ({
        threshold,
        papers: each.papers.map((each_) => ({ ...each_, ...change })),
      })),
    },
  }));

describe('the layout of the documents', () => {
  const sound = Safekeeping.parse(example);
  const whyNot = (change: Change) => lossesOf(Safekeeping.parse(change(sound))).why;

  it('survives each one, and every two but the thieves of two vaults', () => {
    const losses = lossesOf(sound);
    expect(losses.why).toEqual([]);
    expect(losses.two.map(({ who }) => who)).toEqual([
      ['Fukuoka', 'Osaka'],
      ['Fukuoka', 'Tokyo'],
      ['Osaka', 'Tokyo'],
    ]);
    expect(tellLosses(losses).join('\n')).toMatch(
      /cold: 2 of 3 keys move the coins[\s\S]*no one loss and no one thief breaks it[\s\S]*are lost with none\n.*thief’s with Fukuoka \+ Osaka/,
    );
  });

  it.each<[string, Change, RegExp]>([
    [
      'two vaults in one place',
      device([1], { place: 'Tokyo' }),
      /^Tokyo: a thief there, or who has it, has 2 keys, and 2 move the coins$/,
    ],
    [
      'one person who opens two vaults alone',
      device([0, 2], { people: ['Aoi'], takes: 1 }),
      /^Aoi: a thief there, or who has it, has 2 keys/,
    ],
    [
      'papers of several keys in one bank, enough of them',
      paper([0, 1, 2], 3, { place: 'bank in Kobe' }),
      /^bank in Kobe: a thief there, or who has it, has 3 keys/,
    ],
    [
      'no paper, and every key needed',
      (from) => ({ ...from, threshold: 3, keys: from.keys.map(({ papers: _papers, ...rest }) => rest) }),
      /^Aoi: were it lost, 2 keys would be left, and it takes 3: the coins would be lost$/,
    ],
    [
      'words beside a vault of another key',
      keys([1], () => ({ words: [{ place: 'Tokyo', people: ['Ren'] }] })),
      /^Tokyo: a thief there/,
    ],
  ])('%s: refused, with who breaks it', (_, change, why) => {
    expect(whyNot(change)[0]).toMatch(why);
  });

  it.each<[string, Change, RegExp]>([
    ['a key that lies nowhere', keys([0], () => ({ device: undefined, papers: undefined })), /vault-1: lies/],
    ['two keys of one name', keys([0], () => ({ name: 'vault-2' })), /two have one name/],
    [
      'more names than can be tried in pairs',
      keys([0], () => ({
        words: Array.from({ length: 16 }, (_, at) => ({
          place: `${at}`,
          people: Array.from({ length: 16 }, (_each, person) => `${at}-${person}`),
        })),
      })),
      /names \d+ people and places: 200 at most/,
    ],
    ['more keys than there are', (from) => ({ ...from, threshold: 4 }), /asks for more than there is/],
    ['more papers than there are', paper([0], 5), /asks for more than there is/],
    ['more people than are named', device([0], { takes: 3 }), /device of vault-1: .*takes more people/],
    ['somebody twice', device([0], { people: ['Aoi', 'Aoi'] }), /device of vault-1: names somebody twice/],
    [
      'a person called as a place',
      device([0], { people: ['Osaka', 'Aoi'] }),
      /Osaka: is a place and a person/,
    ],
    ['two keys of one name in two spellings', keys([0], () => ({ name: 'Vault-2' })), /read as one name/],
    ...['tokyo', 'Tokyo ', ' Tokyo', '\uff34\uff4f\uff4b\uff59\uff4f', 'TOKYO'].map(
      (place): [string, Change, RegExp] => [
        `one place in another spelling (${JSON.stringify(place)})`,
        device([1], { place }),
        /Tokyo.* and .*: read as one name: spell it one way/,
      ],
    ),
    [
      'one place with one space and with two',
      device([0, 1, 2], { place: 'bank  in Kobe' }),
      /bank {2}in Kobe.* and .*bank in Kobe.*: read as one name/,
    ],
    ['one person in two spellings', device([0], { people: ['Aoi', 'aoi'] }), /read as one name/],
    ['a place called as a person, nearly', device([1], { place: 'AOI' }), /read as one name/],
    ...['To\u200bkyo', 'Tokyo\u0007', 'Tokyo\n', '\u202eoykoT', 'Tokyo\ufe0f', '\u3164'].map(
      (place): [string, Change, RegExp] => [
        `a sign that nobody sees (${JSON.stringify(place).replaceAll(/[^ -~]/g, '?')})`,
        device([1], { place }),
        /holds a sign that cannot be seen/,
      ],
    ),
    ['a blank name', device([1], { place: '\u3000 ' }), /is blank/],
  ])('%s is no layout', (_, change, why) => {
    expect(() => whyNot(change)).toThrow(why);
  });
});
