/** A figure without evidence: for each account that taint reached there is a way from the source, movement by movement. */
import { assert, constantFrom, property } from 'fast-check';
import { expect, it } from 'vitest';
import { exportOf, investigator, pathTo, ruleNames } from './index.ts';
import { anyMovements, move, shop, smallCase, traced } from './testing/moves.ts';

it('goes hop by hop along time, and through an exchange', () => {
  const rows = [
    move(1, 'thief', 'ann', 40n),
    move(2, 'ann', 'bob', 40n),
    move(3, 'bob', 'pool', 40n, { tx: 'swap' }),
    move(3, 'pool', 'bob', 999n, { tx: 'swap', asset: 'token' }),
    move(4, 'bob', 'cas', 9n, { asset: 'token' }),
    move(5, 'thief', 'cas', 1n),
  ];
  const document = exportOf(traced(smallCase(rows), 'fifo', investigator));
  expect(pathTo(document, 'cas').map(({ from, to, asset }) => `${from} ${to} ${asset}`)).toEqual([
    'thief ann coin',
    'ann bob coin',
    'bob pool coin',
    'pool bob token',
    'bob cas token',
  ]);
  expect(pathTo(document, 'pool')).toEqual([]);
});

it('finds it in change of the same asset, and where both sides of an exchange are tainted', () => {
  const swap = { tx: 'swap' };
  const change = [
    move(1, 'thief', 'shop', 243n, swap),
    move(1, 'dee', 'thief', 1n, { ...swap, asset: 'token' }),
    move(1, 'bob', 'thief', 1n, swap),
  ];
  const both = [
    move(1, 'thief', 'ann', 1n),
    move(2, 'ann', 'thief', 1n, swap),
    move(2, 'bob', 'thief', 1n, swap),
    move(2, 'thief', 'ann', 1n, { ...swap, asset: 'token' }),
  ];
  for (const rows of [change, both]) {
    const document = exportOf(traced(smallCase(rows, { tags: [shop] }), 'poison', investigator));
    expect(pathTo(document, 'thief')[0]?.from).toBe('thief');
  }
});

it('there is one for everybody who was reached, whatever moved', () => {
  assert(
    property(anyMovements(1_000n, 30), constantFrom(...ruleNames), (movements, name) => {
      const document = exportOf(traced(smallCase(movements, { tags: [shop] }), name, investigator));
      for (const { account, received } of document.places) {
        if (received === '0') continue;
        const path = pathTo(document, account);
        expect(path[0]?.from).toBe('thief');
        expect(path.at(-1)?.to).toBe(account);
        for (const [at, step] of path.entries()) {
          const next = path[at + 1];
          if (next)
            expect([step.to, step.from]).toContain(
              next.tx === step.tx && next.left === '0' ? next.to : next.from,
            );
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
