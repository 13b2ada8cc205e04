/** The drill's rows are what the running processes did: change a process, and the rows it should change do change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAmount, XEM } from '@kuramori/core';
import type { House } from '../house/house.ts';
import { usualRule } from '../house/plan.ts';
import { policyFor, writePolicy } from '../house/write-policy.ts';
import { runRow, type RowOptions } from './run-row.ts';
import type { RowPlan } from './rows.ts';
import { readTheft } from './theft.ts';

const theft = readTheft();
/** The probe and the first two great transfers: enough to meet every limit, and quick. */
const short = { ...theft, transfers: theft.transfers.slice(0, 3) };
const xem = (text: string) => parseAmount(text, XEM);
const minute = 60_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-drill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (row: RowPlan, change: NonNullable<RowOptions['change']> = {}, what = theft) =>
  runRow(row, what, { folder, step: () => {}, change });
const oneKey: RowPlan = { attack: 'coincheck', defences: ['watchtower'] };
const exchangeTaken: RowPlan = { attack: 'exchange-taken', defences: ['multisig', 'judging', 'watchtower'] };

/** Limits ten times as high. */
const loose = {
  ...usualRule,
  perPayment: xem('5000000'),
  rolling: { hours: 24, units: xem('10000000') },
  firstSeen: { hours: 24, shareBps: 1_000 },
};

function writeLoosePolicy(house: House): string {
  const file = join(house.plan.folder, 'policy', 'loose.json');
  const { deed, plan, people } = house;
  writePolicy(
    file,
    policyFor(deed, { wallet: plan.wallet, rule: loose }, people.exchange.publicKey),
    people.keeper,
  );
  return file;
}

describe('KEY: the stolen key of the only wallet', () => {
  it(
    'takes exactly what was taken in 2018 where nothing defends',
    async () => {
      const row = await run({ attack: 'coincheck', defences: [] });
      expect(row).toMatchObject({
        stolen: xem('526300010'),
        transfersThrough: 11,
        verdict: 'missed',
        firstAlarmMs: null,
        evacuated: 0n,
      });
    },
    minute,
  );

  it(
    'takes the probe and no more where a watchtower watches',
    async () => {
      const row = await run(oneKey);
      expect(row).toMatchObject({ stolen: xem('10'), transfersThrough: 1, verdict: 'bounded' });
      expect(row.evacuated).toBeGreaterThan(xem('526300000'));
      expect(row.firstAlarmMs).not.toBeNull();
      expect(row.signingStoppedMs).not.toBeNull();
    },
    minute,
  );

  it(
    'takes everything again where the watchtower is killed before',
    async () => {
      const row = await run(oneKey, { before: (house) => house.kill('watchtower') }, short);
      const planned = short.transfers.reduce((sum, { units }) => sum + units, 0n);
      expect(row).toMatchObject({
        stolen: planned,
        transfersThrough: 3,
        firstAlarmMs: null,
        signingStoppedMs: null,
        evacuated: 0n,
      });
    },
    minute,
  );
});

describe("PATH: custody and the exchange's request key are the thief's", () => {
  it(
    'takes no more than the rolling limit',
    async () => {
      const row = await run(exchangeTaken, {}, short);
      expect(row.stolen).toBeGreaterThan(xem('900000'));
      expect(row.stolen).toBeLessThanOrEqual(usualRule.rolling.units);
      expect(row.verdict).toBe('bounded');
    },
    2 * minute,
  );

  it(
    "takes more where the keepers loosened everybody's limit",
    async () => {
      const row = await run(exchangeTaken, { rule: loose }, short);
      expect(row.stolen).toBeGreaterThan(usualRule.rolling.units);
      expect(row.stolen).toBeLessThanOrEqual(loose.rolling.units);
    },
    2 * minute,
  );

  it(
    'takes nothing where one signer alone was given a looser limit: no watchtower countersigns under another policy',
    async () => {
      const row = await run(
        exchangeTaken,
        { before: (house) => house.restart('signer-1', writeLoosePolicy(house)) },
        short,
      );
      expect(row).toMatchObject({ stolen: 0n, transfersThrough: 0, verdict: 'stopped' });
    },
    2 * minute,
  );

  it(
    'takes nothing where the watchtower is dead: silence stops',
    async () => {
      const row = await run(exchangeTaken, { before: (house) => house.kill('watchtower') }, short);
      expect(row).toMatchObject({ stolen: 0n, verdict: 'stopped' });
    },
    2 * minute,
  );
});
