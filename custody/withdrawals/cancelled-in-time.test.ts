/** A request is taken back until it is planned; whoever plans and whoever cancels at the same moment, one of them wins. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { balanceOf, drive, show, withdraw } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '1000');
});
afterAll(() => n[Symbol.asyncDispose]());

const cancel = (id: string) => n.t.ask({ path: `/v1/withdrawals/${id}/cancel`, body: {} });

test('before it is planned: the money is there again at once, and no step brings it back', async () => {
  const before = await balanceOf(n, 'alice');
  const id = await withdraw(n, 'alice', '5');
  expect(await cancel(id)).toMatchObject({ status: 200, body: { id, state: 'returned' } });
  expect(await balanceOf(n, 'alice')).toEqual(before);
  for (let steps = 0; steps < 3; steps += 1) await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({ state: 'returned', why: 'cancelled by the exchange', plans: [] });
  expect(await cancel(id)).toMatchObject({
    status: 422,
    body: { detail: expect.stringMatching(/is returned/) },
  });
});

test('once planned, no more', async () => {
  const id = await withdraw(n, 'alice', '5');
  await drive(n, id, 'planned');
  expect(await cancel(id)).toMatchObject({ status: 422, body: { field: 'id' } });
  await drive(n, id, 'sent');
  expect(await cancel(id)).toMatchObject({ status: 422 });
});

test('planned and cancelled at the same moment, twenty times: never both, never neither', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const id = await withdraw(n, 'alice', '1', { memo: `race ${index}` });
      await advance(n.t.house, id);
      const [answer] = await Promise.all([cancel(id), advance(n.t.house, id), advance(n.t.house, id)]);
      const { state, plans } = await show(n, id);
      return { cancelled: answer.status === 200, state, planned: plans.length > 0 };
    }),
  );
  for (const { cancelled, state, planned } of outcomes) {
    expect(state === 'returned').toBe(cancelled);
    expect(planned && cancelled).toBe(false);
  }
  const { held } = await balanceOf(n, 'alice');
  const open = outcomes.filter(({ cancelled }) => !cancelled).length + 1;
  expect(BigInt(held)).toBe(BigInt(open) * 2_000_000n + 4_000_000n);
});

test('an unknown one, and a body with something in it', async () => {
  expect(await cancel('0'.repeat(64))).toMatchObject({ status: 404 });
  const id = await withdraw(n, 'alice', '1');
  expect(await n.t.ask({ path: `/v1/withdrawals/${id}/cancel`, body: { why: 'x' } })).toMatchObject({
    status: 400,
  });
});
