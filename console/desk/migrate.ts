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

/**
 * Locks by name are everybody's in Postgres, and custody waits for some of them: whoever has the desk's password could hold those, and
 * so keep withdrawals and a freeze waiting. Whoever may make roles migrates, and keeps them. Functions of the server are a superuser's
 * to withhold; another administrator changes nothing here.
 */
const locks = `
  do $$ declare v_function regprocedure; v_role name; begin
    if not (select rolsuper from pg_roles where rolname = current_user) then return; end if;
    for v_function in select oid from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^pg_(try_)?advisory_' loop
      for v_role in select rolname from pg_roles
          where (rolname ~ '^kuramori_' and rolname !~ '^kuramori_desk') or rolcreaterole loop
        execute format('grant execute on function %s to %I', v_function, v_role);
      end loop;
      execute format('revoke execute on function %s from public', v_function);
    end loop;
  end $$`;

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
    await client.query(`alter role ${deskRole} connection limit 20`);
    await client.query(locks);
    const applied = await applyMigrations(client, deskMigrations);
    await client.query(`grant usage on schema migrations to ${deskRole}`);
    await client.query(`grant select on migrations.applied to ${deskRole}`);
    return applied;
  } finally {
    await client.end();
  }
}
