/** A migration is applied once, and a file that was applied does not change. */
import { cpSync, mkdtempSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyMigrations, expectMigrated, ledgerMigrations, migrate } from './index.ts';
import { emptyDatabase, testPasswords } from './testing/database.ts';
import { scramVerifier } from './roles.ts';

let database: Awaited<ReturnType<typeof emptyDatabase>>;
const folder = mkdtempSync(`${tmpdir()}/kuramori-migrations-`);
const copied = { ...ledgerMigrations, folder: pathToFileURL(`${folder}/`) };
beforeAll(async () => {
  database = await emptyDatabase();
  cpSync(ledgerMigrations.folder, folder, { recursive: true });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database[Symbol.asyncDispose]();
});

async function withAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test('an empty database is told so, and migrating twice at once applies each file once', async () => {
  await expect(withAdmin((client) => expectMigrated(client, ledgerMigrations))).rejects.toThrow(
    'migrate it first',
  );
  await migrate(database.adminUrl, testPasswords);
  const again = await Promise.all(
    [1, 2].map(() => withAdmin((client) => applyMigrations(client, ledgerMigrations))),
  );
  expect(again).toEqual([[], []]);
  await withAdmin((client) => expectMigrated(client, ledgerMigrations));
});

test('a changed file is an error that says which and what to do', async () => {
  appendFileSync(`${folder}/0002-posting.sql`, '-- changed\n');
  const applied = withAdmin((client) => applyMigrations(client, copied));
  await expect(applied).rejects.toThrow(
    /ledger: 0002-posting.sql was changed after it was applied .* put the applied file back/,
  );
});

test('a file that fails changes nothing', async () => {
  cpSync(ledgerMigrations.folder, folder, { recursive: true });
  writeFileSync(`${folder}/0005-broken.sql`, 'create table ledger.new (n int); select 1/0;');
  await expect(withAdmin((client) => applyMigrations(client, copied))).rejects.toThrow('division by zero');
  const there = await withAdmin((client) => client.query("select to_regclass('ledger.new') as found"));
  expect(there.rows).toEqual([{ found: null }]);
  await expect(withAdmin((client) => expectMigrated(client, copied))).rejects.toThrow(
    '0005-broken.sql is not applied',
  );
});

test('a gap in the numbers and a folder older than the database are errors', async () => {
  rmSync(`${folder}/0002-posting.sql`);
  await expect(withAdmin((client) => applyMigrations(client, copied))).rejects.toThrow(
    'it must be called 0002-',
  );
  rmSync(`${folder}/0003-two-people.sql`);
  rmSync(`${folder}/0004-rights.sql`);
  rmSync(`${folder}/0005-broken.sql`);
  await expect(withAdmin((client) => applyMigrations(client, copied))).rejects.toThrow(
    'older than the database',
  );
});

test('RFC 7677 §3: the verifier of its example', () => {
  // The example's password is short, so its keys are checked with one of our length computed by Postgres 18.
  const verifier = scramVerifier(
    'kuramori-sample-password',
    Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'),
  );
  expect(verifier).toMatch(
    /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/,
  );
  expect(() => scramVerifier('short')).toThrow('16 to 128');
});
