/** Migrations: numbered SQL files, applied once and in order. An applied file never changes; what changes is a new file. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { LedgerError, rows, type Client } from './database.ts';

/** One room's files, its schema, and the role that owns what they make. */
export interface Migrations {
  readonly schema: string;
  readonly folder: URL;
  readonly owner: string;
}

const Applied = z.strictObject({ name: z.string(), sha256: z.string(), at: z.date() });

/** Any number, the same everywhere: who migrates waits for the one who does. */
const lock = 5_270_018;

const register = `
  create schema if not exists migrations;
  create table if not exists migrations.applied (
    room text not null,
    name text not null,
    sha256 text not null,
    at timestamptz not null default now(),
    primary key (room, name)
  )`;

/** Applies what is not yet applied, all in one transaction. Returns the names of the files applied now. */
export async function applyMigrations(client: Client, migrations: Migrations): Promise<readonly string[]> {
  const { schema, owner } = migrations;
  const files = readFiles(migrations.folder);
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [lock]);
    await client.query(register);
    const applied = await rows(
      client,
      Applied,
      'select name, sha256, at from migrations.applied where room = $1 order by name',
      [schema],
    );
    const open = compare(schema, files, applied);
    // The owner needs no right on the database: its schema is made for it.
    await client.query(`create schema if not exists ${schema} authorization ${owner}`);
    for (const file of open) {
      await client.query(`set local role ${owner}`);
      await client.query(file.sql);
      await client.query('reset role');
      await client.query('insert into migrations.applied (room, name, sha256) values ($1, $2, $3)', [
        schema,
        file.name,
        file.sha256,
      ]);
    }
    await client.query('commit');
    return open.map(({ name }) => name);
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** Throws a LedgerError unless exactly the room's files are applied: what a process asks before it serves. */
export async function expectMigrated(client: Client, migrations: Migrations): Promise<void> {
  const { schema } = migrations;
  const there = await rows(
    client,
    z.object({ there: z.boolean() }),
    "select to_regclass('migrations.applied') is not null as there",
  );
  if (there[0]?.there !== true)
    throw new LedgerError(`the database has no schema ${schema}: migrate it first`);
  const applied = await rows(
    client,
    Applied,
    'select name, sha256, at from migrations.applied where room = $1 order by name',
    [schema],
  );
  const [missing] = compare(schema, readFiles(migrations.folder), applied);
  if (missing)
    throw new LedgerError(`${schema}: ${missing.name} is not applied to this database: migrate it first`);
}

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

function readFiles(folder: URL): readonly MigrationFile[] {
  return readdirSync(folder)
    .sort()
    .map((name, index) => {
      const number = String(index + 1).padStart(4, '0');
      if (!new RegExp(`^${number}-[a-z-]+\\.sql$`).test(name)) {
        throw new LedgerError(`${name} is not the next migration: it must be called ${number}-<words>.sql`);
      }
      const sql = readFileSync(new URL(name, folder), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    });
}

/** The files still to apply. Throws where the database and the folder tell two stories. */
function compare(
  schema: string,
  files: readonly MigrationFile[],
  applied: readonly z.infer<typeof Applied>[],
): readonly MigrationFile[] {
  for (const [index, { name, sha256, at }] of applied.entries()) {
    const file = files[index];
    if (file?.name !== name) {
      throw new LedgerError(
        `${schema}: ${name} is applied to this database and is not in the folder: this program is older than the database`,
      );
    }
    if (file.sha256 !== sha256) {
      throw new LedgerError(
        `${schema}: ${name} was changed after it was applied at ${at.toISOString()}: put the applied file back, and write the change as a new file`,
      );
    }
  }
  return files.slice(applied.length);
}
