/** Customers of an exchange accused because a thief was a customer too: at a service the trail ends, tagged or not. */
import { describe, expect, it } from 'vitest';
import { investigator, resultOf, ruleNames, type Tag } from './index.ts';
import { heldBy, move, shop, smallCase, traced } from './testing/moves.ts';

const kindOf = (state: ReturnType<typeof traced>, account: string) =>
  resultOf(state).places.find((place) => place.account === account);

describe.each(ruleNames)('%s', (name) => {
  it('ends at a tagged service, and its payouts are clean', () => {
    const of = smallCase([move(1, 'thief', 'shop', 50n), move(2, 'shop', 'bob', 50n)], { tags: [shop] });
    const state = traced(of, name, investigator);
    expect(kindOf(state, 'shop')).toMatchObject({
      kind: 'service',
      tag: shop,
      received: 50n,
      held: 0n,
      passed: 0n,
    });
    expect(heldBy(state, 'bob').taint).toBe(0n);
  });

  it('pays out clean money, also where prices may rise', () => {
    const rows = [move(1, 'thief', 'shop', 50n), move(2, 'shop', 'bob', 55n)];
    const state = traced(smallCase(rows, { tags: [shop], measure: 'value' }), name, investigator);
    expect(heldBy(state, 'bob').taint).toBe(0n);
  });

  it('ends where fees go, and where tokens are burned', () => {
    const burn = '0x0000000000000000000000000000000000000000';
    const of = smallCase([
      move(1, 'thief', 'ann', 50n),
      move(2, 'ann', '(fees)', 20n, { kind: 'fee' }),
      move(3, 'ann', burn, 30n),
      move(4, burn, 'bob', 30n),
    ]);
    const state = traced(of, name, investigator);
    expect(resultOf(state).sums[0]).toMatchObject({ stolen: 50n, ended: 50n, held: 0n });
    expect(heldBy(state, 'bob').taint).toBe(0n);
  });

  it('ends at who has long lived from money that nobody sees; a few such spends make nobody a service', () => {
    for (const [spends, kind] of [
      [100, 'presumed'],
      [99, 'account'],
    ] as const) {
      const life = Array.from({ length: spends }, (_, at) => move(at + 1, 'busy', 'dee', 1n));
      const of = smallCase([...life, move(200, 'thief', 'busy', 50n), move(201, 'busy', 'bob', 50n)]);
      const state = traced(of, name, investigator);
      expect(kindOf(state, 'busy')?.kind).toBe(kind);
      expect(heldBy(state, 'bob').taint).toBe(kind === 'presumed' ? 0n : 50n);
    }
  });

  it('not at who spent what came in the case, a little of it rounded off', () => {
    const life = Array.from({ length: 150 }, (_, at) => [
      move(at * 2 + 1, 'dee', 'busy', 999_999n),
      move(at * 2 + 2, 'busy', 'cas', 1_000_000n),
    ]).flat();
    const state = traced(smallCase([...life, move(900, 'thief', 'busy', 50n)]), name, investigator);
    expect(kindOf(state, 'busy')?.kind).toBe('account');
  });
});

it('a tag that says perpetrator ends no trail, and makes nobody a source', () => {
  const hacker: Tag = { ...shop, address: 'ann', category: 'hack' };
  const state = traced(
    smallCase([move(1, 'ann', 'bob', 5n), move(2, 'thief', 'ann', 50n), move(3, 'ann', 'cas', 50n)], {
      tags: [hacker],
    }),
    'fifo',
  );
  expect([heldBy(state, 'bob').taint, heldBy(state, 'cas').taint]).toEqual([0n, 50n]);
});
