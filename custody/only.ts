/** Only: one custody a database. Two would take each other's jobs for those of a dead one. */
import { Misconfigured } from '@kuramori/program';
import { Client } from 'pg';

/** Held as long as its connection lives: by Postgres, so that no crash leaves it behind. */
export async function beOnly(connectionString: string): Promise<AsyncDisposable> {
  const client = new Client({ connectionString });
  await client.connect();
  let over = false;
  client.on('error', (cause) => {
    // Without it somebody else may start; what is half done is done again after the restart.
    if (!over) throw new Error('the connection that keeps other custodies away is lost', { cause });
  });
  const found = await client.query<{ mine: boolean }>(
    "select pg_try_advisory_lock(hashtextextended('kuramori custody', 0)) as mine",
  );
  if (found.rows[0]?.mine !== true) {
    await client.end();
    throw new Misconfigured('databaseUrlFile: another custody works on this database: stop it first');
  }
  return {
    async [Symbol.asyncDispose]() {
      over = true;
      await client.end();
    },
  };
}
