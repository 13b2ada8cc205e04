/** The rows of a stolen key are what the running processes did: kill one, and the rows it should change do change. */
import { describe, expect, it } from 'vitest';
import { minute, row, short, theft, xem } from './stage.testing.ts';
import type { RowPlan } from './rows.ts';

/** One attempt for each of the thief's four plans. */
const eachPlan = { ...theft, transfers: theft.transfers.slice(0, 4) };
const oneKey: RowPlan = { attack: 'coincheck', defences: ['watchtower'] };

describe('KEY: the stolen key of the only wallet', () => {
  it(
    'takes exactly what was taken in 2018 where nothing defends',
    async () => {
      const result = await row({ attack: 'coincheck', defences: [] });
      expect(result).toMatchObject({
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
      const result = await row(oneKey, {}, short);
      expect(result).toMatchObject({ stolen: xem('10'), transfersThrough: 1, verdict: 'bounded' });
      expect(result.evacuated).toBeGreaterThan(xem('526300000'));
      expect(result.firstAlarmMs).not.toBeNull();
      expect(result.signingStoppedMs).not.toBeNull();
    },
    minute,
  );

  it(
    'takes everything again where the watchtower is killed before',
    async () => {
      const result = await row(oneKey, { before: (house) => house.kill('watchtower') }, short);
      const planned = short.transfers.reduce((sum, { units }) => sum + units, 0n);
      expect(result).toMatchObject({
        stolen: planned,
        transfersThrough: 3,
        firstAlarmMs: null,
        signingStoppedMs: null,
        evacuated: 0n,
      });
    },
    minute,
  );

  it(
    'takes nothing of a 2-of-3, evicts nobody, replaces nobody; and everything goes home',
    async () => {
      const result = await row({ attack: 'one-key', defences: ['multisig', 'watchtower'] }, {}, eachPlan);
      expect(result).toMatchObject({ stolen: 0n, transfersThrough: 0, verdict: 'stopped' });
      expect(result.firstAlarmMs).not.toBeNull();
      expect(result.evacuated).toBeGreaterThan(theft.total);
    },
    2 * minute,
  );
});
