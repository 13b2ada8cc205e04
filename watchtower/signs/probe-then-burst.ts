/** A destination never paid before gets a little, to see whether it works; then it, or others as new, get much. */
import { paymentsAfter, type Outflow, type PastPayment } from '@kuramori/core';
import { bpsOf, hourMs, isFirst, minuteMs, reaches, sumOf, xemOf, type Wallets } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export function probeThenBurst(seen: Wallets, at: Signs['probeThenBurst']): readonly Sighting[] {
  return seen.wallets.flatMap((wallet) => {
    const from = seen.now - at.hours * hourMs;
    const base = seen.base(wallet, from);
    if (base === null) return [];
    const outflow = xemOf(seen, wallet);
    const lately = paymentsAfter(outflow, from);
    const firsts = lately.filter((one) => isFirst(outflow, one));
    const probe = firsts.find(({ units }) => !reaches(units, base, at.probeBps + 1));
    if (!probe) return [];
    return [
      ...toTheSame(wallet, outflow, firsts, base, from, at),
      ...toOthers(wallet, firsts, probe, base, at),
    ];
  });
}

function toTheSame(
  wallet: string,
  outflow: Outflow,
  firsts: readonly PastPayment[],
  base: bigint,
  from: number,
  at: Signs['probeThenBurst'],
): readonly Sighting[] {
  return firsts.flatMap((probe) => {
    if (reaches(probe.units, base, at.probeBps + 1)) return [];
    const all = (outflow.to.get(probe.destination) ?? []).filter((one) => one !== probe && one.at > from);
    const after = sumOf(all);
    if (!reaches(after, base, at.burstBps)) return [];
    const { destination } = probe;
    const fields = {
      wallet,
      destination,
      probe: probe.units,
      probedAt: probe.at,
      burst: after,
      bps: bpsOf(after, base),
    };
    return [{ key: `${wallet} ${destination}`, once: '', fields }];
  });
}

/** Each of the others gets its part of a burst: many small first payments are a busy day. */
function toOthers(
  wallet: string,
  firsts: readonly PastPayment[],
  probe: PastPayment,
  base: bigint,
  at: Signs['probeThenBurst'],
): readonly Sighting[] {
  const each = Math.max(1, Math.floor(at.burstBps / at.others));
  const large = firsts.filter((one) => one.at > probe.at && reaches(one.units, base, each));
  const burst = large.find((one, index) => {
    const last = large[index + at.others - 1];
    return last !== undefined && last.at - one.at <= at.minutes * minuteMs;
  });
  if (!burst) return [];
  const all = large.filter((one) => one.at >= burst.at && one.at - burst.at <= at.minutes * minuteMs);
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
