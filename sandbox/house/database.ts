/** Custody's database: made, brought up to date by an administrator, and its URL handed to custody in a file of mode 0600. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { deskRole, migrateDesk } from '@kuramori/console';
import { migrateCustody } from '@kuramori/custody';
import { addPerson, custodyRole, proverRole, withDatabase } from '@kuramori/ledger';
import { Misconfigured, reasonOf, replaceFile } from '@kuramori/program';
import { secret } from './people.ts';
import type { HousePlan } from './plan.ts';

/** Each has a login of their own. */
export const databasePeople = ['ann', 'ben'] as const;

const password = () => randomBytes(24).toString('base64url');

export interface Prepared {
  /** The file that holds custody's URL. */
  readonly custodyUrlFile: string;
  /** The desk's; of no use where the house has none. */
  readonly deskUrlFile: string;
  /** The administrator's URL of the same database. */
  readonly adminUrl: string;
}

/** Makes the database, or brings it up to date. Safe to repeat. */
export async function prepareDatabase(plan: HousePlan, serverUrl: string): Promise<Prepared> {
  const folder = join(plan.folder, 'database');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A server of one's own brings its database; in the sandbox's server we make one.
  const url = plan.databaseUrl ?? (await makeDatabase(serverUrl, 'kuramori'));
  if (plan.databaseUrl !== null) await (await connectTo(url)).end();
  const passwords = {
    custody: secret(join(folder, 'custody'), password),
    prover: secret(join(folder, 'prover'), password),
  };
  await migrateCustody(url, passwords);
  const custodyUrl = new URL(url);
  custodyUrl.username = custodyRole;
  custodyUrl.password = passwords.custody;
  const custodyFolder = join(plan.folder, 'custody');
  mkdirSync(custodyFolder, { recursive: true, mode: 0o700 });
  const file = join(custodyFolder, 'database-url');
  replaceFile(file, `${custodyUrl.href}\n`);
  const deskUrlFile = join(plan.folder, 'desk', 'database-url');
  if (plan.desk) {
    const mine = secret(join(folder, 'desk'), password);
    await migrateDesk(url, mine);
    [custodyUrl.username, custodyUrl.password] = [deskRole, mine];
    mkdirSync(join(plan.folder, 'desk'), { recursive: true, mode: 0o700 });
    replaceFile(deskUrlFile, `${custodyUrl.href}\n`);
  }
  // For whoever verifies and proves, who may read and nothing else.
  custodyUrl.username = proverRole;
  custodyUrl.password = passwords.prover;
  replaceFile(join(folder, 'prover-url'), `${custodyUrl.href}\n`);
  // Two people who reopen services, and approve what the ledger asks two people about.
  for (const name of databasePeople) {
    custodyUrl.password = secret(join(folder, `person-${name}`), password);
    custodyUrl.username = await withDatabase(url, (client) => addPerson(client, name, custodyUrl.password));
    replaceFile(join(folder, `person-${name}-url`), `${custodyUrl.href}\n`);
  }
  return { custodyUrlFile: file, deskUrlFile, adminUrl: url };
}

/** Throws where a database already holds books: those of another chain would be read as this one's. */
export async function mustBeEmpty(url: string): Promise<void> {
  const client = await connectTo(url);
  try {
    const found = await client.query("select 1 from pg_namespace where nspname in ('ledger', 'custody')");
    if (found.rowCount !== 0) {
      throw new Misconfigured(
        'DATABASE_URL: this database already holds the books of a house: give an empty one, or start without --fresh from the folder that they belong to',
      );
    }
  } finally {
    await client.end();
  }
}

/** A connection by the URL that somebody gave. Throws Misconfigured, which names the variable and never the password. */
async function connectTo(url: string): Promise<Client> {
  if (!/^postgres(?:ql)?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Misconfigured('DATABASE_URL: must be postgres://user:password@host:port/database');
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
  } catch (cause) {
    throw new Misconfigured(
      `DATABASE_URL: this database does not answer (${reasonOf(cause)}): start it, or correct the URL`,
      { cause },
    );
  }
  return client;
}

async function makeDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const there = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (there.rowCount === 0) await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.toString();
}
