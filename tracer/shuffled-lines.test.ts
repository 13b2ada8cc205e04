/** A history whose lines stand in any order: the trace is the same, and what arrives in a block may leave in it. */
import { assert, constant, constantFrom, property, shuffledSubarray, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { exportOf, investigator, ruleNames } from './index.ts';
import { anyMovements, heldBy, move, shop, smallCase, traced } from './testing/moves.ts';

it('whatever the order of lines, every figure is the same', () => {
  assert(
    property(
      anyMovements(1_000n).chain((rows) =>
        tuple(constant(rows), shuffledSubarray([...rows], { minLength: rows.length })),
      ),
      constantFrom(...ruleNames),
      ([rows, shuffled], name) => {
        const run = (movements: typeof rows) =>
          exportOf(traced(smallCase(movements, { tags: [shop] }), name, investigator));
        expect(run(shuffled)).toEqual(run(rows));
      },
    ),
    { numRuns: 60 },
  );
});

it('within a block money arrives before it leaves, by any names of its transactions', () => {
  const hops = ['thief', 'dee', 'ann', 'cas', 'bob'];
  const rows = hops.slice(1).map((to, at) => move(7, hops[at] ?? '', to, 50n, { tx: `${9 - at}` }));
  for (const movements of [rows, rows.toReversed(), rows.map((row) => ({ ...row, tx: 'one' }))])
    expect(heldBy(traced(smallCase(movements), 'fifo'), 'bob').taint).toBe(50n);
});

it('an index that the chain tells is believed instead', () => {
  const rows = [
    move(7, 'ann', 'bob', 50n, { tx: 'b', index: 0 }),
    move(7, 'thief', 'ann', 50n, { tx: 'a', index: 1 }),
  ];
  expect(heldBy(traced(smallCase(rows), 'fifo'), 'bob').taint).toBe(0n);
});
