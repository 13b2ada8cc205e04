/** A quick part of the drills on Litecoin, in one house: other bytes are signed by nobody, one key moves nothing, and all keys not all coins. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import type { LitecoinDrill } from './drill.ts';
import { drills } from './index.ts';
import type { Result } from './result.ts';
import { runDrill } from './run.ts';

function drillNamed(name: string): LitecoinDrill {
  const drill = drills.find((one) => one.name === name);
  if (drill?.chain !== 'litecoin') throw new Error(`no drill on Litecoin is called ${name}`);
  return drill;
}

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-theft-'));
  let result: Result;
  beforeAll(async () => {
    chmodSync(folder, 0o711);
    const each = ['dmm-on-litecoin', 'coincheck-on-litecoin', 'ronin-on-litecoin'].map(drillNamed);
    const last = each.at(-1);
    if (!last) throw new Error('no drill');
    const all: LitecoinDrill = {
      ...last,
      plan: { towers: 1, miningSeconds: 20 },
      async attack(scene) {
        for (const { attack } of each) await attack(scene);
      },
    };
    result = await runDrill(all, null, join(folder, 'house'), () => {});
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('bytes that are not the payment’s, shown as it: no signer signs them, and the payment itself they sign', () => {
    // By what the bytes do; both signers for the same reason.
    for (const note of result.notes.slice(0, 11)) expect(note).not.toMatch(/SIGNED| \/ |: $/);
    expect(result.notes[11]).toBe('the payment that was shown: signed by both, and the node took it');
  });

  it('one key of two: the node refuses whatever it signs', () => {
    for (const note of result.notes.filter((one) => one.startsWith('one key, ')))
      expect(note).toContain('mandatory-script-verify-flag');
  });

  it('every online key: what the first transaction takes is lost, and what it leaves goes home in the next block', () => {
    expect(result.verdict).toBe('bounded');
    expect(result.stolenShareOfAll).toBeLessThanOrEqual(0.05);
    expect(result.stolenShareOfWallet).toBeLessThan(0.96);
    expect(result.evacuatedShare).toBeGreaterThan(0.03);
    // Before the next block, also where the machine is busy.
    expect(result.firstAlarmMs).toBeLessThan(20_000);
    expect(result.signersRefusingMs).toBeLessThan(20_000);
  });
});
