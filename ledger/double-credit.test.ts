/** The same id is booked once, whoever repeats it, in whatever order and how often at once. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claim, customerBalances, deposit, inTransaction, verify } from './index.ts';
import { deposited, funded, held, hot, settled, sums, voided } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const balance = async (customer: string) => (await customerBalances(database.custody, customer))[0]?.balance;

test('a deposit delivered a hundred times at once is credited once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => deposited(database.custody, 'd', 'alice', 7n)),
  );
  expect(answers.filter(({ kind }) => kind === 'posted')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'repeated')).toHaveLength(99);
  expect(await balance('alice')).toBe(7n);
});

test('the same id with another body is refused: amount, customer, wallet', async () => {
  expect(await deposited(database.custody, 'd', 'alice', 8n)).toMatchObject({
    kind: 'refused',
    why: 'other-body',
  });
  expect(await deposited(database.custody, 'd', 'mallory', 7n)).toMatchObject({ why: 'other-body' });
  const cold = { kind: 'cold', wallet: 'cold' } as const;
  const of = { kind: 'customer', customer: 'alice' } as const;
  const elsewhere = { id: 'd', about: 'd', asset: XEM, units: 7n, into: cold, of };
  expect(await deposit(database.custody, elsewhere)).toMatchObject({ why: 'other-body' });
  expect(await balance('alice')).toBe(7n);
  expect(await balance('mallory')).toBeUndefined();
});

test('two bodies under one id at once: one is booked', async () => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => deposited(database.custody, 'race', `racer-${n % 4}`, 5n)),
  );
  expect(answers.filter(({ kind }) => kind === 'posted')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'repeated')).toHaveLength(9);
  expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(30);
});

test('a held deposit is claimed once, by one', async () => {
  const { custody } = database;
  await deposit(custody, {
    id: 'lost',
    about: 't',
    asset: XEM,
    units: 40n,
    into: hot,
    of: { kind: 'unclaimed' },
  });
  await deposit(custody, {
    id: 'lost-2',
    about: 't',
    asset: XEM,
    units: 40n,
    into: hot,
    of: { kind: 'unclaimed' },
  });
  const claims = await Promise.all(
    ['bob', 'carol', 'dave'].map((customer) =>
      claim(custody, {
        id: `claim-${customer}`,
        deposit: 'lost',
        asset: XEM,
        units: 40n,
        by: { kind: 'customer', customer },
      }),
    ),
  );
  expect(claims.filter(({ kind }) => kind === 'posted')).toHaveLength(1);
  expect(
    claims.filter((answer) => answer.kind === 'refused' && answer.why === 'already-claimed'),
  ).toHaveLength(2);
  const tooMuch = {
    id: 'more',
    deposit: 'lost-2',
    asset: XEM,
    units: 41n,
    by: { kind: 'own-funds' },
  } as const;
  expect(await claim(custody, tooMuch)).toMatchObject({ kind: 'refused', why: 'overdraft' });
});

test('a refusal leaves the caller’s transaction alive and nothing changed', async () => {
  const before = await sums(database.custody);
  await inTransaction(database.custody, async (client) => {
    const of = { kind: 'customer', customer: 'erin' } as const;
    await deposit(client, { id: 'd', about: 'd', asset: XEM, units: 9n, into: hot, of });
    await deposit(client, { id: 'e', about: 'e', asset: XEM, units: 9n, into: hot, of });
  });
  expect(await balance('erin')).toBe(9n);
  expect((await sums(database.custody)).claims).toBe(before.claims + 9n);
});

test('a withdrawal is settled once, and not after its money was returned', async () => {
  await deposited(database.custody, 'w', 'frank', 100n);
  await funded(database.custody, 'own', 100n);
  await held(database.custody, 'w1', 'frank', 50n, 5n);
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => settled(database.custody, 'w1', 3n)),
    ...Array.from({ length: 10 }, () => voided(database.custody, 'w1')),
  ]);
  expect(answers.filter(({ kind }) => kind === 'posted')).toHaveLength(1);
  expect([47n, 100n]).toContain(await balance('frank'));
  await held(database.custody, 'w2', 'frank', 20n, 5n);
  expect(await settled(database.custody, 'w2', 3n)).toMatchObject({ kind: 'posted' });
  expect(await settled(database.custody, 'w2', 3n)).toMatchObject({ kind: 'repeated' });
  expect(await settled(database.custody, 'w2', 4n)).toMatchObject({ why: 'other-body' });
  expect(await voided(database.custody, 'w2')).toMatchObject({ why: 'hold-posted' });
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});
