/** The policy's rolling limit is nearly used up: on our own path it is all that bounds a thief, and he comes for it again each day. */
import { leftAfter, outflowOf, type Policy } from '@kuramori/core';
import { bpsOf, hourMs, reaches, type Wallets } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export function limitUsed(
  { outflows, now }: Pick<Wallets, 'outflows' | 'now'>,
  rules: Policy['rules'],
  at: Signs['limitUsed'],
): readonly Sighting[] {
  return rules.flatMap(({ wallet, asset, rolling: { hours, units } }) => {
    const left = leftAfter(outflowOf(outflows, { wallet, asset }), now - hours * hourMs, new Set());
    if (left === 0n || !reaches(left, units, at.shareBps)) return [];
    const fields = { wallet, asset, left, limit: units, hours, bps: bpsOf(left, units) };
    return [{ key: `${wallet} ${asset}`, once: '', fields }];
  });
}
