/** Bithumb, 6 Feb 2026: 620,000 BTC in a wrong unit. A credit far beyond the day's usual one is no one person's to post. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction, post, trade, tradeOf, verify } from './index.ts';
import { approved, deposited, proposed } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  // Up to 1,000 always; then a hundred times the median.
  await database.admin.query(
    "update ledger.credit_limit set floor = 1000, multiple = 100 where asset = 'nem:xem'",
  );
  await deposited(database.custody, 'd', 'promotions', 10_000_000n);
});
afterAll(() => database[Symbol.asyncDispose]());

const legs = (to: string, units: bigint) => [
  { customer: 'promotions', asset: XEM, units: -units },
  { customer: to, asset: XEM, units },
];
const credited = (id: string, to: string, units: bigint) =>
  inTransaction(database.custody, (client) =>
    trade(client, { id, about: 'promotion', legs: legs(to, units) }),
  );

test('without a history the floor holds', async () => {
  expect(await credited('first', 'alice', 1_000n)).toMatchObject({ kind: 'posted' });
  expect(await credited('one-more', 'alice', 1_001n)).toMatchObject({ why: 'needs-two-people' });
});

test('with one it is the multiple of the median, also within one batch, and however the credit is cut over customers', async () => {
  const small = Array.from({ length: 150 }, (_, n) => ({
    id: `s${n}`,
    about: 'promotion',
    legs: legs(`c${n % 7}`, 60n),
  }));
  const answers = await inTransaction(database.custody, (client) => post(client, small.map(tradeOf)));
  expect(answers.every(({ kind }) => kind === 'posted')).toBe(true);
  // The median is 60, counted as 50.
  expect(await credited('usual', 'alice', 5_000n)).toMatchObject({ kind: 'posted' });
  expect(await credited('unit', 'alice', 5_001n)).toMatchObject({ why: 'needs-two-people' });
  const cut = [
    { customer: 'promotions', asset: XEM, units: -5_001n },
    { customer: 'a1', asset: XEM, units: 2_500n },
    { customer: 'a2', asset: XEM, units: 2_501n },
  ];
  const many = await inTransaction(database.custody, (client) =>
    trade(client, { id: 'cut', about: 'promotion', legs: cut }),
  );
  expect(many).toMatchObject({ why: 'needs-two-people' });
});

test('an asset without a limit has no such posting', async () => {
  await database.admin.query("delete from ledger.credit_limit where asset = 'nem:xem'");
  expect(await credited('no-limit', 'alice', 1n)).toMatchObject({ why: 'needs-two-people' });
  await database.admin.query("insert into ledger.credit_limit values ('nem:xem', 1000, 100)");
});

test('two people post it: what custody was refused under this id, as they saw it', async () => {
  const written = [
    { kind: 'customer', owner: 'promotions', asset: XEM as string, amount: '5001' },
    { kind: 'customer', owner: 'alice', asset: XEM as string, amount: '-5001' },
  ];
  await proposed(database, { id: 'unit', kind: 'trade', legs: written });
  expect(await approved(database.ben, 'unit')).toBe('posted');
  expect(await credited('unit', 'alice', 5_001n)).toMatchObject({ why: 'other-body' });
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});
