/** A thief who changes coins for tokens in one transaction, and a trail that ends there for whoever follows one asset alone. */
import { describe, expect, it } from 'vitest';
import { bare, investigator, resultOf } from './index.ts';
import { heldBy, move, shop, smallCase, traced } from './testing/moves.ts';

const pool = { ...shop, address: 'pool', label: 'Pool' };
const swap = (from: string, gives: bigint, gets: bigint, other = 'pool') => [
  move(5, from, other, gives, { tx: 'swap' }),
  move(5, other, from, gets, { tx: 'swap', asset: 'token' }),
];
const run = (movements: Parameters<typeof smallCase>[0], setting = investigator) =>
  traced(smallCase(movements, { tags: [pool, shop] }), 'haircut', setting);

describe('an exchange', () => {
  it('carries the share of taint over, whoever stands on the other side', () => {
    for (const other of ['pool', 'a-nobody', 'nobody-knows']) {
      const state = run([
        move(1, 'thief', 'ann', 30n),
        move(2, 'cas', 'ann', 10n),
        ...swap('ann', 40n, 1_000n, other),
      ]);
      expect(heldBy(state, 'ann', 'token')).toEqual({ units: 1_000n, taint: 750n });
      expect(heldBy(state, other).taint).toBe(0n);
      const { sums, places } = resultOf(state);
      expect(sums.find(({ asset }) => asset === 'coin')).toMatchObject({
        stolen: 30n,
        givenByExchange: 30n,
        held: 0n,
      });
      expect(sums.find(({ asset }) => asset === 'token')).toMatchObject({ gotByExchange: 750n, held: 750n });
      expect(places.map(({ account }) => account)).not.toContain(other);
    }
  });

  it('is none under the rule alone: the coins went to the pool', () => {
    const state = run([move(1, 'thief', 'ann', 40n), ...swap('ann', 40n, 1_000n)], bare);
    expect(heldBy(state, 'ann', 'token').taint).toBe(0n);
    expect(resultOf(state).places.find(({ account }) => account === 'pool')?.received).toBe(40n);
  });

  it('with change: what came back is as tainted as what was given', () => {
    const back = move(5, 'pool', 'ann', 16n, { tx: 'swap' });
    const state = run([move(1, 'thief', 'ann', 40n), back, ...swap('ann', 40n, 1_000n)]);
    expect(heldBy(state, 'ann')).toEqual({ units: 16n, taint: 16n });
    expect(heldBy(state, 'ann', 'token').taint).toBe(1_000n);
  });

  it('is no gift: what goes to somebody who only receives stays what it is', () => {
    const gift = move(5, 'ann', 'bob', 15n, { tx: 'swap' });
    const state = run([move(1, 'thief', 'ann', 40n), ...swap('ann', 25n, 1_000n), gift]);
    expect(heldBy(state, 'bob').taint).toBe(15n);
    expect(heldBy(state, 'ann', 'token').taint).toBe(1_000n);
  });

  it('change comes after the price, by whatever names, where no exchange is followed as well', () => {
    for (const other of ['a-pool', 'pool']) {
      const rows = [
        move(1, 'thief', 'ann', 40n),
        move(5, other, 'ann', 16n, { tx: 'swap' }),
        ...swap('ann', 40n, 9n, other),
      ];
      const state = traced(
        smallCase(rows, { tags: [pool, { ...pool, address: 'a-pool' }] }),
        'haircut',
        bare,
      );
      expect(heldBy(state, 'ann')).toEqual({ units: 16n, taint: 0n });
    }
  });

  it('who calls somebody without value pays them nothing, and is no trader', () => {
    const [gift, call] = [
      move(5, 'ann', 'bob', 15n, { tx: 'swap' }),
      move(5, 'bob', 'cas', 0n, { tx: 'swap' }),
    ];
    const state = run([move(1, 'thief', 'ann', 40n), ...swap('ann', 25n, 1_000n), gift, call]);
    expect(heldBy(state, 'bob').taint).toBe(15n);
  });

  it('is no call without value, and takes two transactions for two purposes', () => {
    const call = move(5, 'ann', 'pool', 0n, { tx: 'swap' });
    const airdrop = move(5, 'bob', 'ann', 9n, { tx: 'swap', asset: 'token' });
    expect(heldBy(run([move(1, 'thief', 'ann', 40n), call, airdrop]), 'ann', 'token').taint).toBe(0n);
    const [gives, gets] = swap('ann', 40n, 1_000n);
    const apart = [move(1, 'thief', 'ann', 40n), gives, gets && { ...gets, block: 6, tx: 'other' }];
    expect(heldBy(run(apart.filter((one) => one !== undefined)), 'ann', 'token').taint).toBe(0n);
  });
});
