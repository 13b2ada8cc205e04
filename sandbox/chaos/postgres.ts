/** What chaos does to Postgres as its administrator. */
import { Client } from 'pg';

/** Bytes of one record of its log, and how many are written at most: more than all the segments that it keeps. */
const [recordBytes, mostRecords] = [1 << 20, 128];

async function asAdministrator(url: string, what: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await what(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Its log (WAL) stays small, so that a small disk holds it for as long as a run may be. */
export function keepLogSmall(url: string): Promise<void> {
  return asAdministrator(url, async (client) => {
    await client.query("alter system set max_wal_size = '64MB'");
    await client.query("alter system set min_wal_size = '32MB'");
    await client.query('select pg_reload_conf()');
  });
}

/** Writes until the log needs a segment for which there is no room: then Postgres stops by a PANIC. */
export async function writeMuch(url: string): Promise<void> {
  await asAdministrator(url, async (client) => {
    for (let written = 0; written < mostRecords; written += 1)
      await client.query("select pg_logical_emit_message(false, 'chaos', repeat('x', $1::int))", [
        recordBytes,
      ]);
  }).catch(() => {});
}
