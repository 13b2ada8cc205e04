/** Brings a database to what custody expects: the ledger's schema, custody's own, and the job queue's. */
import {
  applyMigrations,
  custodyRole,
  ensureRole,
  migrate,
  type Migrations,
  type Passwords,
} from '@kuramori/ledger';
import { Client } from 'pg';
import { queueLogger, runMigrations } from './jobs/queue.ts';

export const custodyMigrations: Migrations = {
  schema: 'custody',
  folder: new URL('./sql/', import.meta.url),
  owner: 'kuramori_custody_owner',
};

/** As an administrator, before custody starts. Returns the names of the files applied now; safe to repeat. */
export async function migrateCustody(adminUrl: string, passwords: Passwords): Promise<readonly string[]> {
  const applied = [...(await migrate(adminUrl, passwords))];
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await ensureRole(client, custodyMigrations.owner);
    await client.query(`grant ${custodyMigrations.owner} to current_user`);
    applied.push(...(await applyMigrations(client, custodyMigrations)));
    // The queue is custody's alone: its jobs are of no worth without the states that they were written with.
    await client.query(`create schema if not exists graphile_worker authorization ${custodyRole}`);
    // Its own migrations ask for the right to make a schema even where there is one.
    await onDatabase(client, `grant create on database %I to ${custodyRole}`);
    try {
      await installQueue(adminUrl);
    } finally {
      await onDatabase(client, `revoke create on database %I from ${custodyRole}`);
    }
    return applied;
  } finally {
    await client.end();
  }
}

async function installQueue(adminUrl: string): Promise<void> {
  const asCustody = new URL(adminUrl);
  asCustody.searchParams.set('options', `-c role=${custodyRole}`);
  await runMigrations({ connectionString: asCustody.href, maxPoolSize: 2, logger: queueLogger });
}

async function onDatabase(client: Client, statement: string): Promise<void> {
  await client.query(`do $$ begin execute format('${statement}', current_database()); end $$`);
}
