/** A trade is done whole or not at all, of every asset in it, and nobody trades what an order has reserved for another. */
import { XEM, type Asset } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deposit, expireHolds, hold, inTransaction, trade, verify, voidHold, type Trade } from './index.ts';
import { deposited, hot } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

const gold = 'test:gold' as Asset;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.admin.query("insert into ledger.credit_limit values ('test:gold', 1000, 5)");
  await deposited(database.custody, 'd', 'alice', 1_000n);
  const of = { kind: 'customer', customer: 'bob' } as const;
  await deposit(database.custody, { id: 'g', about: 'g', asset: gold, units: 50n, into: hot, of });
});
afterAll(() => database[Symbol.asyncDispose]());

const posted = (given: Trade) => inTransaction(database.custody, (client) => trade(client, given));
/** `core` knows no asset of this name, so its balances are read past the schema. */
async function has(customer: string, asset: Asset) {
  const sql =
    "select balance::text, held::text, version::int from ledger.account where kind = 'customer' and owner = $1 and asset = $2";
  return (
    await database.prover.query<{ balance: string; held: string; version: number }>(sql, [customer, asset])
  ).rows[0];
}

test('two assets, four customers’ legs and a fee: all of it', async () => {
  const legs = [
    { customer: 'alice', asset: XEM, units: -100n },
    { customer: 'bob', asset: XEM, units: 99n },
    { customer: null, asset: XEM, units: 1n },
    { customer: 'bob', asset: gold, units: -5n },
    { customer: 'alice', asset: gold, units: 5n },
  ];
  expect(await posted({ id: 't1', about: 't1', legs })).toMatchObject({ kind: 'posted' });
  expect(await posted({ id: 't1', about: 't1', legs })).toMatchObject({ kind: 'repeated' });
  expect(await posted({ id: 't1', about: 't1', legs: legs.toReversed() })).toMatchObject({
    why: 'other-body',
  });
  expect(await has('alice', gold)).toEqual({ balance: '5', held: '0', version: 1 });
  expect(await has('bob', gold)).toEqual({ balance: '45', held: '0', version: 2 });
});

test('one leg that cannot be: none of it, and the answer stays no', async () => {
  const before = [await has('alice', XEM), await has('bob', gold)];
  const legs = [
    { customer: 'alice', asset: XEM, units: -100n },
    { customer: 'bob', asset: XEM, units: 100n },
    { customer: 'bob', asset: gold, units: -46n },
    { customer: 'alice', asset: gold, units: 46n },
  ];
  expect(await posted({ id: 't2', about: 't2', legs })).toMatchObject({ why: 'overdraft' });
  expect([await has('alice', XEM), await has('bob', gold)]).toEqual(before);
  const of = { kind: 'customer', customer: 'bob' } as const;
  await deposit(database.custody, { id: 'g2', about: 'g2', asset: gold, units: 10n, into: hot, of });
  expect(await posted({ id: 't2', about: 't2', legs })).toMatchObject({ why: 'overdraft' });
  expect(await posted({ id: 't3', about: 't3', legs })).toMatchObject({ kind: 'posted' });
});

test('an order filled in parts: each part once, never more than was reserved, the rest free at the end', async () => {
  const order = { id: 'order', of: { kind: 'customer', customer: 'alice' } as const, asset: XEM };
  const reserved = () =>
    inTransaction(database.custody, (client) => hold(client, { ...order, amount: 300n, feeCap: 0n }));
  expect(await reserved()).toMatchObject({ kind: 'posted' });
  const fill = (id: string, units: bigint, closes = false) =>
    posted({
      id,
      about: 'order',
      closes,
      legs: [
        { customer: 'alice', asset: XEM, units: -units, hold: 'order' },
        { customer: 'bob', asset: XEM, units },
      ],
    });
  expect(await fill('f1', 100n)).toMatchObject({ kind: 'posted' });
  expect(await fill('f1', 100n)).toMatchObject({ kind: 'repeated' });
  expect(await has('alice', XEM)).toMatchObject({ held: '200' });
  expect(await fill('f2', 201n)).toMatchObject({ why: 'over-hold' });
  const both = await Promise.all([fill('f3', 150n), fill('f4', 150n)]);
  expect(both.map((answer) => (answer.kind === 'refused' ? answer.why : answer.kind)).sort()).toEqual([
    'over-hold',
    'posted',
  ]);
  expect(await fill('f5', 10n, true)).toMatchObject({ kind: 'posted' });
  expect(await has('alice', XEM)).toMatchObject({ held: '0' });
  expect(await fill('f6', 1n)).toMatchObject({ why: 'hold-posted' });
  const freed = await inTransaction(database.custody, (client) => voidHold(client, 'order', 'test'));
  expect(freed).toMatchObject({ why: 'hold-posted' });
});

test('another’s reservation pays nothing', async () => {
  await inTransaction(database.custody, (client) =>
    hold(client, {
      id: 'bobs',
      of: { kind: 'customer', customer: 'bob' },
      asset: XEM,
      amount: 10n,
      feeCap: 0n,
    }),
  );
  const legs = [
    { customer: 'alice', asset: XEM, units: -10n, hold: 'bobs' },
    { customer: 'mallory', asset: XEM, units: 10n },
  ];
  expect(await posted({ id: 'm', about: 'm', legs })).toMatchObject({ why: 'unknown-hold' });
});

test('a reservation whose time is over pays nothing more and is freed by itself', async () => {
  const expires = new Date(Date.now() + 300);
  await inTransaction(database.custody, (client) =>
    hold(client, {
      id: 'short',
      of: { kind: 'customer', customer: 'bob' },
      asset: gold,
      amount: 3n,
      feeCap: 0n,
      expires,
    }),
  );
  expect(await expireHolds(database.custody)).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 350));
  const legs = [
    { customer: 'bob', asset: gold, units: -1n, hold: 'short' },
    { customer: 'alice', asset: gold, units: 1n },
  ];
  expect(await posted({ id: 'late', about: 'late', legs })).toMatchObject({ why: 'hold-expired' });
  expect(await has('bob', gold)).toMatchObject({ held: '3' });
  expect(await expireHolds(database.custody)).toBe(1);
  expect(await has('bob', gold)).toMatchObject({ held: '0' });
  expect(await expireHolds(database.custody)).toBe(0);
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});
