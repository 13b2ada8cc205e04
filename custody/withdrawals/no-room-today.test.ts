/** The policy's rolling limit is used up: what is asked beyond it waits, can be taken back, and is paid when there is room again. */
import { parseAmount, XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { balanceOf, finish, show, withdraw } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood({
    policy: (usual) => ({
      ...usual,
      rules: usual.rules.map((rule) => ({
        ...rule,
        rolling: { hours: 1, units: parseAmount('100', XEM) },
      })),
    }),
  });
  await n.t.rich('alice', '1000');
});
afterAll(() => n[Symbol.asyncDispose]());

const status = async () => (await n.t.ask({ path: '/v1/status' })).body;

test('more than the limit ever lets leave is refused at once, and says so', async () => {
  await expect(withdraw(n, 'alice', '99.000001')).rejects.toThrow(
    /over-payment-limit.*split it over the days/,
  );
});

test('beyond what is left it waits, unplanned and unsigned, and operators are told', async () => {
  const before = await n.balance(n.people.treasury.address);
  await finish(n, await withdraw(n, 'alice', '60'));
  n.pass(1);
  const second = await withdraw(n, 'alice', '50');
  const third = await withdraw(n, 'alice', '50');
  for (let steps = 0; steps < 5; steps += 1)
    await Promise.all([second, third].map((id) => advance(n.t.house, id)));
  for (const id of [second, third])
    expect(await show(n, id)).toMatchObject({
      state: 'screened',
      transaction: null,
      waiting: expect.stringMatching(/^61000000 of 100000000 left hot-xem within 1 h/),
    });
  expect((await status())['notices']).toMatchObject([{ key: 'no-room:hot-xem', severity: 'warning' }]);
  // Nothing of it is planned, so it can still be taken back.
  const { body } = await n.t.ask({ path: `/v1/withdrawals/${third}/cancel`, body: {} });
  expect(body).toMatchObject({ state: 'returned' });
  n.pass(3600);
  await n.harvest();
  await n.watched();
  await finish(n, second);
  expect((await n.balance(n.people.treasury.address)) - before).toBe(110_000_000n);
  expect(await balanceOf(n, 'alice')).toMatchObject({ held: '0' });
});
