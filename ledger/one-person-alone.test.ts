/** What takes two people takes two: one alone, under whatever name, posts nothing. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from './index.ts';
import { approved, deposited, funded, proposed, rewarded, sums } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await deposited(database.custody, 'd', 'alice', 100n);
  await funded(database.custody, 'house', 1_000n);
});
afterAll(() => database[Symbol.asyncDispose]());

const legs = (units: bigint, to = 'alice') => [
  { kind: 'own-funds', owner: '', asset: XEM as string, amount: `${units}` },
  { kind: 'customer', owner: to, asset: XEM as string, amount: `-${units}` },
];
const digest = async (id: string) =>
  (
    await database.ann.query<{ digest: string }>('select digest from ledger.open_proposal where id = $1', [
      id,
    ])
  ).rows[0]?.digest;

test('nobody approves what they proposed, by any role that they can take', async () => {
  await proposed(database, { id: 'p1', legs: legs(10n) });
  await expect(approved(database.ann, 'p1')).rejects.toThrow(
    'kuramori_person_ann proposed p1 and cannot approve it',
  );
  for (const sql of [
    'set role kuramori_person_ben',
    'set session authorization kuramori_person_ben',
    'set role kuramori_person',
    'set role kuramori_ledger',
    'select ledger.post(null, null, null, null, null, null, null, null, null, null, null, null)',
    "insert into ledger.proposal_end values ('p1', 'posted', 'ben')",
    "update ledger.proposal set proposed_by = 'ben'",
  ])
    await expect(database.ann.query(sql), sql).rejects.toThrow('permission denied');
  expect(await approved(database.ben, 'p1')).toBe('posted');
  await expect(database.ben.query('select ledger.approve($1, $2)', ['p1', ''])).rejects.toThrow('has ended');
});

test('custody and the prover neither propose nor approve', async () => {
  for (const pool of [database.custody, database.prover]) {
    await expect(
      pool.query("select ledger.propose('x', 'adjustment', 'x', 'because of this', '[]')"),
    ).rejects.toThrow('permission denied');
    await expect(pool.query("select ledger.approve('p1', '')")).rejects.toThrow('permission denied');
  }
});

test('what was approved is what was shown', async () => {
  await proposed(database, { id: 'p2', legs: legs(10n) });
  const shown = await digest('p2');
  await database.admin.query(
    "set session_replication_role = 'replica'; update ledger.proposal set legs = jsonb_set(legs, '{0,amount}', '\"999\"') where id = 'p2'; set session_replication_role = 'origin'",
  );
  await expect(database.ben.query('select ledger.approve($1, $2)', ['p2', shown])).rejects.toThrow(
    'is not what was approved',
  );
});

test('only what people post: no deposit, no loss, nothing unbalanced, nothing under a known id', async () => {
  for (const kind of ['deposit', 'loss', 'withdrawal', 'claim', 'move'])
    await expect(proposed(database, { id: `k-${kind}`, kind, legs: legs(1n) })).rejects.toThrow(
      `a ${kind} is not posted by people`,
    );
  await expect(proposed(database, { id: 'd', legs: legs(1n) })).rejects.toThrow('is posted already');
  const [first] = legs(1n);
  await proposed(database, { id: 'half', legs: first ? [first] : [] });
  await expect(approved(database.ben, 'half')).rejects.toThrow('fewer than two legs');
  await expect(proposed(database, { id: 'half', legs: legs(1n) })).rejects.toThrow('proposal_pkey');
});

test('even two people raise no claim above what is held', async () => {
  expect(await rewarded(database, 'too-much', 'alice', 10_000n)).toBe('claims-above-holdings');
});

test('two approvals at once post once; a proposal that was taken back posts never', async () => {
  await proposed(database, { id: 'race', legs: legs(5n) });
  const before = await sums(database.custody);
  const outcomes = await Promise.allSettled([approved(database.ben, 'race'), approved(database.ben, 'race')]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await sums(database.custody)).claims).toBe(before.claims + 5n);
  await proposed(database, { id: 'back', legs: legs(5n) });
  const shown = await digest('back');
  await database.ann.query("select ledger.withdraw('back')");
  await expect(database.ben.query('select ledger.approve($1, $2)', ['back', shown])).rejects.toThrow(
    'has ended',
  );
  await expect(database.ben.query("select ledger.withdraw('race')")).rejects.toThrow('has ended');
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});
