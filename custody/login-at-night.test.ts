/** A login with a stolen password: a person's while they sleep, custody's own from where custody is not, an administrator's at any hour. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { addPerson } from '@kuramori/ledger';
import { localTime } from '@kuramori/program';
import { testPasswords } from '../ledger/testing/database.ts';
import { LoginsConfig, lookAtLogins } from './logins.ts';
import { openNotices } from './notice.ts';
import { testHouse, type TestHouse } from './testing/house.ts';

let t: TestHouse;
beforeEach(async () => {
  t = await testHouse();
  await addPerson(t.database.admin, 'cho', 'person-for-tests');
});
afterEach(() => t[Symbol.asyncDispose]());

const administrator = () => ({ role: decodeURIComponent(new URL(t.database.adminUrl).username) });
/** By the database's own clock: the hours of the test lie around the real one, or away from it. */
const [working, asleep] = [
  { zone: 'UTC', from: '00:00', to: '24:00' },
  { zone: 'UTC', from: hourFromNow(2), to: hourFromNow(3) },
];
function hourFromNow(hours: number): string {
  return localTime('UTC', Date.now() + hours * 3_600_000).slice(11, 16);
}

async function look(hours: object, more: object = {}) {
  const logins = LoginsConfig.parse({ hours, expected: [administrator()], ...more });
  await lookAtLogins({ pool: t.house.pool, clock: t.house.clock, logins });
  return openNotices(t.house.pool);
}

async function login(user: string, password: string, application?: string): Promise<void> {
  const url = new URL(t.database.custodyUrl);
  [url.username, url.password] = [user, password];
  const client = new Client({ connectionString: url.href, application_name: application });
  await client.connect();
  await client.query('select 1');
  await client.end();
}

const cho = () => login('kuramori_person_cho', 'person-for-tests', 'psql');

describe('a person', () => {
  it('who works says nothing; one who logs in at night is a notice, once a night, however often and whoever knows of it', async () => {
    await cho();
    expect(await look(working)).toEqual([]);
    const told = await look(asleep);
    expect(told).toMatchObject([
      {
        key: expect.stringMatching(/^login:kuramori_person_cho:20\d\d-\d\d-\d\d$/) as string,
        severity: 'warning',
        what: expect.stringMatching(
          /^kuramori_person_cho logged in at the database from 127.0.0.1 \(psql\) at .* UTC, an odd hour/,
        ) as string,
      },
    ]);
    await t.database.custody.query('update custody.notice set acknowledged_at = 1');
    await login('kuramori_person_cho', 'person-for-tests', 'another');
    // A custody that starts anew knows it from the database.
    expect(await look(asleep)).toEqual([]);
  });

  it('whom the configuration expects may come at any hour', async () => {
    await cho();
    const expected = [administrator(), { role: 'kuramori_person_cho', address: '127.0.0.1' }];
    expect(await look(asleep, { expected })).toEqual([]);
    expect(
      await look(asleep, {
        expected: [administrator(), { role: 'kuramori_person_cho', address: '10.0.0.1' }],
      }),
    ).toHaveLength(1);
  });
});

describe('custody’s own password', () => {
  it('used by another program than ever: grave, at any hour, once', async () => {
    await t.house.pool.query('select 1');
    expect(await look(working)).toEqual([]);
    for (const application of ['psql', 'DBeaver', 'psql', undefined])
      await login('kuramori_custody', testPasswords.custody, application);
    const told = await look(working);
    expect(told.map(({ key, severity }) => [key, severity])).toEqual([
      ['login:kuramori_custody:127.0.0.1:psql', 'grave'],
      ['login:kuramori_custody:127.0.0.1:DBeaver', 'grave'],
    ]);
    await t.database.custody.query('update custody.notice set acknowledged_at = 1');
    expect(await look(working)).toEqual([]);
  });
});

describe('an administrator', () => {
  it('is told at any hour, where nobody said that it is expected', async () => {
    const password = decodeURIComponent(new URL(t.database.adminUrl).password);
    await login(administrator().role, password, 'psql');
    expect(await look(working)).toEqual([]);
    const told = await look(working, { expected: [{ ...administrator(), application: 'pg_dump' }] });
    expect(told.map(({ key }) => key)).toContainEqual(
      expect.stringMatching(new RegExp(`^login:${administrator().role}:127\\.0\\.0\\.1:`)),
    );
  });
});

describe('a trigger that is gone', () => {
  it('keeps nobody out, and is told for as long as it is; then logins are told again', async () => {
    await t.database.admin.query('alter table logins.login rename to taken_away');
    await cho();
    expect(await look(asleep)).toMatchObject([
      {
        key: 'logins:unwatched',
        severity: 'warning',
        what: expect.stringMatching(/logins.login is gone/) as string,
      },
    ]);
    expect(await look(asleep)).toHaveLength(1);
    await t.database.admin.query('alter table logins.taken_away rename to login');
    expect(await look(asleep)).toEqual([]);
    await cho();
    expect(await look(asleep)).toHaveLength(1);
  });
});
