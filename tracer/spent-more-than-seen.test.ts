/** An account that spends what nobody saw it get: money from before the case is clean, and no balance is ever below nothing. */
import { describe, expect, it } from 'vitest';
import { bare, investigator, resultOf, ruleNames, type RuleName } from './index.ts';
import { carriedBy, heldBy, move, smallCase, traced } from './testing/moves.ts';

const overdrawn = [
  move(1, 'thief', 'ann', 30n),
  move(2, 'ann', 'bob', 100n),
  move(3, 'bob', 'cas', 70n),
  move(4, 'bob', 'dee', 30n),
];

/** Of bob's 100, 30 are tainted: FIFO has ann's older, clean money leave first, LIFO last. */
const then: Readonly<Record<RuleName, readonly [cas: bigint, dee: bigint]>> = {
  poison: [70n, 30n],
  haircut: [21n, 9n],
  fifo: [0n, 30n],
  lifo: [40n - 40n, 30n],
  'tainted-first': [30n, 0n],
  'clean-first': [0n, 30n],
};

describe('money from before the case', () => {
  it.each(ruleNames)('%s: all that was seen leaves with it, and the rest is clean', (name) => {
    const state = traced(smallCase(overdrawn), name);
    const [cas, dee] = then[name];
    const carried = carriedBy(state);
    expect(carried['tx-2']).toBe(name === 'poison' ? 100n : 30n);
    expect([heldBy(state, 'cas').taint, heldBy(state, 'dee').taint]).toEqual([cas, dee]);
    expect(heldBy(state, 'ann')).toEqual({ units: 0n, taint: 0n });
  });

  it('is the oldest: under FIFO it leaves first, under LIFO last, and arrives in that order', () => {
    const rows = [
      move(1, 'bob', 'ann', 5n),
      move(2, 'thief', 'ann', 5n),
      move(3, 'ann', 'cas', 12n),
      move(4, 'cas', 'dee', 4n),
      move(5, 'cas', 'eve', 4n),
    ];
    // FIFO brings cas 2 from before, 5 of bob's, 5 stolen; LIFO 5 stolen, 5 of bob's, 2 from before.
    const taints = (name: RuleName) =>
      ['dee', 'eve'].map((who) => heldBy(traced(smallCase(rows), name), who).taint);
    expect([taints('fifo'), taints('lifo')]).toEqual([
      [0n, 1n],
      [0n, 1n],
    ]);
  });

  it('an opening balance that is known is a first movement, and dilutes', () => {
    const known = [move(0, '(before)', 'ann', 70n), ...overdrawn];
    expect(carriedBy(traced(smallCase(known), 'haircut'))['tx-2']).toBe(30n);
    expect(
      heldBy(traced(smallCase([...known.slice(0, 2), move(2, 'ann', 'bob', 50n)]), 'haircut'), 'bob').taint,
    ).toBe(15n);
  });
});

describe('in a case of values', () => {
  const risen = (units: bigint) =>
    smallCase([move(1, 'thief', 'ann', 100n), move(2, 'ann', 'bob', units)], { measure: 'value' });

  it('a rise of the price is the taint’s too, up to a quarter, and is named', () => {
    for (const [units, rise] of [
      [100n, 0n],
      [112n, 12n],
      [125n, 25n],
      [300n, 25n],
    ] as const) {
      const state = traced(risen(units), 'tainted-first', investigator);
      expect(carriedBy(state)['tx-2']).toBe(100n + rise);
      expect(resultOf(state).sums[0]).toMatchObject({ stolen: 100n, risen: rise, held: 100n + rise });
    }
  });

  it('the quarter counts once, however often it is spent', () => {
    const thrice = [1, 2, 3].map((at) => move(at + 1, 'ann', 'bob', 100n));
    const of = smallCase([move(1, 'thief', 'ann', 100n), ...thrice], { measure: 'value' });
    expect(heldBy(traced(of, 'haircut', investigator), 'bob').taint).toBe(125n);
  });

  it('nothing rises under the rule alone, and nothing in units of an asset', () => {
    expect(carriedBy(traced(risen(125n), 'haircut', bare))['tx-2']).toBe(100n);
    const units = smallCase([move(1, 'thief', 'ann', 100n), move(2, 'ann', 'bob', 125n)]);
    expect(carriedBy(traced(units, 'haircut', investigator))['tx-2']).toBe(100n);
  });
});
