/**
 * More is hot than the policy lets be, for longer than a sweep takes: of what all wallets hold by their nodes, since what
 * customers are owed is the books' word. Custody tells its own share by the books (custody/treasury.ts).
 */
import { coinOn, type ChainName, type Policy } from '@kuramori/core';
import type { Sample } from '../sample.ts';
import { minuteMs } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** What a policy says its assets count for. */
type Worths = Pick<Policy, 'wallets' | 'values'>;

/**
 * Hundredths of a percent, rounded up; null where nothing is held. By value, where the policy says what each coin counts for;
 * else the worst of the chains, each by its own coins.
 */
export function hotShareOf(policy: Worths, samples: ReadonlyMap<ChainName, Sample>): number | null {
  const held = [...samples].map(([chain, { balances }]) => {
    const hot = policy.wallets.reduce(
      (sum, { id, role }) => (role === 'hot' ? sum + (balances.get(id) ?? 0n) : sum),
      0n,
    );
    const all = [...balances.values()].reduce((sum, one) => sum + one, 0n);
    const value = policy.values.find(({ asset }) => asset === coinOn(chain));
    return { hot, all, value };
  });
  const valued = held.every(({ value }) => value !== undefined) || held.length < 2;
  if (!valued) {
    const shares = held.flatMap(({ hot, all }) => shareOf(hot, all) ?? []);
    return shares.length === 0 ? null : Math.max(...shares);
  }
  // In the least part of a yen that any of them is counted in.
  const parts = held.reduce((product, { value }) => product * (value?.per ?? 1n), 1n);
  const worth = (units: bigint, { value }: (typeof held)[number]) =>
    value ? (units * value.yen * parts) / value.per : units;
  const sum = (of: 'hot' | 'all') => held.reduce((total, one) => total + worth(one[of], one), 0n);
  return shareOf(sum('hot'), sum('all'));
}

function shareOf(hot: bigint, all: bigint): number | null {
  return all === 0n ? null : Number((hot * 10_000n + all - 1n) / all);
}

export interface HotShare {
  readonly sampled: (policy: Policy, samples: ReadonlyMap<ChainName, Sample>, now: number) => void;
  readonly found: (at: Signs['hotShare'], now: number) => readonly Sighting[];
}

export function openHotShare(): HotShare {
  let above: { readonly since: number; readonly bps: number; readonly limitBps: number } | null = null;
  return {
    sampled(policy, samples, now) {
      const bps = hotShareOf(policy, samples);
      const limitBps = policy.hotShareBps;
      above = bps === null || bps <= limitBps ? null : { since: above?.since ?? now, bps, limitBps };
    },
    found(at, now) {
      if (!above || now - above.since < at.minutes * minuteMs) return [];
      return [{ key: 'hot', once: '', fields: { ...above, since: new Date(above.since).toISOString() } }];
    },
  };
}
