/** Logins at the database: who came from where, written by a trigger that only an administrator can make (logins/0001-logins.sql). */
import { z } from 'zod';
import { LedgerError, row, rows, type Client } from './database.ts';
import { applyMigrations, type Migrations } from './migrations.ts';

const folder = new URL('./logins/', import.meta.url);

const Login = z.object({
  seq: z.string().transform(Number),
  at: z.date(),
  role: z.string(),
  kind: z.enum(['administrator', 'person', 'service', 'other']),
  address: z.string(),
  application: z.string(),
  /** Whether it is the first that is known of its role. */
  first: z.boolean(),
});
export type Login = z.output<typeof Login>;

/** What makes it; its owner is whoever applies it. */
const loginMigrations: Omit<Migrations, 'owner'> = { schema: 'logins', folder };

/** The first Postgres with triggers on login. */
const firstVersion = 170_000;

const Me = z.object({ name: z.string(), administrates: z.boolean(), version: z.int() });

function me(client: Client): Promise<z.output<typeof Me>> {
  return row(
    client,
    Me,
    `select quote_ident(rolname) as name, rolsuper as administrates, current_setting('server_version_num')::int as version
       from pg_roles where rolname = current_user`,
  );
}

/** Has logins written down from now on, on the database of this connection. Safe to repeat. Throws a LedgerError where that cannot be. */
export async function watchLogins(client: Client): Promise<readonly string[]> {
  const { name, administrates, version } = await me(client);
  if (version < firstVersion)
    throw new LedgerError('logins are written down from Postgres 17 on, and this server is an older one');
  if (!administrates) throw new LedgerError(`${name} may not watch logins: name a superuser's URL, once`);
  return applyMigrations(client, { ...loginMigrations, owner: name });
}

/** The same where it can be; else nothing, and custody says that it is missing. */
export async function watchLoginsIfWeMay(client: Client): Promise<readonly string[]> {
  const { administrates, version } = await me(client);
  return administrates && version >= firstVersion ? watchLogins(client) : [];
}

/** Those of the last so many minutes, the oldest first. */
export function loginsOf(client: Client, minutes: number, most = 10_000): Promise<Login[]> {
  return rows(
    client,
    Login,
    `select * from (select seq, at, role, kind, address, application,
         not exists (select from logins.login before where before.role = l.role and before.seq < l.seq) as first
       from logins.login l where at > now() - make_interval(mins => $1) order by seq desc limit $2) newest order by seq`,
    [minutes, most],
  );
}

const Made = z.object({
  schema: z.boolean(),
  readable: z.boolean(),
  calls: z.boolean(),
  enabled: z.boolean(),
  on: z.boolean(),
});

/** Why nobody can rely on logins being written down; null where they are. */
export async function whyUnwatched(client: Client): Promise<string | null> {
  const made = await row(
    client,
    Made,
    `select to_regnamespace('logins') is not null as schema,
        to_regclass('logins.login') is not null
          and coalesce(has_table_privilege(to_regclass('logins.login'), 'select'), false) as readable,
        exists (select from pg_event_trigger t join pg_proc p on p.oid = t.evtfoid
          where t.evtname = 'kuramori_logins' and t.evtevent = 'login' and p.pronamespace = to_regnamespace('logins')) as calls,
        exists (select from pg_event_trigger where evtname = 'kuramori_logins' and evtenabled in ('A', 'O')) as enabled,
        coalesce(current_setting('event_triggers', true), 'on') = 'on' and not exists (
          select from pg_db_role_setting, unnest(setconfig) as setting
            where setdatabase in (0, (select oid from pg_database where datname = current_database()))
              and setting like 'event\\_triggers=%' and setting <> 'event_triggers=on') as on`,
  );
  const again = 'have an administrator look at who did that, and put it back';
  if (!made.schema)
    return 'nobody writes down who logs in: let an administrator run kuramori ledger watch-logins';
  if (!made.readable) return `the table logins.login is gone, or may not be read: ${again}`;
  if (!made.calls) return `the trigger that writes logins down is gone: ${again}`;
  if (!made.enabled) return `the trigger that writes logins down is disabled: ${again}`;
  return made.on ? null : `event_triggers is off on this server, or for somebody: ${again}`;
}
