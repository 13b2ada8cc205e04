/** Invariant 6: no posting raises what customers claim above what is held. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { customerBalances, loss, post, verify, type Operation } from './index.ts';
import { deposited, funded, hot, rewarded, sums } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const adjusted = (id: string, customer: string, units: bigint) => rewarded(database, id, customer, units);

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
  const legs = [
    { kind: 'own-funds', owner: '', asset: XEM, amount: 5n },
    { kind: 'customer', owner: 'alice', asset: XEM, amount: -5n },
  ];
  const posted = (kind: string) =>
    post(custody, [{ id: 'x', kind: kind as Operation['kind'], about: 'x', legs }]);
  for (const kind of ['adjustment', 'write-off'])
    await expect(posted(kind)).rejects.toThrow(`a ${kind} is not posted by custody`);
  // Nor under another name.
  for (const kind of [
    'deposit',
    'claim',
    'move',
    'loss',
    'network-fee',
    'trade',
    'withdrawal',
    'return',
    'reversal',
    'collection',
  ])
    await expect(posted(kind), kind).rejects.toThrow(/does not touch/);
  await expect(posted('gift')).rejects.toThrow('there is no transfer of kind gift');
  for (const name of ['apply', 'propose', 'approve'])
    await expect(custody.query(`select ledger.${name}(${nulls(name)})`)).rejects.toThrow('permission denied');
});

function nulls(name: string): string {
  return Array.from({ length: { apply: 13, propose: 5, approve: 2 }[name] ?? 0 }, () => 'null').join();
}

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
