/** One real Postgres for a run of the tests; each test file makes its own database in it. */
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres } from '../postgres/server.ts';

export async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(place(), 'kuramori-test-'));
  // Where root runs it the server is nobody's, who must get to its data: else they come to lie on a disk after all.
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    fsync: false,
    ephemeral: true,
  });
  process.env['KURAMORI_TEST_POSTGRES'] = postgres.url;
  return async () => {
    await postgres[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** What a run of all tests never fills, and a machine that has as much to spare does not miss. Bytes. */
const room = 4 * 2 ** 30;

/** Linux's files in memory, where there is room: a new database is 600 files, 0.03 s there and 0.5 s on an ext4. Nothing is synced anyway. */
function place(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize >= room) return '/dev/shm';
  } catch {
    // there is none
  }
  return tmpdir();
}
