/** Whoever has taken the desk over, or its database password, looks at no customer without a line, moves nothing, and unwrites nothing. */
import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withdraw } from '../../custody/testing/withdrawals.ts';
import { testDesk, type Somebody, type TestDesk } from './testing/desk.ts';
import { hashOf } from './session.ts';

let d: TestDesk;
let operator: Somebody;
let id: string;
beforeAll(async () => {
  d = await testDesk();
  operator = await d.somebody('operator');
  await d.t.rich('alice', '1000');
  id = await withdraw({ t: d.t, people: d.t.people }, 'alice', '12.5');
});
afterAll(() => d[Symbol.asyncDispose]());

const refusedFor = (sql: string) =>
  d.pool.query(sql).then(
    () => 'done',
    (cause: { code: string }) => cause.code,
  );
const insufficient = '42501';

test('no table of the house’s is read or written by its login', async () => {
  const { rows } = await d.t.database.admin.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('custody', 'ledger', 'graphile_worker', 'logins') order by 1`,
  );
  expect(rows.length).toBeGreaterThan(40);
  for (const { name } of rows) {
    expect(await refusedFor(`select * from ${name} limit 1`), name).toBe(insufficient);
    expect(await refusedFor(`delete from ${name}`), name).toBe(insufficient);
  }
});

test('its password used from elsewhere is told as a service’s is', async () => {
  const { rows } = await d.t.database.admin.query(
    "select distinct kind from logins.login where role = 'kuramori_desk'",
  );
  expect(rows).toEqual([{ kind: 'service' }]);
});

test('no function of the house’s is called by it: nothing is posted, moved, stopped or opened', async () => {
  const { rows } = await d.t.database.admin.query<{ name: string }>(
    `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace s on s.oid = p.pronamespace
       where s.nspname in ('custody', 'ledger') and p.prorettype <> 'trigger'::regtype
         and has_function_privilege('kuramori_desk', p.oid, 'execute') and p.prosecdef`,
  );
  expect(rows).toEqual([]);
});

test('custody waits for no lock of its, and no more connections than a few are its', async () => {
  for (const sql of [
    "select pg_advisory_lock(hashtextextended('withdrawals of alice', 0))",
    "select pg_try_advisory_xact_lock(hashtextextended('services of nem:xem', 0))",
    'select pg_advisory_lock_shared(1, 2)',
  ])
    expect(await refusedFor(sql), sql).toBe(insufficient);
  const { rows } = await d.t.database.admin.query(
    "select rolconnlimit as most from pg_roles where rolname = 'kuramori_desk'",
  );
  expect(rows).toEqual([{ most: 20 }]);
});

test('nobody who is gone comes back by its hand, and no session that is over', async () => {
  const gone = await d.somebody('keeper');
  const ended = hash(gone).toString('hex');
  await d.pool.query(`update desk.session set ended_at = clock_timestamp() where hash = '\\x${ended}'`);
  for (const sql of [
    `update desk.session set ended_at = null where hash = '\\x${ended}'`,
    "insert into desk.person (name, role, administrator, handle, at) values ('x', 'auditor', true, sha256('x'), '2020-01-01')",
    "insert into desk.person (name, role, administrator, handle) values ('THE OPERATOR', 'auditor', true, sha256('x'))",
  ])
    expect(await refusedFor(sql), sql).not.toBe('done');
});

test('what was written of looking stays, and its own functions are its owner’s', async () => {
  for (const sql of [
    'delete from desk.viewing',
    'truncate desk.viewing',
    "update desk.shown set customers = '{}'",
    "insert into desk.viewing (person, session, what, about) values (1, '', 'withdrawal', '{}')",
    "insert into desk.shown (viewing, customers) values (1, '{}')",
    'drop function desk.withdrawal(bigint)',
    'create or replace function desk.withdrawal(bigint) returns jsonb language sql as $$ select null::jsonb $$',
    "update desk.person set role = 'operator'",
    'set role kuramori_desk_owner',
    'set role kuramori_custody',
  ])
    expect(await refusedFor(sql), sql).not.toBe('done');
  // Nor by an administrator in passing.
  await expect(d.t.database.admin.query('delete from desk.viewing')).rejects.toThrow('append-only');
});

const lines = async () =>
  (
    await d.t.database.admin.query(
      'select v.what, v.about, s.customers from desk.viewing v left join desk.shown s on s.viewing = v.number order by v.number',
    )
  ).rows;
const hash = ({ cookie }: Somebody) => hashOf(cookie.split('=')[1] ?? '');
const look = async (client: Pick<Client, 'query'>, session: Buffer) =>
  (
    await client.query<{ look: string }>("select desk.look($1, 'withdrawal', $2) as look", [
      session,
      JSON.stringify({ id }),
    ])
  ).rows[0]?.look;
const shown = (client: Pick<Client, 'query'>, line: string | undefined) =>
  client.query('select desk.withdrawal($1) as one', [line]);

test('a customer is shown to a session that there is, whose person may, and with a line', async () => {
  const before = (await lines()).length;
  await expect(look(d.pool, randomBytes(32))).rejects.toThrow('nobody with such a role');
  await expect(look(d.pool, hash(await d.somebody('viewer')))).rejects.toThrow('nobody with such a role');
  await expect(shown(d.pool, '999')).rejects.toThrow('no line says who looks');
  expect(await lines()).toHaveLength(before);
  expect((await shown(d.pool, await look(d.pool, hash(operator)))).rows).toMatchObject([{ one: { id } }]);
  expect((await lines()).slice(before)).toEqual([
    { what: 'withdrawal', about: { id }, customers: ['alice'] },
  ]);
});

test('a look that is rolled back has shown nothing, or left its line', async () => {
  const client = await d.pool.connect();
  try {
    // The line and the look in one, so that both could be taken back; and the same behind a savepoint.
    for (const between of ['select', 'savepoint a']) {
      await client.query('begin');
      await client.query(between);
      const line = await look(client, hash(operator));
      await expect(shown(client, line)).rejects.toThrow('no line says who looks');
      await client.query('rollback');
    }
    // The line is there, and what it showed is thrown away: that it showed something is not.
    const before = (await lines()).length;
    const line = await look(client, hash(operator));
    await client.query('begin');
    expect((await shown(client, line)).rows).toHaveLength(1);
    await client.query('rollback');
    expect((await lines()).slice(before)).toEqual([{ what: 'withdrawal', about: { id }, customers: null }]);
    // Nor is an old line good for a look from now.
    await d.t.database.admin.query('alter table desk.viewing disable trigger forgets_nothing');
    await d.t.database.admin.query("update desk.viewing set at = at - interval '1 minute'");
    await d.t.database.admin.query('alter table desk.viewing enable trigger forgets_nothing');
    await expect(shown(client, line)).rejects.toThrow('no line says who looks');
  } finally {
    client.release();
  }
});

test('one line shows once, and is about nothing that no auditor could read', async () => {
  const lookAt = async (about: object) =>
    (
      await d.pool.query<{ look: string }>("select desk.look($1, 'withdrawals', $2) as look", [
        hash(operator),
        JSON.stringify(about),
      ])
    ).rows[0]?.look;
  const line = await lookAt({ find: 'alice' });
  await d.pool.query('select desk.withdrawals($1)', [line]);
  await expect(d.pool.query('select desk.withdrawals($1)', [line])).rejects.toThrow('duplicate key');
  for (const about of [{ x: 1 }, { state: { a: 1 } }, { find: 3 }])
    await expect(lookAt(about)).rejects.toThrow('no look is about');
});

test('lists are written down by whom they showed, and the auditor reads it', async () => {
  const listed = await d.ask({ path: '/api/withdrawals?find=alice&state=held', cookie: operator.cookie });
  expect(listed).toMatchObject({ status: 200, body: { next: null } });
  const auditor = await d.somebody('auditor');
  const { body } = await d.ask({ path: '/api/viewings', cookie: auditor.cookie });
  expect((body['items'] as object[])[0]).toMatchObject({
    person: 'the operator',
    what: 'withdrawals',
    about: { find: 'alice', state: 'held' },
  });
});

test('what it has in memory is no key: a session’s value and a code stand nowhere', async () => {
  const { rows } = await d.t.database.admin.query(
    'select s::text as row from desk.session s union all select i::text from desk.invitation i',
  );
  const value = operator.cookie.split('=')[1] ?? '';
  expect(JSON.stringify(rows)).not.toContain(value);
  expect(JSON.stringify(rows)).not.toContain(Buffer.from(value).toString('hex'));
});
