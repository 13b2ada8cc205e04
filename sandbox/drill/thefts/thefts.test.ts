/** A quick part of `kuramori drill all`: what thieves on our own path, and false alarms, come to; and that a defence switched off shows. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Defence } from './defences.ts';
import { drills } from './index.ts';
import { lookalikes } from './purses.ts';
import type { Result } from './result.ts';
import { runDrill } from './run.ts';
import { ablationTable } from './table.ts';

const minute = 60_000;

async function drilled(name: string, without: Defence | null = null): Promise<Result> {
  const drill = drills.find((one) => one.name === name);
  if (!drill) throw new Error(`no drill is called ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-theft-'));
  chmodSync(folder, 0o711);
  try {
    return await runDrill(drill, without, join(folder, 'house'), () => {});
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('PATH', () => {
  it(
    'bytes that change who signs, shown as a payment: no signer signs them',
    async () => {
      expect(await drilled('bytes-not-shown')).toMatchObject({ verdict: 'stopped', stolenShareOfAll: 0 });
    },
    2 * minute,
  );

  it(
    'a poisoned history: paid where the policy does not deny lookalikes, and only there',
    async () => {
      expect(await drilled('poison')).toMatchObject({ verdict: 'stopped' });
      const without = await drilled('poison', 'denials');
      // And its fees.
      expect(without.stolenXem).toBe('500.35');
    },
    4 * minute,
  );
});

describe('KEY', () => {
  it(
    'two transactions with every online key: what the first takes is lost, the rest is at home',
    async () => {
      const result = await drilled('ronin');
      expect(result.verdict).toBe('bounded');
      expect(result.stolenShareOfWallet).toBeLessThanOrEqual(0.951);
      expect(result.stolenShareOfAll).toBeLessThanOrEqual(0.05);
      expect(result.evacuatedShare).toBeGreaterThan(0.04);
      expect(result.firstAlarmMs).not.toBe(null);
    },
    2 * minute,
  );
});

describe('false alarms', () => {
  it(
    'strangers freeze nobody; a lying watchtower once',
    async () => {
      expect(await drilled('strangers')).toMatchObject({ verdict: 'stopped', falseFreezes: 0 });
      expect(await drilled('lying-watchtower')).toMatchObject({
        falseFreezes: 0,
        notes: [
          expect.stringContaining('after the first lie 2 signers frozen'),
          expect.stringContaining('after the second 0'),
        ],
      });
    },
    4 * minute,
  );
});

describe('what is printed', () => {
  const result = (drill: string, without: Defence | null, lost: number): Result => ({
    id: 'R04',
    drill,
    kind: 'KEY',
    without,
    verdict: lost > 0.05 ? 'missed' : 'bounded',
    stolenShareOfWallet: lost,
    stolenShareOfAll: lost,
    stolenXem: '1',
    firstAlarmMs: null,
    signersRefusingMs: 12,
    evacuatedShare: 0,
    pages: 1,
    falseFreezes: 0,
    notes: [],
    seconds: 1,
  });
  const results = [result('zaif', null, 0.01), result('zaif', 'cold', 0.5)];

  it('a drill that was lost is shown as lost', () => {
    expect(ablationTable(results)).toMatch(/R04 zaif +\| +1\.00 % +\| +50\.00 % \*\*missed\*\*/);
  });

  it('every replay vector is a drill', () => {
    const known = new Set(drills.map(({ id }) => id));
    for (let number = 1; number <= 24; number += 1)
      expect(known).toContain(`R${String(number).padStart(2, '0')}`);
  });
});

it('two addresses that look alike are two', () => {
  const { known, lookalike } = lookalikes();
  expect(known).not.toBe(lookalike);
  expect([known.slice(0, 4), known.slice(-4)]).toEqual([lookalike.slice(0, 4), lookalike.slice(-4)]);
});
