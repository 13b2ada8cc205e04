/** One real Postgres for a run of the tests; each test file makes its own database in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres } from '../postgres/server.ts';

export async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-test-'));
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
