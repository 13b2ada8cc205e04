/** One connection for one piece of work: what commands use, beside the processes that keep a pool. */
import { Client } from 'pg';
import { LedgerError } from './database.ts';

/** Connects, works, and closes. Throws a LedgerError that names the server and never the password. */
export async function withDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(?:ql)?:$/.test(parsed.protocol))
    throw new LedgerError('the database URL must be postgres://user:password@host:port/database');
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
  } catch (cause) {
    throw new LedgerError(
      `the database at ${parsed.host}${parsed.pathname} does not answer: start it, or correct the URL`,
      { cause },
    );
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
