/** Shares and words by the real command, held to its permission flags: a folder where nothing is mounted takes neither. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const base = mkdtempSync(join(tmpdir(), 'kuramori-medium-'));
const memory = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/kuramori-') : null;
afterAll(() => {
  for (const one of [base, memory ?? base]) rmSync(one, { recursive: true, force: true });
});

function signer(...args: readonly string[]) {
  const main = join(import.meta.dirname, '..', 'launch.mjs');
  const present = ['--present', 'Aoi', '--present', 'Ren'];
  const { status, stderr } = spawnSync(process.execPath, [main, 'signer', ...args, ...present], {
    encoding: 'utf8',
  });
  return { code: status, err: stderr };
}

it.skipIf(memory === null)(
  'keys on one disk, a folder on the system’s, and one in memory',
  () => {
    const [keys, stick, ram] = [join(memory ?? '', 'keys'), join(base, 'stick'), join(memory ?? '', 'ram')];
    const third = join(base, 'third');
    for (const folder of [stick, ram, third]) mkdirSync(folder, { mode: 0o700 });
    for (const folder of [keys, join(base, 'keys')])
      expect(signer('create', folder)).toMatchObject({ code: 0 });
    const to = [stick, ram, third].flatMap((folder) => ['--to', folder]);
    const refused = [
      [['words', keys, stick], /stick: on the disk of this machine’s system|on no medium/],
      [['share', keys, '--shares', '2of3', ...to], /ram: on the disk that the keys are on/],
      [['words', join(base, 'keys'), ram], /ram: on no medium \(tmpfs: memory\)|on the disk that the keys/],
    ] as const;
    for (const [args, why] of refused) {
      const { code, err } = signer(...args);
      expect(err).toMatch(why);
      expect(code).toBe(1);
    }
    for (const folder of [stick, ram]) expect(readdirSync(folder)).toEqual([]);
  },
  60_000,
);
