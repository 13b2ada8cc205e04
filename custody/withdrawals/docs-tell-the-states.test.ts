/** The table that the code runs and the page that people read are one. */
import { expect, test } from 'vitest';
import { statesPage } from './page.ts';
import { cancellable, lastStates, meaning, moves, next, State } from './states.ts';

test('docs/withdrawals.md is made from the table: run this test with -u to write it', async () => {
  await expect(statesPage()).toMatchFileSnapshot('../../docs/withdrawals.md');
});

test('every state can be reached from the request, and leads to an end where the money is somebody’s', () => {
  const reached = new Set<State>(['requested']);
  for (const from of reached) for (const to of next[from]) reached.add(to);
  expect([...reached].sort()).toEqual([...State.options].sort());
  const ends = new Set<State>(lastStates);
  for (let grown = -1; grown !== ends.size;) {
    grown = ends.size;
    for (const { from, to } of moves) if (from !== null && ends.has(to)) ends.add(from);
  }
  expect([...ends].sort()).toEqual([...State.options].sort());
  expect(lastStates).toEqual(['final', 'returned', 'refused', 'disputed']);
});

test('from where a signature may exist, money comes back only by way of a proof', () => {
  const signed: readonly State[] = ['witnessed', 'signed', 'sent', 'unknown', 'confirmed'];
  for (const state of signed) {
    expect(next[state]).not.toContain('returned');
    expect(next[state]).not.toContain('refused');
  }
  // Planned once more beside what is signed, it stays held as well: chains/bitcoin/paid-twice-by-a-replacement.test.ts.
  expect(signed.filter((state) => next[state].includes('planned'))).toEqual([
    'witnessed',
    'signed',
    'sent',
    'unknown',
  ]);
  expect(moves.filter(({ to }) => to === 'expired').map(({ by }) => by.join())).toEqual(
    Array.from({ length: 6 }, () => 'watchtowers'),
  );
  expect(cancellable).toEqual(['held', 'screened', 'awaiting-approval', 'expired']);
});

test('no move stands there twice, and each state says where the money is', () => {
  const seen = moves.map(({ from, to }) => `${from} ${to}`);
  expect(new Set(seen).size).toBe(seen.length);
  for (const state of State.options) expect(meaning[state].money).not.toBe('');
});
