/** Nobody withdraws what they do not have, however many ask at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { customerBalances, verify } from './index.ts';
import { deposited, held, settled, voided } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const balance = async (customer: string) => (await customerBalances(database.custody, customer))[0];

test('fifty holds at once take what is there and no more', async () => {
  await deposited(database.custody, 'd1', 'alice', 1_000n);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => held(database.custody, `h${n}`, 'alice', 90n, 10n)),
  );
  expect(answers.filter(({ kind }) => kind === 'posted')).toHaveLength(10);
  expect(answers.filter((answer) => answer.kind === 'refused' && answer.why === 'overdraft')).toHaveLength(
    40,
  );
  expect(await balance('alice')).toMatchObject({ balance: 1_000n, held: 1_000n, available: 0n });
});

test('amount and fee cap are held together', async () => {
  await deposited(database.custody, 'd2', 'bob', 100n);
  expect(await held(database.custody, 'b1', 'bob', 100n, 1n)).toMatchObject({ why: 'overdraft' });
  expect(await held(database.custody, 'b2', 'bob', 99n, 1n)).toMatchObject({ kind: 'posted' });
  expect(await held(database.custody, 'b2', 'bob', 99n, 1n)).toMatchObject({ kind: 'repeated' });
  expect(await held(database.custody, 'b2', 'bob', 98n, 2n)).toMatchObject({ why: 'other-body' });
  expect(await held(database.custody, 'b2', 'alice', 99n, 1n)).toMatchObject({ why: 'other-body' });
});

test('what is returned is available again, and what the fee did not use', async () => {
  expect(await voided(database.custody, 'b2')).toMatchObject({ kind: 'posted' });
  expect(await voided(database.custody, 'b2')).toMatchObject({ kind: 'repeated' });
  expect(await balance('bob')).toMatchObject({ balance: 100n, held: 0n });
  await held(database.custody, 'b3', 'bob', 50n, 10n);
  expect(await settled(database.custody, 'b3', 4n)).toMatchObject({ kind: 'posted' });
  expect(await balance('bob')).toMatchObject({ balance: 46n, held: 0n, available: 46n });
});

test('a fee above the cap is not the customer’s', async () => {
  await held(database.custody, 'b4', 'bob', 10n, 2n);
  expect(await settled(database.custody, 'b4', 5n, 3n)).toMatchObject({ why: 'over-fee-cap' });
  expect(await settled(database.custody, 'b4', 5n, 2n)).toMatchObject({ kind: 'posted' });
  expect(await balance('bob')).toMatchObject({ balance: 34n, held: 0n });
  const own = "select balance::text from ledger.account where kind = 'own-funds'";
  expect((await database.prover.query(own)).rows).toEqual([{ balance: '-3' }]);
  // Below zero own funds mean that claims are above holdings: `verify` says so until somebody pays in.
  expect(await verify(database.prover)).toMatchObject({ kind: 'refuted' });
});

test('a customer of whom nothing is known has nothing', async () => {
  expect(await held(database.custody, 'n1', 'nobody', 1n)).toMatchObject({ why: 'overdraft' });
  expect(await voided(database.custody, 'n1')).toMatchObject({ why: 'unknown-hold' });
  expect(await settled(database.custody, 'n1')).toMatchObject({ why: 'unknown-hold' });
});

test('even the owner of the tables cannot overdraw', async () => {
  const update = database.admin.query("update ledger.account set held = balance + 1 where owner = 'bob'");
  await expect(update).rejects.toThrow('never_overdrawn');
});
