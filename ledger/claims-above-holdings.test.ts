/** Invariant 6: no posting raises what customers claim above what is held. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { customerBalances, loss, verify } from './index.ts';
import { deposited, funded, hot, sums } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** As the owner of the ledger, since custody may not adjust at all. */
async function adjusted(id: string, customer: string, units: bigint) {
  const sql = 'select outcome from ledger.adjust($1, $1, $2, $3, $4)';
  const answer = await database.admin.query<{ outcome: string }>(sql, [id, customer, XEM, units.toString()]);
  return answer.rows[0]?.outcome;
}

test('a reward in the wrong unit is refused, one within own funds is booked', async () => {
  await deposited(database.custody, 'd1', 'alice', 1_000n);
  await funded(database.custody, 'house', 500n);
  expect(await adjusted('bithumb', 'alice', 620_000_000_000n)).toBe('claims-above-holdings');
  expect(await adjusted('one-too-many', 'alice', 501n)).toBe('claims-above-holdings');
  expect(await adjusted('reward', 'alice', 500n)).toBe('posted');
  expect(await adjusted('more', 'alice', 1n)).toBe('claims-above-holdings');
  expect(await sums(database.custody)).toEqual({ claims: 1_500n, holdings: 1_500n });
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});

test('many rewards at once do not find the same room', async () => {
  await funded(database.custody, 'house-2', 100n);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) => adjusted(`rush-${n}`, `customer-${n % 4}`, 10n)),
  );
  expect(outcomes.filter((outcome) => outcome === 'posted')).toHaveLength(10);
  expect(outcomes.filter((outcome) => outcome === 'claims-above-holdings')).toHaveLength(10);
});

test('custody cannot credit anybody without coins', async () => {
  const { custody } = database;
  const adjust = custody.query("select ledger.adjust('x', 'x', 'alice', 'nem:xem', 1)");
  await expect(adjust).rejects.toThrow('permission denied');
  const legs = JSON.stringify([
    { kind: 'own-funds', owner: '', asset: XEM, amount: '5' },
    { kind: 'customer', owner: 'alice', asset: XEM, amount: '-5' },
  ]);
  for (const kind of ['adjustment', 'withdrawal']) {
    const posted = custody.query("select ledger.post('x', $1, 'x', $2)", [kind, legs]);
    await expect(posted).rejects.toThrow(`a ${kind} is not posted by custody`);
  }
  // Nor under another name.
  for (const kind of ['deposit', 'claim', 'move', 'loss', 'network-fee']) {
    const posted = custody.query("select ledger.post('x', $1, 'x', $2)", [kind, legs]);
    await expect(posted).rejects.toThrow(/does not touch/);
  }
});

test('a loss beyond own funds is booked and shown; coins that come in later are still their owner’s', async () => {
  const { claims, holdings } = await sums(database.custody);
  await loss(database.custody, {
    id: 'theft',
    about: 'theft',
    asset: XEM,
    units: holdings - claims + 700n,
    from: hot,
  });
  expect(await verify(database.prover)).toEqual({
    kind: 'refuted',
    findings: [`claims on nem:xem are ${claims}, holdings ${claims - 700n}`],
  });
  expect(await adjusted('hide-it', 'alice', 1n)).toBe('claims-above-holdings');
  expect(await deposited(database.custody, 'later', 'zoe', 300n)).toMatchObject({ kind: 'posted' });
  expect(await customerBalances(database.custody, 'zoe')).toMatchObject([{ available: 300n }]);
  expect(await sums(database.custody)).toEqual({ claims: claims + 300n, holdings: claims - 400n });
});
