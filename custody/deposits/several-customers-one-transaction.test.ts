/** One transaction that pays several customers: each output is a deposit of its own. NEM has none such; other chains do. */
import { inTransaction, customerBalances, verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Arrival } from './arrival.ts';
import { bookArrivals } from '../deposit.ts';
import { testHouse, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
const marks = new Map<string, string>();
beforeAll(async () => {
  t = await testHouse();
  for (const customer of ['alice', 'bob'])
    marks.set(customer, String((await t.ask({ path: '/v1/customers', body: { customer } })).body['message']));
});
afterAll(() => t[Symbol.asyncDispose]());

const transaction = 'd'.repeat(64);
const output = (index: number, units: bigint, to: string | null): Arrival => ({
  id: `${transaction}:${index}`,
  transaction,
  wallet: t.house.hot,
  sender: 'somebody',
  asset: 'nem:xem',
  units,
  payload: '',
  message: null,
  // On a chain where each customer has an address of their own, that is the mark.
  marks: to === null ? [] : ['nobody’s', to],
  otherwise: 'unknown-message',
  height: 7,
  block: 'e'.repeat(64),
});
const book = (arrivals: readonly Arrival[]) =>
  inTransaction(t.house.pool, (client) => bookArrivals(t.house, client, arrivals));
const balance = async (customer: string) => (await customerBalances(t.house.pool, customer))[0]?.available;

test('each output is credited to whom its own mark names; the others are held', async () => {
  const [alice = '', bob = ''] = [marks.get('alice'), marks.get('bob')];
  await book([
    output(0, 5_000_000n, alice),
    output(1, 6_000_000n, bob),
    output(2, 7_000_000n, null),
    output(3, 9n, bob),
    output(4, 8_000_000n, alice),
  ]);
  expect(await balance('alice')).toBe(13_000_000n);
  expect(await balance('bob')).toBe(6_000_000n);
  const deposits = await Array.fromAsync(t.client.pages('listDeposits', {}));
  expect(deposits.map(({ id, state }) => `${id.slice(-2)} ${state}`).sort()).toEqual([
    ':0 credited',
    ':1 credited',
    ':2 held',
    ':3 dust',
    ':4 credited',
  ]);
  expect(await verify(t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('all of it or nothing: where one output cannot be booked, none is', async () => {
  const before = await balance('alice');
  const [alice = ''] = [marks.get('alice')];
  const twice = [output(5, 1_000_000n, alice), output(0, 5_000_000n, alice)];
  await expect(book(twice)).rejects.toThrow(/was booked from block 7/);
  expect(await balance('alice')).toBe(before);
});
