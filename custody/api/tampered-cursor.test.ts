/** Lists: every item once, whatever is added meanwhile; a cursor that is not this list's leads nowhere; no page is too large. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { done } from '../testing/exchange.ts';
import { testHouse, xem, person, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
const made: string[] = [];
let count = 0;
async function withdraw(customer = 'alice'): Promise<string> {
  count += 1;
  const destination = { address: person().address, memo: '' };
  const body = { customer, asset: 'nem:xem', amount: xem('1'), destination, feeCap: xem('1') };
  return done(await t.client.call('requestWithdrawal', { body, idempotencyKey: `list-${count}` })).body.id;
}

beforeAll(async () => {
  t = await testHouse();
  await t.rich('alice', '1000');
  await t.rich('bob', '1000');
  // Some of them in one and the same millisecond.
  for (let n = 0; n < 23; n += 1) {
    t.clock.ms += n % 3 === 0 ? 1 : 0;
    made.push(await withdraw(n % 5 === 0 ? 'bob' : 'alice'));
  }
});
afterAll(() => t[Symbol.asyncDispose]());

const list = async (query: object) => t.client.call('listWithdrawals', { query });
const refused = (field: string) => ({ kind: 'problem', problem: { status: 400, code: 'malformed', field } });
const next = async (query: object) => String(done(await list(query)).body.next);

test('page by page each item comes once, also while others are added', async () => {
  const seen: string[] = [];
  for await (const { id } of t.client.pages('listWithdrawals', { query: { limit: 4 } })) {
    seen.push(id);
    t.clock.ms += 1;
    if (seen.length % 5 === 0) await withdraw();
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.toSorted()).toEqual(made.toSorted());
});

test('a filter holds over the pages', async () => {
  const seen = await Array.fromAsync(
    t.client.pages('listWithdrawals', { query: { limit: 2, customer: 'bob', state: 'held' } }),
  );
  expect(seen).toHaveLength(5);
  expect(seen.every(({ customer }) => customer === 'bob')).toBe(true);
});

test.each([0, -1, 201, 1_000_000_000, 1.5, '1e2', '0x10', '', ' 5', '5 '])(
  'a page of %s is refused',
  async (limit) => {
    expect(await list({ limit })).toMatchObject(refused('limit'));
  },
);

test('the largest page there is', async () => {
  expect(done(await list({ limit: 200 })).body.items.length).toBeGreaterThanOrEqual(23);
});

test('a cursor of another filter, another list, or another page size', async () => {
  const cursor = await next({ limit: 3 });
  expect(await list({ cursor, customer: 'bob' })).toMatchObject(refused('cursor'));
  expect(await t.client.call('listDeposits', { query: { cursor } })).toMatchObject(refused('cursor'));
  expect(await t.client.call('listEvents', { query: { cursor } })).toMatchObject(refused('cursor'));
  expect(done(await list({ cursor, limit: 9 })).body.items).toHaveLength(9);
});

test('a cursor has one spelling', async () => {
  const cursor = await next({ limit: 3 });
  for (const altered of [
    `${cursor}=`,
    `${cursor}!`,
    ` ${cursor}`,
    `${cursor.slice(0, 4)}.${cursor.slice(4)}`,
  ])
    expect(await list({ cursor: altered }), altered).toMatchObject(refused('cursor'));
});

test('each letter of a cursor counts', async () => {
  const cursor = await next({ limit: 3 });
  for (let at = 0; at < cursor.length; at += 1) {
    const other = cursor[at] === 'A' ? 'B' : 'A';
    const altered = cursor.slice(0, at) + other + cursor.slice(at + 1);
    expect(await list({ cursor: altered }), altered).toMatchObject(refused('cursor'));
  }
});

test.each(['', 'x', 'null', '=', 'AAAAAAAAAAAAAAAA', 'A'.repeat(500), 'A'.repeat(501), "' or 1=1 --"])(
  'a cursor that is none: %s',
  async (cursor) => {
    expect(await list({ cursor })).toMatchObject(refused('cursor'));
  },
);
