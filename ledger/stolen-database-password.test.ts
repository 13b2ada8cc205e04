/** Who has a database password logs in with it: it is written down where they cannot unwrite it, and nobody is locked out by that. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from 'pg';
import { loginsOf, migrate, watchLogins, whyUnwatched, withDatabase } from './index.ts';
import { emptyDatabase, testDatabase, testPasswords, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const urlOf = (user: string, password: string) => {
  const url = new URL(database.custodyUrl);
  [url.username, url.password] = [user, password];
  return url.href;
};
const ann = () => urlOf('kuramori_person_ann', 'person-for-tests');
const prover = () => urlOf('kuramori_prover', testPasswords.prover);

/** Logs in, asks, and is gone. */
async function login(connectionString: string, more: { application?: string; options?: string } = {}) {
  const { application, options } = more;
  const client = new Client({ connectionString, application_name: application, options });
  await client.connect();
  try {
    return (await client.query<{ one: number }>('select 1 as one')).rows[0]?.one;
  } finally {
    await client.end();
  }
}
const written = async (role: string) =>
  (await loginsOf(database.prover, 60))
    .filter((one) => one.role === role)
    .map(({ kind, address, application }) => ({ kind, address, application }));

test('a person’s login, an administrator’s and the prover’s are written down; a busy pool is one line', async () => {
  await login(ann(), { application: 'psql' });
  expect(await written('kuramori_person_ann')).toEqual([
    { kind: 'person', address: '127.0.0.1', application: 'psql' },
  ]);
  const admin = decodeURIComponent(new URL(database.adminUrl).username);
  await login(database.adminUrl, { application: 'pg_dump' });
  expect(await written(admin)).toContainEqual({
    kind: 'administrator',
    address: '127.0.0.1',
    application: 'pg_dump',
  });
  await login(prover());
  expect(await written('kuramori_prover')).toContainEqual({
    kind: 'other',
    address: '127.0.0.1',
    application: '',
  });
  for (let turn = 0; turn < 5; turn += 1) await login(database.custodyUrl);
  await login(database.custodyUrl, { application: 'DBeaver' });
  expect(await written('kuramori_custody')).toEqual([
    { kind: 'service', address: '127.0.0.1', application: '' },
    { kind: 'service', address: '127.0.0.1', application: 'DBeaver' },
  ]);
});

test('whom it is about can neither write nor unwrite it; an administrator only by breaking it', async () => {
  for (const pool of [database.custody, database.prover, database.ann])
    for (const sql of [
      "insert into logins.login (role, kind, address, application) values ('x', 'person', '', '')",
      "update logins.login set role = 'x'",
      'delete from logins.login',
      'truncate logins.login',
      'drop table logins.login',
      'select logins.note()',
      'drop event trigger kuramori_logins',
    ])
      await expect(pool.query(sql), sql).rejects.toThrow(
        /permission denied|must be owner|can only be called/,
      );
  await expect(database.ann.query('select * from logins.login')).rejects.toThrow('permission denied');
  await expect(database.admin.query('delete from logins.login')).rejects.toThrow('DELETE is refused');
  await expect(database.admin.query('set role kuramori_ledger; delete from logins.login')).rejects.toThrow(
    'permission denied',
  );
});

describe('a session that would not be written down', () => {
  test('by asking for one that only reads: refused, but to an administrator', async () => {
    const options = '-c default_transaction_read_only=on';
    for (const url of [ann(), prover(), database.custodyUrl])
      await expect(login(url, { options })).rejects.toThrow('a login is written down');
    expect(await login(database.adminUrl, { options })).toBe(1);
  });

  test('by turning triggers off: an administrator’s right, and nobody else’s', async () => {
    const options = '-c event_triggers=off';
    await expect(login(ann(), { options })).rejects.toThrow('permission denied to set parameter');
    expect(await login(database.adminUrl, { application: 'unseen', options })).toBe(1);
    expect(JSON.stringify(await loginsOf(database.prover, 60))).not.toContain('unseen');
  });
});

describe('a trigger that is broken', () => {
  const repaired = async (broken: string, mended: string, why: RegExp) => {
    await database.admin.query(broken);
    for (const url of [ann(), prover(), database.custodyUrl, database.adminUrl])
      expect(await login(url), broken).toBe(1);
    expect(await whyUnwatched(database.custody)).toMatch(why);
    expect(await whyUnwatched(database.prover)).toMatch(why);
    await database.admin.query(mended);
    expect(await whyUnwatched(database.custody)).toBe(null);
  };

  test('keeps nobody out, and custody and the prover can say so', async () => {
    expect(await whyUnwatched(database.custody)).toBe(null);
    await repaired(
      'alter table logins.login rename to taken_away',
      'alter table logins.taken_away rename to login',
      /logins.login is gone/,
    );
    await repaired(
      'revoke select on logins.login from kuramori_custody, kuramori_prover',
      'grant select on logins.login to kuramori_custody, kuramori_prover',
      /may not be read/,
    );
    await repaired(
      'alter event trigger kuramori_logins disable',
      'alter event trigger kuramori_logins enable always',
      /is disabled/,
    );
    await repaired(
      'drop event trigger kuramori_logins',
      'create event trigger kuramori_logins on login execute function logins.note()',
      /trigger that writes logins down is gone/,
    );
    await repaired(
      "do $$ begin execute format('alter database %I set event_triggers = off', current_database()); end $$",
      "do $$ begin execute format('alter database %I reset event_triggers', current_database()); end $$",
      /event_triggers is off/,
    );
    await repaired(
      'alter role kuramori_person_ann set event_triggers = off',
      'alter role kuramori_person_ann reset event_triggers',
      /or for somebody/,
    );
  });
});

test('one who is no administrator cannot have logins watched, and is told who can', async () => {
  await expect(watchLogins(database.custody)).rejects.toThrow(
    "kuramori_custody may not watch logins: name a superuser's URL, once",
  );
});

test('migrated by one who is no superuser, the rest works, it is said that logins are not watched, and a superuser mends it', async () => {
  await using empty = await emptyDatabase();
  await withDatabase(empty.adminUrl, async (admin) => {
    const name = new URL(empty.adminUrl).pathname.slice(1);
    await admin.query("create role test_migrator createrole login password 'migrator-for-tests'");
    await admin.query(
      'grant kuramori_ledger, kuramori_custody, kuramori_prover, kuramori_person to test_migrator with admin option',
    );
    await admin.query(`alter database ${name} owner to test_migrator`);
    try {
      const own = new URL(empty.adminUrl);
      [own.username, own.password] = ['test_migrator', 'migrator-for-tests'];
      expect(await migrate(own.href, testPasswords)).toHaveLength(4);
      expect(await whyUnwatched(admin)).toMatch(/let an administrator run kuramori ledger watch-logins/);
      await expect(withDatabase(own.href, watchLogins)).rejects.toThrow('test_migrator may not watch logins');
      expect(await watchLogins(admin)).toEqual(['0001-logins.sql', '0002-desk.sql']);
      expect(await whyUnwatched(admin)).toBe(null);
      expect(await migrate(own.href, testPasswords)).toEqual([]);
      expect((await loginsOf(admin, 60)).map(({ role, kind }) => `${kind} ${role}`)).toContain(
        'other test_migrator',
      );
    } finally {
      await admin.query(`alter database ${name} owner to current_user`);
      await admin.query('drop owned by test_migrator cascade; drop role test_migrator');
    }
  });
});
