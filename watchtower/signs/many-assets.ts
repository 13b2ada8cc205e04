/**
 * Many assets leave at once: a thief who holds keys takes everything there is, down to the dust. An asset is what an intent
 * names: XEM, or a mosaic as `nem:namespace:name`. Today the planner pays XEM alone, so a mosaic that leaves has no record
 * and freezes as such; this looks at the records, so that it holds as soon as others are paid.
 */
import { paymentsAfter } from '@kuramori/core';
import { minuteMs, type Wallets } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** How far back what is usual is read: a week of windows. */
const usualMs = 7 * 24 * 60 * minuteMs;

export function manyAssets(
  { outflows, wallets, now }: Wallets,
  at: Signs['manyAssets'],
): readonly Sighting[] {
  const windowMs = at.minutes * minuteMs;
  return wallets.flatMap((wallet) => {
    // Few assets at once is what nearly every look finds: then nobody needs to know what is usual.
    const lately = [...outflows.values()].filter(
      (outflow) =>
        outflow.payments[0]?.wallet === wallet && paymentsAfter(outflow, now - windowMs).length > 0,
    );
    if (lately.length < at.atLeast) return [];
    /** Window, 0 the newest → the assets that left in it. */
    const windows = new Map<number, Set<string>>();
    for (const outflow of outflows.values()) {
      if (outflow.payments[0]?.wallet !== wallet) continue;
      for (const payment of paymentsAfter(outflow, now - usualMs)) {
        const window = Math.max(0, Math.floor((now - payment.at) / windowMs));
        const assets = windows.get(window) ?? new Set();
        windows.set(window, assets.add(payment.asset));
      }
    }
    const assets = [...(windows.get(0) ?? [])];
    const before = [...windows].filter(([window]) => window > 0).map(([, { size }]) => size);
    const usual = Math.max(1, ...before);
    if (assets.length < at.atLeast || assets.length < usual * at.timesUsual) return [];
    return [{ key: wallet, once: '', fields: { wallet, assets: assets.slice(0, 32), usual } }];
  });
}
