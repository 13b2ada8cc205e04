import { refuse, sum, type Refused } from './case.ts';
import type { Witnessed } from './fact.ts';
import type { PastPayment } from './history.ts';
import { intentDigest, type Intent } from './intent.ts';
import type { Rule } from './policy.ts';

/** A payment's limits: its own, what may leave within hours, and what a new destination may get. `past` is all that was recorded before it. */
export function judgeLimits(
  rule: Rule,
  intent: Intent,
  past: readonly PastPayment[],
  witnessed: Witnessed,
): Refused | undefined {
  const { wallet, asset, destination, amount, feeCap } = intent;
  if (amount > rule.perPayment) {
    return refuse(
      'over-payment-limit',
      `${amount} is more than the ${rule.perPayment} that one payment may be`,
    );
  }
  // A payment that is planned anew, its earlier plan being dead, does not stand in its own way.
  const self = intentDigest(intent);
  const mine = past.filter((one) => one.wallet === wallet && one.asset === asset && one.intent !== self);
  const hours = (n: number) => witnessed.at - n * 3_600_000;
  const left = sum(mine.filter(({ at }) => at > hours(rule.rolling.hours)).map(({ units }) => units));
  if (left + amount + feeCap > rule.rolling.units) {
    return refuse(
      'over-rolling-limit',
      `${left} of ${rule.rolling.units} are used within ${rule.rolling.hours} h`,
    );
  }
  const toIt = mine.filter((one) => one.destination === destination.address);
  const known = toIt.some(({ at }) => at <= hours(rule.firstSeen.hours));
  if (known) return undefined;
  const share = (witnessed.balance * BigInt(rule.firstSeen.shareBps)) / 10_000n;
  if (sum(toIt.map(({ units }) => units)) + amount > share) {
    return refuse(
      'over-first-seen-share',
      `a destination first seen less than ${rule.firstSeen.hours} h ago may get ${share}`,
    );
  }
  return undefined;
}
