/**
 * Limit model: whether what a signer signed stays within every limit, told by adding up all of it again and again. It shares
 * nothing with the judging code but the policy's own words.
 */
import type { Policy } from '@kuramori/core';

/** One signature that left, or would. */
export interface Signed {
  readonly kind: 'payment' | 'sweep';
  readonly intent: string;
  /** The journal's time, Unix ms. */
  readonly at: number;
  readonly to: string;
  readonly amount: bigint;
  readonly feeCap: bigint;
  readonly balance: bigint;
  readonly approvals: number;
  /** The versions that the journal had taken up by then. */
  readonly known: readonly Known[];
}

/** A version and when a journal took it up; since ever for the first. */
export interface Known {
  readonly policy: Policy;
  readonly at: number;
}

const hour = 3_600_000;

/** The versions that count at a time: the newest whose wait is over, and all that came after it. */
function counting(known: readonly Known[], at: number): readonly Policy[] {
  let first = 0;
  for (const [index, one] of known.entries())
    if (one.at + one.policy.loosening.delay * 1000 <= at) first = index;
  return known.slice(first).map(({ policy }) => policy);
}

/** What was signed up to now, each intent once, at its newest time. */
function newest(before: readonly Signed[], but: string): readonly Signed[] {
  const byIntent = new Map<string, Signed>();
  for (const one of before) byIntent.set(one.intent, one);
  byIntent.delete(but);
  return [...byIntent.values()];
}

const total = (all: readonly bigint[]) => all.reduce((sum, one) => sum + one, 0n);

/** Each limit that one more signature breaks, after those before it. */
export function broken(before: readonly Signed[], one: Signed): readonly string[] {
  return counting(one.known, one.at).flatMap((policy) =>
    one.kind === 'sweep' ? brokenBySweep(before, one, policy) : brokenByPayment(before, one, policy),
  );
}

function brokenByPayment(before: readonly Signed[], one: Signed, policy: Policy): readonly string[] {
  const [rule] = policy.rules;
  if (!rule) return ['no rule'];
  const others = newest(before, one.intent).filter(({ kind }) => kind === 'payment');
  const within = (hours: number) => others.filter(({ at }) => at > one.at - hours * hour);
  const found: string[] = [];
  if (one.amount > rule.perPayment) found.push('over-payment-limit');
  if (rule.approvals && one.amount >= rule.approvals.from && one.approvals < rule.approvals.quorum)
    found.push('approvals-below-quorum');
  const left = total(within(rule.rolling.hours).map(({ amount, feeCap }) => amount + feeCap));
  if (left + one.amount + one.feeCap > rule.rolling.units) found.push('over-rolling-limit');
  const there = others.filter(({ to }) => to === one.to);
  const known = there.some(({ at }) => at <= one.at - rule.firstSeen.hours * hour);
  const got = total(there.map(({ amount, feeCap }) => amount + feeCap));
  if (!known && (got + one.amount) * 10_000n > one.balance * BigInt(rule.firstSeen.shareBps))
    found.push('over-first-seen-share');
  for (const { when } of policy.denials) {
    const { per, hours, aboveCount } = when.rolling ?? {};
    if (per !== 'destination' || hours === undefined || aboveCount === undefined) continue;
    if (within(hours).filter(({ to }) => to === one.to).length + 1 > aboveCount) found.push('denied-now');
  }
  return found;
}

function brokenBySweep(before: readonly Signed[], one: Signed, policy: Policy): readonly string[] {
  const sweep = policy.rules[0]?.sweep;
  if (!sweep) return ['no rule'];
  const others = newest(before, one.intent).filter(
    ({ kind, at }) => kind === 'sweep' && at > one.at - 24 * hour,
  );
  const found: string[] = [];
  if (others.length + 1 > sweep.perDay.count) found.push('over-sweep-count');
  if (total(others.map(({ feeCap }) => feeCap)) + one.feeCap > sweep.perDay.fees)
    found.push('over-sweep-fees');
  if (one.balance - one.amount - one.feeCap < sweep.leave) found.push('leaves-too-little');
  return found;
}
