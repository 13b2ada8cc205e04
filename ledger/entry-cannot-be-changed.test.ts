/** What is written stays written: no role that serves can change it, and the owner is told that it is append-only. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from './index.ts';
import { deposited, held, settled } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await deposited(database.custody, 'd', 'alice', 100n);
  await held(database.custody, 'h', 'alice', 10n);
  await settled(database.custody, 'h');
});
afterAll(() => database[Symbol.asyncDispose]());

const tables = [
  'transfer',
  'entry',
  'hold',
  'hold_post',
  'hold_end',
  'account',
  'total',
  'account_kind',
  'transfer_kind',
  'leg_kind',
  'credit_limit',
];

test('custody and the prover read every table and write none', async () => {
  for (const pool of [database.custody, database.prover]) {
    for (const table of tables) {
      expect((await pool.query(`select * from ledger.${table}`)).rowCount).toBeGreaterThan(0);
      for (const sql of [
        `delete from ledger.${table}`,
        `truncate ledger.${table} cascade`,
        `insert into ledger.${table} overriding system value select * from ledger.${table}`,
        `drop table ledger.${table} cascade`,
        `alter table ledger.${table} disable trigger all`,
      ]) {
        await expect(pool.query(sql), sql).rejects.toThrow(/permission denied|must be owner/);
      }
    }
    for (const sql of [
      "update ledger.account set balance = 1e9 where owner = 'alice'",
      'update ledger.entry set amount = amount * 2',
      "update ledger.transfer set about = 'other'",
      "update ledger.hold_end set kind = 'voided'",
      'update ledger.total set holdings = 1e9',
      'update ledger.credit_limit set floor = 1e30',
      'update ledger.hold set open = 0',
      'update ledger.transfer_kind set by_custody = true',
    ]) {
      await expect(pool.query(sql), sql).rejects.toThrow('permission denied');
    }
  }
});

async function granted(role: string) {
  const sql = `select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'ledger' and has_function_privilege($1, p.oid, 'execute') order by 1`;
  return (await database.admin.query<{ name: string }>(sql, [role])).rows.map(({ name }) => name);
}

test('custody calls two functions that write, the prover none', async () => {
  expect(await granted('kuramori_custody')).toEqual(['expire', 'post', 'proposal_digest', 'version_at']);
  expect(await granted('kuramori_prover')).toEqual(['proposal_digest', 'version_at']);
  expect(await granted('kuramori_person')).toEqual([
    'approve',
    'proposal_digest',
    'propose',
    'version_at',
    'withdraw',
  ]);
});

test('neither may become another role or make anything', async () => {
  for (const pool of [database.custody, database.prover]) {
    for (const sql of [
      'set role kuramori_ledger',
      'create schema other',
      'create table ledger.other (n int)',
      'create table public.other (n int)',
      "set session_replication_role = 'replica'",
      'create role other',
    ]) {
      await expect(pool.query(sql), sql).rejects.toThrow('permission denied');
    }
  }
});

test('the owner of the tables is refused too', async () => {
  for (const table of [
    'transfer',
    'entry',
    'account',
    'hold',
    'hold_post',
    'hold_end',
    'refusal',
    'proposal',
    'proposal_end',
  ]) {
    for (const sql of [`delete from ledger.${table}`, `truncate ledger.${table} cascade`]) {
      await expect(database.admin.query(sql), sql).rejects.toThrow('append-only');
    }
  }
  await expect(database.admin.query('update ledger.entry set amount = amount * 2')).rejects.toThrow(
    'append-only',
  );
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified', transfers: 2 });
});
