/** A credited deposit whose block is gone (R23): the coins leave the books, and what was spent of them is due. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  claim,
  collect,
  customerBalances,
  deposit,
  hold,
  houseBalances,
  reverse,
  verify,
  type OwnFunds,
  type Owner,
} from './index.ts';
import { deposited, funded, held, hot, settled, sums } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await funded(database.custody, 'house', 1_000n);
});
afterAll(() => database[Symbol.asyncDispose]());

const customer = (name: string) => ({ kind: 'customer', customer: name }) as const;
const vanished = (id: string, units: bigint, of: Owner | OwnFunds) =>
  reverse(database.custody, { id: `reversal:${id}`, about: id, asset: XEM, units, from: hot, of });
const due = async (name: string) =>
  (await houseBalances(database.prover)).find(({ kind, owner }) => kind === 'receivable' && owner === name)
    ?.balance ?? 0n;

test('what is still there is taken back, once', async () => {
  await deposited(database.custody, 'd1', 'alice', 500n);
  const before = await sums(database.custody);
  expect(await vanished('d1', 500n, customer('alice'))).toEqual({
    kind: 'posted',
    id: 'reversal:d1',
    short: 0n,
  });
  expect(await vanished('d1', 500n, customer('alice'))).toMatchObject({ kind: 'repeated' });
  expect(await customerBalances(database.custody, 'alice')).toMatchObject([{ balance: 0n }]);
  expect(await sums(database.custody)).toEqual({
    claims: before.claims - 500n,
    holdings: before.holdings - 500n,
  });
});

test('what was withdrawn meanwhile is due, what is held for a payment stays held, and is paid back from what comes', async () => {
  await deposited(database.custody, 'd2', 'bob', 500n);
  await held(database.custody, 'w1', 'bob', 200n);
  await settled(database.custody, 'w1');
  await held(database.custody, 'w2', 'bob', 100n);
  expect(await vanished('d2', 500n, customer('bob'))).toMatchObject({ kind: 'posted', short: 300n });
  expect(await due('bob')).toBe(300n);
  expect(await customerBalances(database.custody, 'bob')).toMatchObject([
    { balance: 100n, held: 100n, available: 0n },
  ]);
  await deposited(database.custody, 'd3', 'bob', 350n);
  const paid = (id: string, units: bigint) =>
    collect(database.custody, { id, about: 'd2', asset: XEM, units, customer: 'bob' });
  expect(await paid('c1', 301n)).toMatchObject({ why: 'overdraft' });
  expect(await paid('c2', 300n)).toMatchObject({ kind: 'posted' });
  expect(await due('bob')).toBe(0n);
  expect(await customerBalances(database.custody, 'bob')).toMatchObject([
    { balance: 150n, held: 100n, available: 50n },
  ]);
});

test('an unclaimed one, one claimed as own funds, and an unclaimed one that is being returned', async () => {
  const unclaimed = (id: string) =>
    deposit(database.custody, {
      id,
      about: id,
      asset: XEM,
      units: 40n,
      into: hot,
      of: { kind: 'unclaimed' },
    });
  await unclaimed('u1');
  expect(await vanished('u1', 40n, { kind: 'unclaimed' })).toMatchObject({ short: 0n });
  await unclaimed('u2');
  await claim(database.custody, {
    id: 'own',
    deposit: 'u2',
    asset: XEM,
    units: 40n,
    by: { kind: 'own-funds' },
  });
  expect(await vanished('u2', 40n, { kind: 'own-funds' })).toMatchObject({ kind: 'posted' });
  // What the house gave back of coins that never were is its own loss.
  await unclaimed('u3');
  await hold(database.custody, { id: 'r', of: { kind: 'unclaimed' }, asset: XEM, amount: 39n, feeCap: 1n });
  expect(await vanished('u3', 40n, { kind: 'unclaimed' })).toMatchObject({ short: 40n });
  expect(await settled(database.custody, 'r', 1n)).toMatchObject({ kind: 'posted' });
  const verified = await verify(database.prover);
  expect(verified).toMatchObject({ kind: 'verified' });
});
