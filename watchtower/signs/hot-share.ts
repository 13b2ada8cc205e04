/**
 * More is hot than the policy lets be, for longer than a sweep takes: of what all wallets hold by both nodes, since what
 * customers are owed is the books' word. Custody tells its own share by the books (custody/treasury.ts).
 */
import type { Policy } from '@kuramori/core';
import type { Sample } from '../sample.ts';
import { minuteMs } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** Hundredths of a percent, rounded up; null where nothing is held. */
export function hotShareOf({ wallets }: Pick<Policy, 'wallets'>, sample: Sample): number | null {
  const hot = wallets.reduce(
    (sum, { id, role }) => (role === 'hot' ? sum + (sample.balances.get(id) ?? 0n) : sum),
    0n,
  );
  const all = [...sample.balances.values()].reduce((sum, one) => sum + one, 0n);
  return all === 0n ? null : Number((hot * 10_000n + all - 1n) / all);
}

export interface HotShare {
  readonly sampled: (policy: Policy, sample: Sample, now: number) => void;
  readonly found: (at: Signs['hotShare'], now: number) => readonly Sighting[];
}

export function openHotShare(): HotShare {
  let above: { readonly since: number; readonly bps: number; readonly limitBps: number } | null = null;
  return {
    sampled(policy, sample, now) {
      const bps = hotShareOf(policy, sample);
      const limitBps = policy.hotShareBps;
      above = bps === null || bps <= limitBps ? null : { since: above?.since ?? now, bps, limitBps };
    },
    found(at, now) {
      if (!above || now - above.since < at.minutes * minuteMs) return [];
      return [{ key: 'hot', once: '', fields: { ...above, since: new Date(above.since).toISOString() } }];
    },
  };
}
