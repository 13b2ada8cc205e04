/** A taken custody tells of no login: whoever has the prover's URL reads them all the same. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, testPasswords, type TestDatabase } from '../ledger/testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

function kuramori(...args: readonly string[]) {
  const url = new URL(database.custodyUrl);
  [url.username, url.password] = ['kuramori_prover', testPasswords.prover];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/main.ts', 'ledger', ...args], {
    env: { ...process.env, DATABASE_URL: url.href },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('each login in a line, as a table or as JSON; verify says whether they are written down', async () => {
  await database.ann.query('select 1');
  await database.ben.query('select 1');
  const { status, stdout } = kuramori('logins');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^20\S+Z {2}person {9}kuramori_person_ann {2}127\.0\.0\.1 {2}""$/m);
  const lines = kuramori('logins', '--json', '--days', '1').stdout.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { role: string }).role)).toEqual(
    expect.arrayContaining(['kuramori_person_ann', 'kuramori_person_ben', 'kuramori_prover']),
  );
  expect(kuramori('verify').stdout).toMatch(/^verified: .*\nlogins are written down: ledger logins$/m);
  expect(kuramori('logins', '--days', '0').stderr).toMatch(/--days: must be a number of days/);
  expect(kuramori('watch-logins').stderr).toMatch(/kuramori_prover may not watch logins/);
  await database.admin.query('drop event trigger kuramori_logins');
  expect(kuramori('logins').stderr).toMatch(/the trigger that writes logins down is gone/);
  expect(JSON.parse(kuramori('verify', '--json').stdout)).toMatchObject({
    kind: 'verified',
    loginsUnwatched: expect.stringMatching(/is gone/) as string,
  });
}, 60_000);
