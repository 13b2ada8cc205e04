/** Brings a database to what the desk expects: its own role, its own schema, and functions that show what the console shows. */
import { applyMigrations, ensureRole, proverRole, type Migrations } from '@kuramori/ledger';
import { Client } from 'pg';

/** The desk's process: writes its own schema, and reads the house by functions alone. */
export const deskRole = 'kuramori_desk';

export const deskMigrations: Migrations = {
  schema: 'desk',
  folder: new URL('./sql/', import.meta.url),
  /** Nobody logs in as it: what its functions read, it may read, and nothing else. */
  owner: 'kuramori_desk_owner',
};

/** What the functions read of other rooms. */
const read = `
  grant usage on schema ledger, custody to kuramori_desk_owner;
  grant select on ledger.account, ledger.total to kuramori_desk_owner;
  grant select on custody.withdrawal, custody.withdrawal_step, custody.plan, custody.plan_dead, custody.signature,
    custody.recorded, custody.approval, custody.announcement, custody.cursor, custody.stop, custody.service,
    custody.notice, custody.told to kuramori_desk_owner`;

/** As an administrator, after custody's own migrations. Returns the names of the files applied now; safe to repeat. */
export async function migrateDesk(adminUrl: string, password: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await ensureRole(client, deskMigrations.owner);
    await ensureRole(client, deskRole, password);
    await ensureRole(client, proverRole);
    await client.query(`grant ${deskMigrations.owner} to current_user`);
    await client.query(`
      do $$ begin execute format('grant connect on database %I to ${deskRole}', current_database()); end $$`);
    await client.query(read);
    const applied = await applyMigrations(client, deskMigrations);
    await client.query(`grant usage on schema migrations to ${deskRole}`);
    await client.query(`grant select on migrations.applied to ${deskRole}`);
    return applied;
  } finally {
    await client.end();
  }
}
