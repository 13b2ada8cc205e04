/** A database of its own for a test file: a copy of a migrated template, dropped at the end. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Client, Pool } from 'pg';
import { addPerson, migrate, ledgerMigrations, type Migrations, type Passwords } from '../index.ts';

/** Roles are the server's, not the database's: every test file has the same. */
export const testPasswords: Passwords = { custody: 'custody-for-tests', prover: 'prover-for-tests' };

export interface TestDatabase extends AsyncDisposable {
  readonly adminUrl: string;
  readonly custodyUrl: string;
  /** Ends with the database. */
  readonly admin: Pool;
  readonly custody: Pool;
  readonly prover: Pool;
  readonly ann: Pool;
  readonly ben: Pool;
}

/** What makes the template, and the files that it depends on: another content is another template. */
export interface Template {
  readonly migrations: readonly Migrations[];
  readonly migrate: (adminUrl: string) => Promise<unknown>;
}

const ledgerTemplate: Template = {
  migrations: [ledgerMigrations],
  migrate: async (adminUrl) => {
    await migrate(adminUrl, testPasswords);
    await withClient(adminUrl, async (client) => {
      for (const name of people) await addPerson(client, name, personPassword);
    });
  },
};

/** People who may propose and approve. */
const people = ['ann', 'ben'] as const;
const personPassword = 'person-for-tests';

export async function testDatabase(template: Template = ledgerTemplate): Promise<TestDatabase> {
  const server = testServer();
  const database = `kuramori_test_${randomBytes(6).toString('hex')}`;
  const from = templateName(template);
  await withClient(server, async (client) => {
    // One file makes the template; the others wait for it.
    await client.query('select pg_advisory_lock(527001)');
    const found = await client.query('select from pg_database where datname = $1', [from]);
    if (found.rowCount === 0) {
      await client.query(`drop database if exists ${from}_new with (force)`);
      await client.query(`create database ${from}_new template template0`);
      await template.migrate(urlOf(server, `${from}_new`));
      await client.query(`alter database ${from}_new rename to ${from}`);
    }
    await client.query(`create database ${database} template ${from}`);
    await client.query('select pg_advisory_unlock(527001)');
  });
  const adminUrl = urlOf(server, database);
  const custodyUrl = urlOf(server, database, 'kuramori_custody', testPasswords.custody);
  const admin = new Pool({ connectionString: adminUrl, max: 4 });
  const custody = new Pool({ connectionString: custodyUrl, max: 16 });
  const prover = new Pool({
    connectionString: urlOf(server, database, 'kuramori_prover', testPasswords.prover),
    max: 2,
  });
  const personal = (name: (typeof people)[number]) =>
    new Pool({
      connectionString: urlOf(server, database, `kuramori_person_${name}`, personPassword),
      max: 2,
    });
  const [ann, ben] = [personal('ann'), personal('ben')];
  const pools = [admin, custody, prover, ann, ben];
  for (const pool of pools) {
    pool.on('error', broke);
    pool.on('connect', (client) => client.on('error', broke));
  }
  return {
    adminUrl,
    custodyUrl,
    admin,
    custody,
    prover,
    ann,
    ben,
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((pool) => pool.end()));
      await withClient(server, (client) => client.query(`drop database ${database}`));
    },
  };
}

/** An empty database: for the tests of migrating itself. */
export async function emptyDatabase(): Promise<AsyncDisposable & { readonly adminUrl: string }> {
  const server = testServer();
  const name = `kuramori_test_${randomBytes(6).toString('hex')}`;
  await withClient(server, (client) => client.query(`create database ${name} template template0`));
  return {
    adminUrl: urlOf(server, name),
    async [Symbol.asyncDispose]() {
      await withClient(server, (client) => client.query(`drop database ${name}`));
    },
  };
}

function broke(cause: Error): never {
  throw new Error('a connection of the test broke', { cause });
}

function testServer(): string {
  const server = process.env['KURAMORI_TEST_POSTGRES'];
  if (server === undefined) {
    throw new Error('set KURAMORI_TEST_POSTGRES to the URL of a superuser on a Postgres server for tests');
  }
  return server;
}

function templateName({ migrations }: Template): string {
  const hash = createHash('sha256');
  for (const { folder } of migrations) {
    for (const file of readdirSync(folder).sort()) hash.update(readFileSync(new URL(file, folder)));
  }
  return `kuramori_template_${hash.digest('hex').slice(0, 16)}`;
}

function urlOf(server: string, database: string, user?: string, password?: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  if (user !== undefined) url.username = user;
  if (password !== undefined) url.password = password;
  return url.href;
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
