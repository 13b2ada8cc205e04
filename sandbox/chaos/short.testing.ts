/** A short run of chaos, as tests have it: the seed's first acts, and everything holds. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { chaos, type Chaos } from './chaos.ts';
import type { GroundName } from './on/index.ts';

/** Longer than any has taken, beside other tests on two cores. Milliseconds. */
export const shortPatience = 600_000;

export async function shortRun(on: GroundName, seed: number, few: readonly string[]): Promise<Chaos> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-chaos-'));
  chmodSync(folder, 0o711);
  try {
    const said: string[] = [];
    const done = await chaos({
      folder: join(folder, 'house'),
      on,
      seed,
      minutes: 5,
      kills: 100,
      acts: few.length,
      say: (line) => said.push(line),
    });
    expect(done.findings, said.slice(-5).join('\n')).toEqual([]);
    expect(done.acts).toEqual(few);
    expect(done.killed).toBe(few.filter((act) => act.startsWith('kill ')).length);
    expect(done.counted.paid).toBeGreaterThan(0);
    expect(done.counted.deposits).toBeGreaterThan(0);
    return done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
