/** A request that comes again is the same request: one withdrawal, one hold, one answer. */
import { withdrawalId } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secondKey, send, signed } from '../testing/exchange.ts';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
});
afterAll(() => t[Symbol.asyncDispose]());

const destination = { address: person().address, memo: '' };
const body = (customer: string, amount = xem('10')) => ({
  customer,
  asset: 'nem:xem',
  amount,
  destination,
  feeCap: xem('1'),
});
const now = () => Math.floor(t.clock.ms / 1000);
const balances = async (customer: string) =>
  (await t.ask({ path: `/v1/customers/${customer}/balances` })).body['balances'];
const count = async () =>
  (await t.database.admin.query<{ n: string }>('select count(*) as n from custody.withdrawal')).rows[0]?.n;

test('a hundred times at once', async () => {
  await t.rich('alice', '100');
  const request = signed({
    path: '/v1/withdrawals',
    body: body('alice'),
    created: now(),
    idempotencyKey: 'payout-1',
  });
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(t.app, request)));
  const id = withdrawalId('exchange-1', 'payout-1');
  for (const answer of answers) expect(answer).toEqual({ status: 201, body: { id, state: 'held' } });
  expect(await count()).toBe('1');
  expect(await balances('alice')).toMatchObject([{ held: xem('11'), available: xem('89') }]);
});

test('signed anew, later, by another key of the exchange', async () => {
  t.clock.ms += 600_000;
  const again = signed(
    {
      path: '/v1/withdrawals',
      body: body('alice'),
      created: now(),
      idempotencyKey: 'payout-1',
      keyId: 'key-2',
    },
    secondKey,
  );
  expect(await send(t.app, again)).toEqual({
    status: 201,
    body: { id: withdrawalId('exchange-1', 'payout-1'), state: 'held' },
  });
  expect(await count()).toBe('1');
});

test('once refused, refused for ever: money that comes later does not turn a no into a yes', async () => {
  await t.rich('bob', '5');
  const request = signed({
    path: '/v1/withdrawals',
    body: body('bob'),
    created: now(),
    idempotencyKey: 'payout-2',
  });
  const refused = await send(t.app, request);
  expect(refused).toMatchObject({ status: 422, body: { field: 'amount' } });
  await t.rich('bob', '100');
  expect(await send(t.app, request)).toEqual(refused);
  expect(await balances('bob')).toMatchObject([{ held: '0', available: xem('105') }]);
  const anew = signed({
    path: '/v1/withdrawals',
    body: body('bob'),
    created: now(),
    idempotencyKey: 'payout-3',
  });
  expect(await send(t.app, anew)).toMatchObject({ status: 201 });
});

test('a customer opened twice has one message', async () => {
  const first = await t.ask({ path: '/v1/customers', body: { customer: 'carol' } });
  const second = await t.ask({ path: '/v1/customers', body: { customer: 'carol' } });
  expect(first).toMatchObject({
    status: 201,
    body: { message: expect.stringMatching(/^[0-9]{15}$/), address: t.people.hot.address },
  });
  expect(second).toEqual(first);
});
