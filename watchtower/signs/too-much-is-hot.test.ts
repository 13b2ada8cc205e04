/** More is hot than the policy lets be. A wallet that is swept within the hour is no page. */
import { expect, it } from 'vitest';
import { LTC, XEM, type ChainName } from '@kuramori/core';
import { hot as onLitecoin } from '../../signers/testing/bitcoin.ts';
import { policy } from '../../signers/testing/desk.ts';
import type { Sample } from '../sample.ts';
import { hotShareOf, openHotShare } from './hot-share.ts';
import { Signs } from './thresholds.ts';

const { hotShare: at } = Signs.parse({});
const minute = 60_000;
const sampleOf = (hot: bigint, cold: bigint, retired = 0n) => ({
  height: 1,
  hash: '',
  balances: new Map([
    ['hot', hot],
    ['cold', cold],
    ['A RETIRED ADDRESS', retired],
  ]),
});
/** On NEM alone. */
const sample = (hot: bigint, cold: bigint, retired?: bigint) =>
  new Map([['nem' as const, sampleOf(hot, cold, retired)]]);
const atLimit = sample(5n, 95n);
const above = sample(50_001n, 949_999n);

it('the share is of all that is held, retired wallets among it, and rounded up', () => {
  expect(hotShareOf(policy, atLimit)).toBe(500);
  expect(hotShareOf(policy, above)).toBe(501);
  expect(hotShareOf(policy, sample(5n, 0n, 95n))).toBe(500);
  expect(hotShareOf(policy, sample(5n, 0n))).toBe(10_000);
  expect(hotShareOf(policy, sample(0n, 0n))).toBe(null);
});

it('of several chains it is by value; where the policy values one not, the worst of them', () => {
  const [nem, ltc] = [sampleOf(10n, 90n), { height: 1, hash: '', balances: new Map([['hot-ltc', 2n]]) }];
  const samples = new Map<ChainName, Sample>([
    ['nem', nem],
    ['litecoin', ltc],
  ]);
  const wallets = [...policy.wallets, { ...onLitecoin, id: 'hot-ltc' }];
  const values = [
    { asset: XEM, yen: 3n, per: 10n },
    { asset: LTC, yen: 10n, per: 1n },
  ];
  // Hot: 3 yen of NEM and 20 of Litecoin; all: 30 and 20.
  expect(hotShareOf({ wallets, values }, samples)).toBe(4_600);
  expect(hotShareOf({ wallets, values: values.slice(1) }, samples)).toBe(10_000);
  expect(hotShareOf({ wallets, values: [] }, new Map([['nem', nem]]))).toBe(1_000);
});

it('told once it has been above for an hour without a break', () => {
  const share = openHotShare();
  share.sampled(policy, above, 0);
  expect(share.found(at, 59 * minute)).toEqual([]);
  share.sampled(policy, above, 30 * minute);
  expect(share.found(at, 60 * minute)).toMatchObject([{ fields: { bps: 501, limitBps: 500 } }]);
  share.sampled(policy, atLimit, 61 * minute);
  expect(share.found(at, 200 * minute)).toEqual([]);
  share.sampled(policy, above, 201 * minute);
  expect(share.found(at, 260 * minute)).toEqual([]);
});
