/** The way to Postgres: a client inside the caller's transaction, rows that a schema has read, one Error class. */
import { channel } from 'node:diagnostics_channel';
import type { ClientBase, Pool, PoolClient } from 'pg';
import type { z } from 'zod';

/** A client on which the caller has opened a transaction: money, state and jobs are committed together or not at all. */
export type Client = Pick<ClientBase, 'query'>;

/** A failure outside: the database is away, or not as the migrations made it. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

/** A statement that a connection parses once and then knows by its name. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** Asks and reads every row by its schema. Throws a LedgerError that names the column where a row does not fit. */
export async function rows<S extends z.ZodType>(
  client: Client,
  schema: S,
  sql: string | Prepared,
  values: readonly unknown[] = [],
): Promise<z.output<S>[]> {
  const query = typeof sql === 'string' ? { text: sql } : sql;
  const result = await client.query<Record<string, unknown>>({ ...query, values: [...values] });
  return result.rows.map((found) => {
    const read = schema.safeParse(found);
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    throw new LedgerError(`the database answered out of form: ${issue?.path.join('.')} ${issue?.message}`);
  });
}

/** The one row that there must be. */
export async function row<S extends z.ZodType>(
  client: Client,
  schema: S,
  sql: string,
  values: readonly unknown[] = [],
): Promise<z.output<S>> {
  const [first, ...others] = await rows(client, schema, sql, values);
  if (first === undefined || others.length > 0)
    throw new LedgerError(`one row expected, ${others.length + 1} came`);
  return first;
}

/** Where a process may be made to die (program/die-at.ts). */
const commit = channel('kuramori:commit');

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    commit.publish('before');
    await client.query('commit');
    commit.publish('after');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is not given back to the pool.
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
