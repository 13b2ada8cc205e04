/** Custody's clock, or a node's, goes apart from the others and comes back: what must wait waits and says why; nothing is returned too early, planned for another time, or kept from the nodes for ever. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Branch } from '../branch.ts';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { drive, finish, show, withdraw } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';
import { changed, withNodes } from '../testing/house.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '10000');
});
afterAll(() => n[Symbol.asyncDispose]());

const day = 86_400;
/** The same house by a clock that is so many seconds ahead. */
const ahead = (seconds: number): Branch =>
  changed(n.t.house, { clock: { now: () => n.t.clock.ms + seconds * 1000 } });
const announcements = async (id: string) => (await show(n, id)).announcements.map(({ code }) => code);

test.each([
  ['an hour', 3600],
  ['three days', 3 * day],
  ['an hour', -3600],
  ['three days', -3 * day],
])(
  'custody’s clock is off by %s (%i s): nothing is planned or given up, and it is paid when it is right',
  async (_, off) => {
    const before = await n.balance(n.people.treasury.address);
    const id = await withdraw(n, 'alice', '10', { memo: `off ${off}` });
    for (let steps = 0; steps < 6; steps += 1) await advance(ahead(off), id);
    const shown = await show(n, id);
    expect(shown.plans).toEqual([]);
    expect(['held', 'screened']).toContain(shown.state);
    expect(shown.waiting).toMatch(
      off > 0
        ? /^this clock is [0-9]+ s ahead of the watchtowers': set it right/
        : /^this clock is [0-9]+ s behind the watchtowers': set it right/,
    );
    await finish(n, id);
    expect((await n.balance(n.people.treasury.address)) - before).toBe(10_000_000n);
  },
);

test('announced by a clock that was days ahead, and lost by the nodes: announced again at once when the clock is right', async () => {
  const id = await withdraw(n, 'alice', '11');
  await drive(n, id, 'signed', n.t.house, 1);
  // The nodes answer, and custody notes it for a time that has not come.
  await advance(ahead(2 * day), id);
  const { rows } = await n.t.database.admin.query<{ at: string }>(
    'select at from custody.announcement where withdrawal = $1',
    [id],
  );
  expect(rows.every(({ at }) => Number(at) > n.t.clock.ms + day * 1000)).toBe(true);
  await n.forget();
  n.pass(700);
  await n.harvest();
  await n.watched();
  await advance(n.t.house, id);
  expect(n.nodes.map(({ core }) => core.pool.list().length)).toEqual([1, 1]);
  await finish(n, id);
});

test('a node whose clock was ahead has called it past its deadline: that is not for ever, while it is not', async () => {
  const id = await withdraw(n, 'alice', '12');
  await drive(n, id, 'signed', n.t.house, 1);
  const hasty = n.t.nodes.map((node) => ({
    ...node,
    announce: async () => ({
      kind: 'read' as const,
      value: { code: 3, message: 'FAILURE_PAST_DEADLINE', hash: undefined },
    }),
  }));
  await advance(withNodes(n.t.house, hasty), id);
  expect(await announcements(id)).toEqual([3, 3]);
  // As any verdict, it is kept for 600 s.
  n.pass(700);
  await n.harvest();
  await n.watched();
  await finish(n, id);
});
