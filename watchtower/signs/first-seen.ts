/**
 * Nearly everything goes to destinations that were never paid before, and many times as many of them as usual. A rush has
 * many new ones, too, but customers who come back among them; whoever pays addresses of their own making has none.
 */
import { paymentsAfter, type Outflow } from '@kuramori/core';
import { hourMs, isFirst, minuteMs, coinsOf, type Wallets } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** What is usual is read of the last week, and not before there is a day of it: a new house pays nobody but new ones. */
const [usualHours, leastHours] = [7 * 24, 24];

/** Hours that are over do not change any more: wallet and hour → how many were first. */
export type Hours = Map<string, number>;

export function firstSeen(seen: Wallets, at: Signs['firstSeen'], hours: Hours): readonly Sighting[] {
  return seen.wallets.flatMap((wallet) => {
    const outflow = coinsOf(seen, wallet);
    const from = seen.now - at.minutes * minuteMs;
    const usual = usualOf(wallet, outflow, from, hours);
    if (usual === null) return [];
    const payments = paymentsAfter(outflow, from);
    const first = payments.filter((one) => isFirst(outflow, one));
    const often = Math.max(at.atLeast, at.timesUsual * usual * (at.minutes / 60));
    if (first.length < often || first.length * 10_000 < payments.length * at.shareBps) return [];
    const fields = { wallet, firstSeen: first.length, payments: payments.length, usualAnHour: usual };
    return [{ key: wallet, once: '', fields }];
  });
}

/** How many an hour were first on average, in the hours that were over before the window; null while that is too little to say. */
function usualOf(wallet: string, outflow: Outflow, from: number, hours: Hours): number | null {
  const [oldest] = outflow.payments;
  if (!oldest) return null;
  const last = Math.floor(from / hourMs);
  const begin = Math.max(Math.floor(oldest.at / hourMs), last - usualHours);
  if (last - begin < leastHours) return null;
  let sum = 0;
  for (let hour = begin; hour < last; hour += 1) {
    const name = `${wallet} ${hour}`;
    const known = hours.get(name);
    const count = known ?? firstIn(outflow, hour);
    if (known === undefined) hours.set(name, count);
    sum += count;
  }
  hours.delete(`${wallet} ${begin - 1}`);
  return sum / (last - begin);
}

function firstIn(outflow: Outflow, hour: number): number {
  let count = 0;
  for (const one of paymentsAfter(outflow, hour * hourMs - 1)) {
    if (one.at >= (hour + 1) * hourMs) break;
    if (isFirst(outflow, one)) count += 1;
  }
  return count;
}
