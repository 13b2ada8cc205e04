/** A short run of chaos: real processes, killed at named points. The long one is `kuramori chaos --minutes 30`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chaos } from './chaos.ts';
import { seeded } from './seed.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-chaos-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  'eight kills: paid once, credited once, the books balanced and the chain’s',
  { timeout: 420_000 },
  async () => {
    const said: string[] = [];
    const done = await chaos({
      folder: join(folder, 'house'),
      seed: 11,
      minutes: 4,
      kills: 8,
      say: (line) => said.push(line),
    });
    expect(done.findings, said.slice(-5).join('\n')).toEqual([]);
    expect(done.killed).toBeGreaterThanOrEqual(8);
    expect(done.counted.paid).toBeGreaterThan(0);
    expect(done.counted.deposits).toBeGreaterThan(0);
  },
);

test('the same seed chooses the same, another something else', () => {
  const chosen = (seed: number) =>
    Array.from({ length: 50 }, () => 0).map(
      (
        (random) => () =>
          random.below(1_000)
      )(seeded(seed)),
    );
  expect(chosen(1)).toEqual(chosen(1));
  expect(chosen(1)).not.toEqual(chosen(2));
});
