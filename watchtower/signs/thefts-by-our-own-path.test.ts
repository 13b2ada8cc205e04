/** The shapes of real thefts, asked by our own path, so that every payment has its records: each is paged about by the sign that it taught. */
import { describe, expect, it } from 'vitest';
import { XEM, type Asset } from '@kuramori/core';
import { now as begins } from '../../core/testing/house.ts';
import theft from '../../sandbox/data/theft.json' with { type: 'json' };
import { dice, honestDay, recorded, someAddress, type Paid } from '../testing/days.ts';
import { firstSeen } from './first-seen.ts';
import { manyAssets } from './many-assets.ts';
import type { Wallets } from './payments.ts';
import { probeThenBurst } from './probe-then-burst.ts';
import { shareDrained } from './share-drained.ts';
import { Signs } from './thresholds.ts';
import { unspendable } from './unspendable.ts';

const signs = Signs.parse({});
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const xem = 1_000_000n;
const holds = 5_000_000n * xem;
/** At night, when little is paid. */
const t0 = begins - (begins % day) + 7 * day + 2 * hour;
const roll = dice(2018);
const known: string[] = [];
const week = Array.from({ length: 7 }, (_, index) =>
  honestDay(roll, known, {
    from: t0 - 2 * hour - (7 - index) * day,
    payments: 300,
    newcomers: 0.3,
    most: holds / 1000n,
  }),
).flat();
const thief = someAddress(roll);
const share = (bps: bigint) => (holds * bps) / 10_000n;

/** Which signs are seen, and how long after the first bad payment each one first is (in minutes). */
function seenBy(bad: readonly Paid[], held = holds, before: readonly Paid[] = week): Record<string, number> {
  const outflows = recorded(before);
  const first: Record<string, number> = {};
  const began = bad[0]?.at ?? 0;
  const [hours, made] = [new Map(), { upTo: 0, found: [] }];
  for (const [index, payment] of bad.entries()) {
    recorded([payment], outflows);
    const next = bad[index + 1];
    // Of thousands not each one is looked after.
    if (next?.at === payment.at || (bad.length > 100 && index % 40 !== 39)) continue;
    const seen: Wallets = {
      outflows,
      wallets: ['hot'],
      now: payment.at + 1_000,
      coin: () => XEM,
      base: () => held,
    };
    const all = {
      probeThenBurst: probeThenBurst(seen, signs.probeThenBurst),
      manyAssets: manyAssets(seen, signs.manyAssets),
      shareDrained: shareDrained(seen, signs.shareDrained),
      firstSeen: firstSeen(seen, signs.firstSeen, hours),
      unspendable: unspendable(seen, signs.unspendable, made),
    };
    for (const [id, found] of Object.entries(all))
      if (found.length > 0) first[id] ??= Math.floor((payment.at - began) / minute);
  }
  return first;
}

it('the week before is quiet', () => {
  const last = week.at(-1) as Paid;
  expect(seenBy([last], holds, week.slice(0, -1))).toEqual({});
});

describe('Coincheck, 2018: eleven transfers to one address', () => {
  const transfers = theft.hotWalletToThief.map(({ utc, microXem }) => ({
    to: thief,
    units: BigInt(microXem),
    at: t0 + Date.parse(utc) - Date.parse(theft.hotWalletToThief[0]?.utc ?? ''),
  }));
  const all = transfers.reduce((sum, { units }) => sum + units, 0n);

  it('the second one is a burst after a probe, the fourth has drained half', () => {
    expect(transfers).toHaveLength(11);
    expect(seenBy(transfers, all)).toEqual({ probeThenBurst: 2, shareDrained: 4 });
  });

  it('without the probe only the share is seen', () => {
    expect(seenBy(transfers.slice(1), all)).toEqual({ shareDrained: 2 });
  });
});

it('CoinDCX, 2025: one unit, seven hours later six transfers; the first of them is enough', () => {
  const probe = { to: thief, units: xem, at: t0 };
  const six = Array.from({ length: 6 }, (_, index) => ({
    to: thief,
    units: share(1_600n),
    at: t0 + 7 * hour + 3 * minute + index * 5 * minute,
  }));
  expect(seenBy([probe, ...six])).toEqual({ probeThenBurst: 423, shareDrained: 438 });
});

it('the same to six others as new, none of which was probed', () => {
  const probe = { to: thief, units: xem, at: t0 };
  const six = Array.from({ length: 6 }, (_, index) => ({
    to: someAddress(roll),
    units: share(150n),
    at: t0 + 7 * hour + index * 5 * minute,
  }));
  expect(seenBy([probe, ...six])).toEqual({ probeThenBurst: 440 });
});

it('Upbit, 2025: eighty large withdrawals in fifteen minutes, where near none are', () => {
  const eighty = Array.from({ length: 80 }, (_, index) => ({
    to: someAddress(roll),
    units: share(100n),
    at: t0 + index * 11_000,
  }));
  const seen = seenBy(eighty);
  expect(seen['firstSeen']).toBeLessThan(10);
  expect(seen['shareDrained']).toBeLessThan(10);
});

it('Bitfinex, 2016: 2,072 transactions to as many new addresses in three hours', () => {
  const many = Array.from({ length: 2_072 }, (_, index) => ({
    to: someAddress(roll),
    units: share(4n),
    at: t0 + index * 5_200,
  }));
  expect(seenBy(many)['firstSeen']).toBeLessThan(10);
});

it('Nobitex, 2025: thousands of small ones to an address that spells what nobody has a key for', () => {
  const nobodys = 'TBBURNBURNBURNBURNBURNBURNBURNBURAAAAAAA';
  const many = Array.from({ length: 3_000 }, (_, index) => ({
    to: nobodys,
    units: xem,
    at: t0 + index * 1_000,
  }));
  expect(seenBy(many)).toEqual({ unspendable: 0 });
});

it('Harmony, 2022: eleven assets in eighteen minutes, one transaction each', () => {
  const eleven = Array.from({ length: 11 }, (_, index) => ({
    to: thief,
    units: 5_000n,
    at: t0 + index * 100_000,
    asset: `nem:harmony:token-${index}` as Asset,
  }));
  expect(seenBy(eleven)).toEqual({ manyAssets: 5 });
});

it('a house that pays in eight assets every hour is not accused of nine', () => {
  const assets = (from: number, many: number): Paid[] =>
    Array.from({ length: many }, (_, index) => ({
      to: thief,
      units: 5_000n,
      at: from + index * minute,
      asset: `nem:a:${index}` as Asset,
    }));
  const before = Array.from({ length: 48 }, (_, index) => assets(t0 - (48 - index) * hour, 8)).flat();
  expect(seenBy(assets(t0, 9), holds, before)).toEqual({});
});
