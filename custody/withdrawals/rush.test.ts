/** A rush: everybody is taken, and nobody's thousand requests stand before another's first. Everyone can see when their turn comes. */
import { paymentsPerBlock } from '@kuramori/chains/nem/codec';
import { asNem } from '@kuramori/core';
import { inTransaction } from '@kuramori/ledger';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { giveTurns, placeOf } from './line.ts';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';
import { advance } from '../withdrawal.ts';

let t: TestHouse;
const destination = { address: person().address, memo: '' };
const customers = Array.from({ length: 100 }, (_, index) => `customer-${index}`);
beforeAll(async () => {
  t = await testHouse();
  for (const customer of ['alice', 'bob', 'carol', ...customers]) await t.rich(customer, '5000');
}, 120_000);
afterAll(() => t[Symbol.asyncDispose]());
// What an earlier test left is under way no more, and waits no more.
beforeEach(async () => {
  await t.database.admin.query(
    "update custody.withdrawal set state = 'final', queued_at = null, line = null where state <> 'final'",
  );
});

async function ask(customer: string, priority?: 'high' | 'normal' | 'low'): Promise<string> {
  const body = { customer, asset: 'nem:xem', amount: xem('1'), destination, feeCap: xem('1'), priority };
  const answer = await t.ask({ path: '/v1/withdrawals', body });
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['id']);
}

/** Asked, and screened: it stands in the line, or has its turn. */
async function queue(customer: string, priority?: 'high' | 'normal' | 'low'): Promise<string> {
  const id = await ask(customer, priority);
  await advance(t.house, id);
  await advance(t.house, id);
  return id;
}

/** Whoever has a turn is in a block; as many others have theirs. */
async function block(): Promise<readonly string[]> {
  await t.database.admin.query(
    "update custody.withdrawal set state = 'confirmed' where turn_at is not null and state = 'screened'",
  );
  await inTransaction(t.house.pool, (client) => giveTurns(t.house, client));
  const { rows } = await t.database.admin.query<{ id: string }>(
    "select id from custody.withdrawal where turn_at is not null and state = 'screened'",
  );
  return rows.map(({ id }) => id);
}
const place = (id: string) => placeOf(t.house, t.house.pool, id);

test('a block takes 40 payments of a 2-of-3, 30 of a 3-of-5, 120 of a single key', () => {
  const hot = asNem(t.house.hot);
  const five = { ...hot, threshold: 3, cosigners: [...hot.cosigners, ...hot.cosigners.slice(0, 2)] };
  const single = { ...hot, threshold: 1, cosigners: [{ publicKey: hot.publicKey, signer: 'signer-1' }] };
  expect([hot, five, single].map(paymentsPerBlock)).toEqual([40, 30, 120]);
});

test('no more than a block’s worth is under way; a thousand of one customer delay another’s first by one turn', async () => {
  const alices: string[] = [];
  for (let index = 0; index < 90; index += 1) alices.push(await queue('alice'));
  const [bob, ...carols] = [await queue('bob'), await queue('carol'), await queue('carol')];
  const { rows } = await t.database.admin.query(
    'select count(*) as n from custody.withdrawal where turn_at is not null and state = $1',
    ['screened'],
  );
  expect(rows).toEqual([{ n: '40' }]);
  // Alice's next, Bob's first, Carol's first, Alice's, Carol's second: then Alice's alone.
  expect(await place(bob)).toMatchObject({ ahead: 1 });
  expect(await place(carols[0] ?? '')).toMatchObject({ ahead: 2 });
  expect(await place(carols[1] ?? '')).toMatchObject({ ahead: 4 });
  expect(await place(alices.at(-1) ?? '')).toMatchObject({ ahead: 52 });
  const second = await block();
  expect(second).toHaveLength(40);
  for (const id of [bob, ...carols]) expect(second).toContain(id);
  expect(await block()).toHaveLength(13);
});

