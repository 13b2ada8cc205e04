/** A quick part of the drills on Ethereum, in one house: bytes that are not the payment's are signed by nobody, and not all tokens are lost. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EthereumDrill } from './drill.ts';
import { drills } from './index.ts';
import type { Result } from './result.ts';
import { runDrill } from './run.ts';

function drillNamed(name: string): EthereumDrill {
  const drill = drills.find((one) => one.name === name);
  if (drill?.chain !== 'ethereum') throw new Error(`no drill on Ethereum is called ${name}`);
  return drill;
}

const folder = mkdtempSync(join(tmpdir(), 'kuramori-theft-'));
let result: Result;
beforeAll(async () => {
  chmodSync(folder, 0o711);
  const [first, then] = [drillNamed('bybit'), drillNamed('poloniex')];
  const both: EthereumDrill = {
    ...then,
    tokens: 4,
    plan: { towers: 1 },
    async attack(scene) {
      await first.attack(scene);
      await then.attack(scene);
    },
  };
  result = await runDrill(both, null, join(folder, 'house'), () => {});
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('bytes that hand the Safe over, shown as a payment: no signer signs them, and the payment itself they sign', () => {
  const asked = result.notes.slice(0, 10);
  // By what the bytes do, and nothing else; both of them for the same reason.
  for (const note of asked)
    expect(note).toMatch(
      /: (?:plan: (?:data|operation): |share: signs another|these bytes change who may sign)[^/]*$/,
    );
  expect(result.notes[10]).toBe('the payment that was shown: signed by both, and paid');
});

it('tokens, with every online key: he has some, the alarm comes before their block, and what is left goes home', () => {
  expect(result.verdict).toBe('bounded');
  expect(result.stolenShareOfWallet).toBeGreaterThan(0);
  expect(result.stolenShareOfAll).toBeLessThanOrEqual(0.05);
  expect(result.evacuatedShare).toBeGreaterThan(0);
  // But for the customer's quarter of a coin.
  expect(result.stolenShareOfWallet + result.evacuatedShare).toBeCloseTo(1, 2);
  expect(result.firstAlarmMs).toBeLessThan(6_000);
  expect(result.signersRefusingMs).toBeLessThan(6_000);
});
