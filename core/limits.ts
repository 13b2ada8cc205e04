import { refuse, sum, type Refused } from './case.ts';
import type { Witnessed } from './fact.ts';
import { costOf, type Intent } from './intent.ts';
import {
  isKnown,
  leftAfter,
  outflowOf,
  plannedNow,
  sentTo,
  type Outflows,
  type PastPayment,
} from './outflow.ts';
import type { Rule } from './policy.ts';

/**
 * A payment's limits: its own, what may leave within hours, and what a new destination may get. `outflows` is all that was
 * recorded before it, `together` what the same transaction pays beside it, `line` every wallet whose outflows count with its own.
 */
export function judgeLimits(
  rule: Rule,
  intent: Intent,
  outflows: Outflows,
  together: readonly PastPayment[],
  { line, ...witnessed }: Pick<Witnessed, 'at' | 'balance'> & { readonly line: readonly string[] },
): Refused | undefined {
  const { wallet, asset, destination, amount } = intent;
  if (amount > rule.perPayment) {
    return refuse(
      'over-payment-limit',
      `${amount} is more than the ${rule.perPayment} that one payment may be`,
    );
  }
  const anew = plannedNow(intent, together);
  const pasts = line.map((one) => outflowOf(outflows, { wallet: one, asset }));
  const beside = together.filter((one) => one.wallet === wallet && one.asset === asset);
  const hours = (n: number) => witnessed.at - n * 3_600_000;
  const before = pasts.map((past) => leftAfter(past, hours(rule.rolling.hours), anew));
  const left = sum(before) + sum(beside.map(({ units }) => units));
  if (left + costOf(intent) > rule.rolling.units) {
    return refuse(
      'over-rolling-limit',
      `${left} of ${rule.rolling.units} are used within ${rule.rolling.hours} h`,
    );
  }
  const since = hours(rule.firstSeen.hours);
  if (pasts.some((past) => isKnown(past, destination.address, since, anew))) return undefined;
  const toIt = [
    ...pasts.flatMap((past) => sentTo(past, destination.address, anew)),
    ...beside.filter((one) => one.destination === destination.address),
  ];
  const share = (witnessed.balance * BigInt(rule.firstSeen.shareBps)) / 10_000n;
  if (sum(toIt.map(({ units }) => units)) + amount > share) {
    return refuse(
      'over-first-seen-share',
      `a destination first seen less than ${rule.firstSeen.hours} h ago may get ${share}`,
    );
  }
  return undefined;
}
