/** The matching engine's key, stolen: it can book trades between customers, and free nothing that a payment holds. */
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHouse, xem, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
  await t.rich('alice', '100');
  await t.rich('bob', '50');
});
afterAll(() => t[Symbol.asyncDispose]());

const post = async (...operations: readonly object[]) =>
  t.ask({ path: '/v1/operations', body: { operations } });
const trade = (id: string, units: string, more: object = {}) => ({
  kind: 'trade',
  id,
  legs: [
    { customer: 'alice', asset: 'nem:xem', units: `-${xem(units)}`, ...more },
    { customer: 'bob', asset: 'nem:xem', units: xem(units) },
  ],
});
const statuses = ({ body }: { body: Record<string, unknown> }) =>
  (body['results'] as { status: number; why: string | null }[]).map(({ status, why }) => why ?? status);
const available = async (customer: string) => {
  const { body } = await t.ask({ path: `/v1/customers/${customer}/balances` });
  return (body['balances'] as { available: string }[])[0]?.available;
};

test('trades and reservations, each once under its id, refused ones for good', async () => {
  const hold = { kind: 'hold', id: 'order-1', customer: 'alice', asset: 'nem:xem', units: xem('30') };
  expect(statuses(await post(trade('t1', '10'), hold, trade('t2', '61')))).toEqual([201, 201, 'overdraft']);
  expect(statuses(await post(trade('t1', '10'), hold, trade('t2', '61')))).toEqual([200, 200, 'overdraft']);
  expect(statuses(await post(trade('t1', '11')))).toEqual(['other-body']);
  expect(
    statuses(await post(trade('t3', '20', { hold: 'order-1' }), { kind: 'release', id: 'order-1' })),
  ).toEqual([201, 201]);
  expect(
    statuses(await post({ kind: 'release', id: 'order-1' }, trade('t4', '5', { hold: 'order-1' }))),
  ).toEqual([200, 'hold-voided']);
  expect(await available('alice')).toBe(xem('70'));
  expect(await available('bob')).toBe(xem('80'));
});

test('a withdrawal’s hold is neither freed nor spent by any name', async () => {
  const asked = await t.ask({
    path: '/v1/withdrawals',
    body: {
      customer: 'alice',
      asset: 'nem:xem',
      amount: xem('60'),
      destination: { address: t.people.treasury.address, memo: '' },
      feeCap: xem('1'),
    },
  });
  expect(asked).toMatchObject({ status: 201 });
  const id = String(asked.body['id']);
  expect(statuses(await post({ kind: 'release', id }, trade('steal', '60', { hold: id })))).toEqual([
    'unknown-hold',
    'unknown-hold',
  ]);
  expect(statuses(await post(trade('rest', '10')))).toEqual(['overdraft']);
  for (const name of [`exchange-1:${id}`, `../${id}`, `:${id}`])
    expect(await post({ kind: 'release', id: name })).toMatchObject({ status: 400 });
  expect(await available('alice')).toBe(xem('9'));
});

test('what does not balance, who is not known, what is no amount: one error, nothing posted', async () => {
  const before = [await available('alice'), await available('bob')];
  const good = trade('good', '1');
  const unequal = { ...good, id: 'u', legs: [good.legs[0], { ...good.legs[1], units: '1' }] };
  expect(await post(good, unequal)).toMatchObject({ status: 400, body: { field: 'operations.1.legs' } });
  const twice = { ...good, id: 'w', legs: [...good.legs, ...good.legs] };
  expect(await post(good, twice)).toMatchObject({ status: 400, body: { field: 'operations.1.legs' } });
  const stranger = { ...good, id: 's', legs: [good.legs[0], { ...good.legs[1], customer: 'nobody' }] };
  expect(await post(good, stranger)).toMatchObject({ status: 422, body: { code: 'unknown-customer' } });
  for (const units of ['0', '1.5', '-0', '1e9', '9'.repeat(79)]) {
    const odd = { ...good, id: 'o', legs: [good.legs[0], { ...good.legs[1], units }] };
    expect(await post(odd), units).toMatchObject({ status: 400 });
  }
  expect([await available('alice'), await available('bob')]).toEqual(before);
});

test('the statement: pages without a gap, opening at any version, and the balance as of a moment', async () => {
  const entries: { version: number; balance: string }[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = `limit=1${cursor === undefined ? '' : `&cursor=${cursor}`}`;
    const { body } = await t.ask({ path: '/v1/customers/alice/statements/nem:xem', query });
    entries.push(...(body['items'] as typeof entries));
    cursor = body['next'] as string | null;
  }
  expect(entries.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(entries.map(({ balance }) => balance)).toEqual(['100', '90', '70'].map(xem));
  const asOf = (at: string) =>
    t.ask({ path: '/v1/customers/alice/balances/nem:xem', query: `at=${encodeURIComponent(at)}` });
  expect((await asOf('2018-01-26T00:02:13Z')).body).toMatchObject({ balance: '0' });
  expect((await asOf('2999-01-01T00:00:00+09:00')).body).toMatchObject({ balance: xem('70') });
  expect(await asOf('yesterday')).toMatchObject({ status: 400, body: { field: 'at' } });
  expect(await verify(t.database.prover)).toMatchObject({ kind: 'verified' });
});
