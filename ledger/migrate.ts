/** Brings a database to what this program expects. Run by an administrator, never by a process that serves. */
import { Client } from 'pg';
import { LedgerError } from './database.ts';
import { watchLoginsIfWeMay } from './logins.ts';
import { applyMigrations, type Migrations } from './migrations.ts';
import { custodyRole, ensureRole, ledgerOwner, personRole, proverRole } from './roles.ts';

export interface Passwords {
  readonly custody: string;
  readonly prover: string;
}

export const ledgerMigrations: Migrations = {
  schema: 'ledger',
  folder: new URL('./sql/', import.meta.url),
  owner: ledgerOwner,
};

/**
 * Roles, rights and the ledger's schema. `adminUrl` names the database and a role that may create roles (a superuser,
 * or CREATEROLE and the database's owner; then a superuser has logins written down, by `kuramori ledger watch-logins`). Returns the names of the files applied now; safe to repeat.
 */
export async function migrate(adminUrl: string, passwords: Passwords): Promise<readonly string[]> {
  const client = new Client({ connectionString: adminUrl });
  try {
    await client.connect();
  } catch (error) {
    throw new LedgerError(`the database at ${withoutPassword(adminUrl)} cannot be reached`, { cause: error });
  }
  try {
    await ensureRole(client, ledgerOwner);
    await ensureRole(client, personRole);
    await ensureRole(client, custodyRole, passwords.custody);
    await ensureRole(client, proverRole, passwords.prover);
    // Whoever may create roles may act as those that it made; Postgres 16 wants that said.
    await client.query(`grant ${ledgerOwner}, ${custodyRole} to current_user`);
    await client.query(`
      do $$ begin
        execute format('revoke all on database %I from public', current_database());
        execute format('grant connect on database %I to ${custodyRole}, ${proverRole}', current_database());
      end $$`);
    const applied = await applyMigrations(client, ledgerMigrations);
    const logins = await watchLoginsIfWeMay(client);
    await client.query(`grant usage on schema migrations to ${custodyRole}, ${proverRole}`);
    await client.query(`grant select on migrations.applied to ${custodyRole}, ${proverRole}`);
    return [...applied, ...logins];
  } finally {
    await client.end();
  }
}

function withoutPassword(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'a URL that cannot be read';
  }
}
