/** Shares that are lost: any others give the secret as long as there are enough, in whatever order; and layouts that one loss or one thief breaks. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enough, layouts, papers } from '../testing/shares.ts';
import { flawOfLayout, leastForThief } from './layout.ts';
import { readShare } from './share.ts';
import { recoverShared } from './shares.ts';

const secrets = fc.uint8Array({ minLength: 8, maxLength: 16 }).map((half) => Buffer.concat([half, half]));

it('any set that is enough gives the secret back, in any order (100 layouts)', () => {
  fc.assert(
    fc.property(
      secrets,
      layouts,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (secret, layout, stream) => {
        const random = () => stream.next().value as number;
        const recovered = recoverShared(enough(papers(secret, layout), layout, random));
        expect(recovered).toEqual(new Uint8Array(secret));
      },
    ),
    { numRuns: 100 },
  );
});

it('one share less is refused, whichever one is lost (2 of 3 groups, 2of3, 3of5 and 1of1)', () => {
  const layout = {
    groupThreshold: 2,
    groups: [
      { threshold: 2, count: 3 },
      { threshold: 3, count: 5 },
      { threshold: 1, count: 1 },
    ],
  };
  const all = papers(Buffer.alloc(32, 7), layout);
  const least = enough(all, layout, Math.random);
  for (const lost of least.keys()) {
    const why = recoverShared(least.filter((_, at) => at !== lost));
    expect(why).toMatchObject({ why: expect.stringMatching(/^too-few-(?:shares|groups)$/) as string });
  }
  expect(recoverShared([])).toEqual({ why: 'too-few-groups', have: 0, need: 1 });
});

it('what a share says of itself is what was asked for', () => {
  const [first, last] = [0, 4].map((at) =>
    readShare(
      papers(Buffer.alloc(32), { groupThreshold: 1, groups: [{ threshold: 3, count: 5 }] })[at]?.text ??
        Buffer.alloc(0),
    ),
  );
  expect(first).toMatchObject({
    extendable: true,
    group: 0,
    groupThreshold: 1,
    groups: 1,
    member: 0,
    threshold: 3,
  });
  expect(last).toMatchObject({ member: 4 });
});

describe('a layout', () => {
  const of = (groupThreshold: number, ...groups: readonly (readonly [number, number])[]) => ({
    groupThreshold,
    groups: groups.map(([threshold, count]) => ({ threshold, count })),
  });
  it.each([
    [of(1, [2, 3]), null],
    [of(2, [2, 2], [2, 2], [3, 3]), null],
    [of(2, [1, 1], [1, 1], [1, 1]), null],
    [of(1, [1, 1]), 'one share alone would be enough'],
    [of(1, [2, 3], [1, 1]), 'one share alone would be enough'],
    [of(1, [2, 2]), 'one lost share would lose the key'],
    [of(2, [2, 3], [2, 2]), 'one lost share would lose the key'],
    [of(1, [1, 3]), 'copies of one share'],
    [of(1, [4, 3]), '4of3'],
    [of(1, [2, 17]), '2of17'],
    [of(3, [2, 3], [2, 3]), '3 groups are to be enough'],
    [of(1), 'takes 1 to 16 groups'],
  ])('%j: %s', (layout, flaw) => {
    const said = flawOfLayout(layout);
    if (flaw === null) expect(said).toBeNull();
    else expect(said).toContain(flaw);
  });

  it('says how many shares a thief needs: the cheapest groups', () => {
    expect(leastForThief(of(2, [2, 3], [3, 5], [1, 1]))).toBe(3);
  });
});
