/** No event without its change, no change without its event, and none that a reader of the feed never sees. */
import { inTransaction } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { done } from '../testing/exchange.ts';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';
import { change, emit } from '../testing/receiver.ts';
import { number } from './feed.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
  await t.rich('alice', '100');
});
afterAll(() => t[Symbol.asyncDispose]());

const give = () => number(t.house.pool, ['hook'], t.clock.ms);
const events = () => Array.fromAsync(t.client.pages('listEvents', { query: { limit: 3 } }));
test('a withdrawal and its event are there together, or neither is', async () => {
  const destination = { address: person().address, memo: '' };
  const body = { customer: 'alice', asset: 'nem:xem', amount: xem('1'), destination, feeCap: xem('1') };
  const { id } = done(await t.client.call('requestWithdrawal', { body, idempotencyKey: 'one' })).body;
  const refused = await t.client.call('requestWithdrawal', {
    body: { ...body, amount: xem('1000') },
    idempotencyKey: 'two',
  });
  expect(refused.kind).toBe('problem');
  // Asked for and held: two steps, one moment.
  expect(await give()).toBe(2);
  const all = await events();
  expect(all.map(({ number: place, type }) => [place, type])).toEqual([
    [1, 'withdrawal.requested'],
    [2, 'withdrawal.held'],
  ]);
  expect(all[1]).toEqual({
    number: 2,
    kind: 'withdrawal',
    type: 'withdrawal.held',
    object: `withdrawal:${id}`,
    timestamp: new Date(t.clock.ms).toISOString(),
    data: {
      id,
      reason: 'withdrawal',
      state: 'held',
      why: null,
      customer: 'alice',
      deposit: null,
      asset: 'nem:xem',
      amount: xem('1'),
      fee: null,
      transaction: null,
      height: null,
    },
  });
});

test('what is rolled back is told to nobody, and leaves no gap', async () => {
  const failing = inTransaction(t.house.pool, async (client) => {
    await emit(client, 'gone');
    throw new Error('the change failed');
  });
  await expect(failing).rejects.toThrow('the change failed');
  await change(t.house, 'kept');
  expect(await give()).toBe(1);
  expect((await events()).map(({ number: place, object }) => [place, object])).toEqual([
    [1, expect.stringContaining('withdrawal:')],
    [2, expect.stringContaining('withdrawal:')],
    [3, 'deposit:kept'],
  ]);
});

test('one that is written first and committed last is not passed over by a reader who was there between', async () => {
  const cursor = done(await t.client.call('listEvents', {})).body.next;
  const slow = await t.house.pool.connect();
  await slow.query('begin');
  await emit(slow, 'slow');
  await change(t.house, 'quick');
  expect(await give()).toBe(1);
  const first = done(await t.client.call('listEvents', { query: { cursor: String(cursor) } })).body;
  expect(first.items.map(({ object }) => object)).toEqual(['deposit:quick']);
  await slow.query('commit');
  slow.release();
  expect(await give()).toBe(1);
  const second = done(await t.client.call('listEvents', { query: { cursor: String(first.next) } })).body;
  expect(second.items.map(({ object }) => object)).toEqual(['deposit:slow']);
  // At the end of the feed the cursor stays, for what comes later.
  const third = done(await t.client.call('listEvents', { query: { cursor: String(second.next) } })).body;
  expect(third).toEqual({ items: [], next: second.next });
});

test('numbered by many at once: no number twice, and no gap', async () => {
  const before = (await events()).length;
  await Promise.all(Array.from({ length: 40 }, (_, n) => change(t.house, `many-${n}`)));
  await Promise.all(Array.from({ length: 8 }, () => give()));
  const all = await events();
  expect(all).toHaveLength(before + 40);
  expect(all.map((event) => event.number)).toEqual(all.map((_, index) => index + 1));
});

test('custody’s role can neither alter nor take back what was told', async () => {
  for (const sql of [
    'delete from custody.event',
    'delete from custody.delivery',
    "update custody.event set data = '{}'",
    'update custody.event set number = number + 1000',
  ])
    await expect(t.house.pool.query(sql), sql).rejects.toThrow(/permission denied|has its number already/);
});
