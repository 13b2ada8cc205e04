/** Trading of a stopped asset is refused in the books as well: whatever the exchange's engine missed, nobody gets stolen coins by it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHouse, type TestHouse } from '../testing/house.ts';
import { openBoard } from './board.ts';
import type { Service } from './row.ts';

let clock = 0;
const board = openBoard(['nem:xem'], () => clock);
let t: TestHouse;
beforeAll(async () => {
  t = await testHouse({ house: () => ({ board }) });
  await t.rich('alice', '100');
  await t.rich('bob', '100');
});
afterAll(() => t[Symbol.asyncDispose]());

const rows = (trading: Service['state']): Service[] =>
  (['deposits', 'trading', 'withdrawals'] as const).map((service) => {
    const state = service === 'trading' ? trading : 'open';
    return { asset: 'nem:xem', service, state, why: 'frozen: a test', stop: 1, changed_at: new Date(0) };
  });
const post = async (operations: readonly object[]) => {
  const { body } = await t.ask({ path: '/v1/operations', body: { operations } });
  const results = body['results'] as { id: string; status: number; why: string | null }[];
  return results.map(({ id, status, why }) => [id, status, why]);
};
const trade = (id: string) => ({
  kind: 'trade',
  id,
  legs: [
    { customer: 'alice', asset: 'nem:xem', units: '-1000000' },
    { customer: 'bob', asset: 'nem:xem', units: '1000000' },
  ],
});
const order = (id: string) => ({ kind: 'hold', id, customer: 'alice', asset: 'nem:xem', units: '5' });

test('open, trades and reservations are booked', async () => {
  board.write(rows('open'), true);
  expect(await post([order('order-1'), trade('trade-1')])).toEqual([
    ['order-1', 201, null],
    ['trade-1', 201, null],
  ]);
});

test('stopped, neither is; what is reserved may be let go', async () => {
  board.write(rows('stopped'), true);
  expect(await post([trade('trade-2'), order('order-2'), { kind: 'release', id: 'order-1' }])).toEqual([
    ['trade-2', 503, 'trading-stopped'],
    ['order-2', 503, 'trading-stopped'],
    ['order-1', 201, null],
  ]);
});

test('opened again, the same trade is booked under its own id, once', async () => {
  board.write(rows('open'), true);
  expect(await post([trade('trade-2')])).toEqual([['trade-2', 201, null]]);
  expect(await post([trade('trade-2')])).toEqual([['trade-2', 200, null]]);
});

test('what nobody has read for a while counts as stopped', async () => {
  clock += 15_001;
  expect(await post([trade('trade-3')])).toEqual([['trade-3', 503, 'trading-stopped']]);
  board.write(rows('open'), false);
  expect(await post([trade('trade-3')])).toEqual([['trade-3', 201, null]]);
});
