/** A week as usual, then a rush of 31,000 withdrawals in a day, most of them to destinations never paid before: nobody is paged, and nothing is frozen. */
import { describe, expect, it } from 'vitest';
import { now as begins } from '../../core/testing/house.ts';
import { XEM, type Outflows } from '@kuramori/core';
import { dice, honestDay, recorded, someAddress, type Paid } from '../testing/days.ts';
import { firstSeen } from './first-seen.ts';
import type { KeyUse } from './key-uses.ts';
import { manyAssets } from './many-assets.ts';
import { oddHours } from './odd-hours.ts';
import type { Wallets } from './payments.ts';
import { probeThenBurst } from './probe-then-burst.ts';
import { shareDrained } from './share-drained.ts';
import { Signs } from './thresholds.ts';
import { unspendable } from './unspendable.ts';

const signs = Signs.parse({});
const day = 86_400_000;
const xem = 1_000_000n;
/** What the wallet is filled up to: a few hours of a rush, of which the policy lets one payment be a hundredth. */
const filledTo = 5_000_000n * xem;
const most = filledTo / 100n;

/** All signs about payments, as the watch runs them, every half an hour of a day that is recorded as it goes. */
function watched(before: readonly Paid[], today: readonly Paid[], from: number) {
  const outflows: Outflows = recorded(before);
  const [hours, made] = [new Map(), { upTo: 0, found: [] }];
  const found: string[] = [];
  let read = 0;
  for (let now = from + 1_800_000; now <= from + day + 7_200_000; now += 1_800_000) {
    let next = read;
    while ((today[next]?.at ?? Infinity) <= now) next += 1;
    recorded(today.slice(read, next), outflows);
    read = next;
    // Refilled as it is paid from, so what it could pay since a moment is what it is filled up to, and what left since.
    const since = (moment: number) =>
      today.slice(0, read).reduce((sum, { at, units }) => (at > moment ? sum + units : sum), 0n);
    const seen: Wallets = {
      outflows,
      wallets: ['hot'],
      now,
      coin: () => XEM,
      base: (_wallet, moment) => filledTo + since(moment) / 2n,
    };
    const all = {
      probeThenBurst: probeThenBurst(seen, signs.probeThenBurst),
      manyAssets: manyAssets(seen, signs.manyAssets),
      shareDrained: shareDrained(seen, signs.shareDrained),
      firstSeen: firstSeen(seen, signs.firstSeen, hours),
      unspendable: unspendable(seen, signs.unspendable, made),
    };
    for (const [id, sightings] of Object.entries(all))
      for (const { key } of sightings) found.push(`${id} ${key}`);
  }
  return found;
}

describe.each([1, 2018])('by seed %i', (seed) => {
  it.each([
    ['a week, and a busy day of 12,000', 5_000, 12_000, 0.3],
    ['a rush: 31,000 after days of 5,000, two in three to somebody new', 5_000, 31_000, 0.67],
    ['a small house, and a tenfold day', 60, 600, 0.6],
    ['a house that has only begun: everybody is new', 0, 4_000, 1],
  ])('%s', (_what, usual, payments, newcomers) => {
    const roll = dice(seed);
    const known: string[] = [];
    const from = begins - (begins % day);
    const before = Array.from({ length: usual === 0 ? 0 : 7 }, (_, index) =>
      honestDay(roll, known, { from: from - (7 - index) * day, payments: usual, newcomers: 0.3, most }),
    ).flat();
    const today = honestDay(roll, known, { from, payments, newcomers, most });
    expect(watched(before, today, from)).toEqual([]);
  });
});

it('a house of a few hours has nothing usual yet; one of a day has', () => {
  const roll = dice(1);
  const newcomers = (at: number, many: number): Paid[] =>
    Array.from({ length: many }, () => ({ to: someAddress(roll), units: xem, at }));
  const look = (hours: number) => {
    const from = begins - (begins % day);
    const before = Array.from({ length: hours }, (_, hour) => newcomers(from + hour * 3_600_000, 2)).flat();
    const now = from + hours * 3_600_000 + 3_600_000;
    const outflows = recorded([...before, ...newcomers(now - 60_000, 60)]);
    return firstSeen(
      { outflows, wallets: ['hot'], now, coin: () => XEM, base: () => filledTo },
      signs.firstSeen,
      new Map(),
    );
  };
  expect(look(20)).toEqual([]);
  expect(look(30)).toMatchObject([{ fields: { firstSeen: 60, payments: 60, usualAnHour: 2 } }]);
});

it('three people approve all day, from their first hour to their last: no hour is odd, and at night one is', () => {
  const roll = dice(1);
  const opens = Date.UTC(2026, 0, 25, 23);
  const uses = (from: number, hours: number, many: number): KeyUse[] =>
    Array.from({ length: many }, (_, index) => ({
      key: `person ${index % 3}`,
      of: 'approver',
      did: `approved intent ${index}`,
      at: from + Math.floor(roll() * hours * 3_600_000),
      verified: () => true,
    }));
  const days = [0, 1, 2, 3, 4].flatMap((one) => uses(opens + one * day, 14, 600));
  expect(oddHours(days, signs.oddHours, opens + 5 * day)).toEqual([]);
  const night = uses(opens + 14 * 3_600_000, 10, 1);
  expect(oddHours([...days, ...night], signs.oddHours, opens + 5 * day)).toMatchObject([
    { key: 'person 0', fields: { night: '2026-01-26' } },
  ]);
});
