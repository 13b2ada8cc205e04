/** A destination never paid before gets a little, to see whether it works; then it, or others as new, get much. */
import { paymentsAfter, type Outflow, type PastPayment } from '@kuramori/core';
import { bpsOf, hourMs, isFirst, least, minuteMs, sumOf, coinsOf, type Wallets } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** The bounds in units: of tens of thousands of payments each is compared, so nothing is multiplied there. */
interface Bounds {
  /** What is a probe is less. */
  readonly probe: bigint;
  readonly burst: bigint;
  /** What each of several others gets of a burst: many small first payments are a busy day. */
  readonly each: bigint;
}

export function probeThenBurst(seen: Wallets, at: Signs['probeThenBurst']): readonly Sighting[] {
  return seen.wallets.flatMap((wallet) => {
    const base = seen.base(wallet, seen.now - at.hours * hourMs);
    if (base === null) return [];
    const bounds = {
      probe: least(base, at.probeBps + 1),
      burst: least(base, at.burstBps),
      each: least(base, Math.max(1, Math.floor(at.burstBps / at.others))),
    };
    const outflow = coinsOf(seen, wallet);
    const lately = paymentsAfter(outflow, seen.now - at.hours * hourMs);
    return [
      ...toTheSame(wallet, outflow, lately, base, bounds),
      ...toOthers(wallet, outflow, lately, base, bounds, at),
    ];
  });
}

function toTheSame(
  wallet: string,
  { to }: Outflow,
  lately: readonly PastPayment[],
  base: bigint,
  bounds: Bounds,
): readonly Sighting[] {
  const found: Sighting[] = [];
  for (const probe of lately) {
    const { destination, units, at: probedAt } = probe;
    const there = units < bounds.probe ? to.get(destination) : undefined;
    if (!there || there.length < 2 || there[0] !== probe) continue;
    const burst = sumOf(there) - units;
    if (burst < bounds.burst) continue;
    const fields = { wallet, destination, probe: units, probedAt, burst, bps: bpsOf(burst, base) };
    found.push({ key: `${wallet} ${destination}`, once: '', fields });
  }
  return found;
}

function toOthers(
  wallet: string,
  outflow: Outflow,
  lately: readonly PastPayment[],
  base: bigint,
  bounds: Bounds,
  at: Signs['probeThenBurst'],
): readonly Sighting[] {
  const large = lately.filter((one) => one.units >= bounds.each && isFirst(outflow, one));
  if (large.length < at.others) return [];
  const probe = lately.find((one) => one.units < bounds.probe && isFirst(outflow, one));
  const after = large.filter((one) => probe !== undefined && one.at > probe.at);
  const burst = after.find((one, index) => {
    const last = after[index + at.others - 1];
    return last !== undefined && last.at - one.at <= at.minutes * minuteMs;
  });
  if (!probe || !burst) return [];
  const all = after.filter((one) => one.at >= burst.at && one.at - burst.at <= at.minutes * minuteMs);
  const fields = {
    wallet,
    probe: probe.destination,
    probedAt: probe.at,
    destinations: all.length,
    first: burst.destination,
    burst: sumOf(all),
    bps: bpsOf(sumOf(all), base),
  };
  return [{ key: `${wallet} others`, once: '', fields }];
}
