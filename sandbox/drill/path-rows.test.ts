/** The rows of a taken path come out of the signers' own judgement: loosen it, or silence the watchtower, and they change. */
import { join } from 'node:path';
import { policyDigest, type Policy } from '@kuramori/core';
import { describe, expect, it } from 'vitest';
import type { House } from '../house/house.ts';
import { usualRule } from '../house/plan.ts';
import { policyFor, writePolicy } from '../house/write-policy.ts';
import type { RowPlan } from './rows.ts';
import { minute, row, short, xem } from './stage.testing.ts';

const exchangeTaken: RowPlan = { attack: 'exchange-taken', defences: ['multisig', 'judging', 'watchtower'] };

/** Limits ten times as high. */
const loose = {
  ...usualRule,
  perPayment: xem('5000000'),
  rolling: { hours: 24, units: xem('10000000') },
  firstSeen: { hours: 24, shareBps: 1_000 },
};

const policyWith = ({ deed, plan, people }: House, rule = usualRule) =>
  policyFor(deed, { ...plan, rule }, people.exchange.publicKey);

function writeVersions(house: House, ...versions: readonly Policy[]): string {
  const file = join(house.plan.folder, 'policy', 'loose.json');
  writePolicy(file, versions, house.people.keeper);
  return file;
}

/** A second version that allows more, signed by the keeper, is given to everybody. */
async function loosen(house: House): Promise<void> {
  const first = policyWith(house);
  const second = { ...policyWith(house, loose), version: 2, prev: policyDigest(first) };
  const policyFile = writeVersions(house, first, second);
  for (const name of ['watchtower', 'signer-1', 'signer-2', 'custody'] as const)
    await house.restart(name, { policyFile });
}

describe("PATH: custody and the exchange's request key are the thief's", () => {
  it(
    'takes no more than the rolling limit',
    async () => {
      const result = await row(exchangeTaken, {}, short);
      expect(result.stolen).toBeGreaterThan(xem('900000'));
      expect(result.stolen).toBeLessThanOrEqual(usualRule.rolling.units);
      expect(result.verdict).toBe('bounded');
    },
    2 * minute,
  );

  it(
    "takes more where the keepers loosened everybody's limit",
    async () => {
      const result = await row(exchangeTaken, { rule: loose }, short);
      expect(result.stolen).toBeGreaterThan(usualRule.rolling.units);
      expect(result.stolen).toBeLessThanOrEqual(loose.rolling.units);
    },
    2 * minute,
  );

  it(
    'takes no more than before where a thief with the keepers’ keys has loosened it: that waits for a day',
    async () => {
      const result = await row(exchangeTaken, { before: loosen }, short);
      expect(result.stolen).toBeGreaterThan(xem('900000'));
      expect(result.stolen).toBeLessThanOrEqual(usualRule.rolling.units);
      expect(result.verdict).toBe('bounded');
    },
    2 * minute,
  );

  it(
    'takes nothing where one signer alone was given a looser first policy by the same keeper: it is not the one that was pinned',
    async () => {
      const result = await row(
        exchangeTaken,
        {
          before: (house) =>
            expect(
              house.restart('signer-1', { policyFile: writeVersions(house, policyWith(house, loose)) }),
            ).rejects.toThrow(/the first version: .* this is another line, whoever signed it/),
        },
        short,
      );
      expect(result).toMatchObject({ stolen: 0n, transfersThrough: 0, verdict: 'stopped' });
    },
    2 * minute,
  );

  it(
    'takes nothing where the watchtower is dead: silence stops',
    async () => {
      const result = await row(exchangeTaken, { before: (house) => house.kill('watchtower') }, short);
      expect(result).toMatchObject({ stolen: 0n, verdict: 'stopped' });
    },
    2 * minute,
  );

  it(
    'takes nothing with custody and its database alone',
    async () => {
      const result = await row(
        { attack: 'custody-taken', defences: ['multisig', 'judging', 'watchtower'] },
        {},
        short,
      );
      expect(result).toMatchObject({ stolen: 0n, transfersThrough: 0, verdict: 'stopped' });
    },
    2 * minute,
  );
});
