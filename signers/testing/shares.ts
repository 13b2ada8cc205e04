/** Shares for tests: texts of a new set, and ways to pick from them. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import type { Layout } from '../slip39/layout.ts';
import { shareText } from '../slip39/share.ts';
import { shareSecret } from '../slip39/shares.ts';

export interface Paper {
  readonly group: number;
  readonly text: Uint8Array;
}

/** The cheapest exponent, so that properties are tried in seconds. */
export function papers(secret: Uint8Array, layout: Layout, passphrase = ''): readonly Paper[] {
  return shareSecret(secret, layout, randomBytes, Buffer.from(passphrase), 0).map((share) => {
    return { group: share.group, text: shareText(share) };
  });
}

export const twoOfThree: Layout = { groupThreshold: 1, groups: [{ threshold: 2, count: 3 }] };

export const layouts: fc.Arbitrary<Layout> = fc
  .array(
    fc
      .integer({ min: 1, max: 6 })
      .chain((count) =>
        fc.record({ threshold: fc.integer({ min: 1, max: count }), count: fc.constant(count) }),
      )
      .filter(({ threshold, count }) => threshold > 1 || count === 1),
    { minLength: 1, maxLength: 4 },
  )
  .chain((groups) =>
    fc.record({ groupThreshold: fc.integer({ min: 1, max: groups.length }), groups: fc.constant(groups) }),
  );

/** Just as many shares as it takes, of groups and members that `random` picks, in an order of its choice. */
export function enough(
  all: readonly Paper[],
  { groupThreshold, groups }: Layout,
  random: () => number,
): readonly Uint8Array[] {
  const shuffled = <T>(values: readonly T[]): readonly T[] =>
    values
      .map((value) => ({ value, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
  const chosen = shuffled(groups.map((group, at) => ({ at, threshold: group.threshold }))).slice(
    0,
    groupThreshold,
  );
  return shuffled(
    chosen.flatMap(({ at, threshold }) =>
      shuffled(all.filter(({ group }) => group === at)).slice(0, threshold),
    ),
  ).map(({ text }) => text);
}