test('what is told of the place is what comes: in the order of the line, one by one', async () => {
  await block();
  for (let index = 0; index < 40; index += 1) await queue(customers[index] ?? '');
  const wanted = [
    'alice',
    'alice',
    'alice',
    'bob',
    'alice',
    'carol',
    'bob',
    'alice',
    'carol',
    'bob',
    'alice',
  ];
  const waiting: string[] = [];
  for (const customer of wanted) waiting.push(await queue(customer));
  const told = await Promise.all(waiting.map(async (id) => ({ id, ahead: (await place(id))?.ahead })));
  const inOrder = told.toSorted((a, b) => (a.ahead ?? 0) - (b.ahead ?? 0)).map(({ id }) => id);
  expect(told.map(({ ahead }) => ahead).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(
    wanted.map((_, at) => at),
  );
  const came: string[] = [];
  for (let turn = 1; turn <= wanted.length; turn += 1) {
    const paced = {
      ...t.house,
      rules: { ...t.house.rules, pace: { inFlight: 40 + turn, blockSeconds: 60 } },
    };
    await inTransaction(paced.pool, (client) => giveTurns(paced, client));
    for (const id of waiting) if ((await place(id)) === undefined && !came.includes(id)) came.push(id);
  }
  expect(came).toEqual(inOrder);
});

test('of thirteen turns nine are high, three normal and one low, while all wait; alone, each gets all', async () => {
  for (let index = 0; index < 40; index += 1) await queue('alice', 'low');
  for (let index = 0; index < 20; index += 1)
    for (const priority of ['low', 'normal', 'high'] as const) await queue(customers[index] ?? '', priority);
  await t.database.admin.query('update custody.lane set pass = 0');
  const count = async () => {
    const { rows } = await t.database.admin.query<{ priority: string; n: string }>(
      `select priority, count(*) as n from custody.withdrawal
         where turn_at is not null and state = 'screened' and customer <> 'alice' group by 1`,
    );
    return Object.fromEntries(rows.map(({ priority, n }) => [priority, Number(n)]));
  };
  const paced = (inFlight: number) => ({
    ...t.house,
    rules: { ...t.house.rules, pace: { inFlight, blockSeconds: 60 } },
  });
  await inTransaction(t.house.pool, (client) => giveTurns(paced(53), client));
  expect(await count()).toEqual({ high: 9, normal: 3, low: 1 });
  await inTransaction(t.house.pool, (client) => giveTurns(paced(66), client));
  expect(await count()).toEqual({ high: 18, normal: 6, low: 2 });
  await inTransaction(t.house.pool, (client) => giveTurns(paced(1000), client));
  expect(await count()).toEqual({ high: 20, normal: 20, low: 20 });
});

test('taken back out of the line: the customer’s next one stands there, and nobody loses a turn', async () => {
  for (let index = 0; index < 40; index += 1) await queue('alice');
  const [first, second] = [await queue('bob'), await queue('bob')];
  const other = await queue('carol');
  expect(await t.ask({ path: `/v1/withdrawals/${first}/cancel`, body: {} })).toMatchObject({ status: 200 });
  expect(await place(first)).toBeUndefined();
  expect(await place(other)).toMatchObject({ ahead: 0 });
  expect(await place(second)).toMatchObject({ ahead: 1 });
  expect(await block()).toEqual(expect.arrayContaining([second, other]));
});

test('three thousand requests of a hundred customers at once: taken, in line, each with its time', async () => {
  const began = performance.now();
  const ids: string[] = [];
  const wanted = Array.from({ length: 3_000 }, (_, index) => customers[(index * index) % 97] ?? 'customer-0');
  let next = 0;
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let at = next++; at < wanted.length; at = next++) ids.push(await ask(wanted[at] ?? ''));
    }),
  );
  const taken = (performance.now() - began) / 1000;
  next = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let at = next++; at < ids.length; at = next++) await advance(t.house, ids[at] ?? '');
    }),
  );
  const queued = (performance.now() - began) / 1000;
  const { rows } = await t.database.admin.query<{ customer: string; n: string }>(
    `select customer, count(*) as n from custody.withdrawal
       where queued_at is not null and turn_at is null group by 1`,
  );
  const waiting = rows.reduce((sum, { n }) => sum + Number(n), 0);
  expect(waiting).toBeGreaterThanOrEqual(2_960);
  // Everybody's first goes within as many turns as there are customers.
  const firsts = await Promise.all(
    rows.map(async ({ customer }) => {
      const found = await t.database.admin.query<{ id: string }>(
        'select id from custody.withdrawal where customer = $1 and queued_at is not null and turn_at is null order by arrival limit 1',
        [customer],
      );
      return place(found.rows[0]?.id ?? '');
    }),
  );
  for (const one of firsts) expect(one?.ahead).toBeLessThan(rows.length);
  const looked = performance.now();
  const last = await t.database.admin.query<{ id: string }>(
    `select id from custody.withdrawal where customer = $1 and queued_at is not null and turn_at is null order by arrival desc limit 1`,
    [rows.toSorted((a, b) => Number(b.n) - Number(a.n))[0]?.customer],
  );
  const latest = await place(last.rows[0]?.id ?? '');
  const lookMs = performance.now() - looked;
  // 2,960 at 40 a minute: the last has its turn within 75 minutes.
  expect(latest?.ahead).toBeGreaterThan(2_000);
  expect((latest?.turnAt ?? 0) - t.clock.ms).toBeLessThanOrEqual(75 * 60_000);
  process.stderr.write(
    `rush: 3,000 taken in ${taken.toFixed(1)} s, in line after ${queued.toFixed(1)} s; a place is told in ${lookMs.toFixed(0)} ms\n`,
  );
}, 240_000);
