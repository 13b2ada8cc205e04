/** An idempotency key belongs to one request for ever. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
  await t.rich('alice', '100');
});
afterAll(() => t[Symbol.asyncDispose]());

const body = {
  customer: 'alice',
  asset: 'nem:xem',
  amount: xem('10'),
  destination: { address: person().address, memo: '' },
  feeCap: xem('1'),
};
const conflict = { status: 409, body: { field: 'idempotency-key', type: 'urn:kuramori:problem:key-reused' } };

test('another amount, destination, memo or path under the same key', async () => {
  const ask = (path: string, given: object) => t.ask({ path, body: given, idempotencyKey: 'one' });
  expect(await ask('/v1/withdrawals', body)).toMatchObject({ status: 201 });
  expect(await ask('/v1/withdrawals', { ...body, amount: xem('11') })).toMatchObject(conflict);
  expect(
    await ask('/v1/withdrawals', { ...body, destination: { ...body.destination, memo: 'x' } }),
  ).toMatchObject(conflict);
  expect(
    await ask('/v1/withdrawals', { ...body, destination: { address: person().address, memo: '' } }),
  ).toMatchObject(conflict);
  expect(await ask('/v1/customers', { customer: 'alice' })).toMatchObject(conflict);
  expect(await ask('/v1/withdrawals', body)).toMatchObject({ status: 201 });
});

test('two bodies at once: one is taken, whichever it is', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      t.ask({
        path: '/v1/withdrawals',
        body: { ...body, amount: xem(String(1 + (n % 2))) },
        idempotencyKey: 'race',
      }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
  const { rows } = await t.database.admin.query('select count(*) as n from custody.withdrawal');
  expect(rows).toEqual([{ n: '2' }]);
});
