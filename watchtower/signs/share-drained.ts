/** Payments that records cover take too much of a wallet at once: whoever asks by our own path is bounded by limits alone. */
import { paymentsAfter } from '@kuramori/core';
import { bpsOf, minuteMs, reaches, sumOf, coinsOf, type Wallets } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export function shareDrained(seen: Wallets, at: Signs['shareDrained']): readonly Sighting[] {
  return seen.wallets.flatMap((wallet) => {
    const from = seen.now - at.minutes * minuteMs;
    const base = seen.base(wallet, from);
    const payments = paymentsAfter(coinsOf(seen, wallet), from);
    const left = sumOf(payments);
    if (base === null || !reaches(left, base, at.shareBps)) return [];
    const fields = { wallet, left, payments: payments.length, held: base, bps: bpsOf(left, base) };
    return [{ key: wallet, once: '', fields }];
  });
}
