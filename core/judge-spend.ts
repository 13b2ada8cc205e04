/** What every spend must be, whoever asked for it: in time, and paying each intent once and nobody else. */
import { countApprovals, type Approval } from './approval.ts';
import { bytesDigest } from './canonical.ts';
import { refuse, type Case, type Refused } from './case.ts';
import type { Witnessed } from './fact.ts';
import type { History } from './history.ts';
import type { Intent } from './intent.ts';
import type { PaymentAsk } from './journal.ts';
import type { Held } from './judge-denials.ts';
import type { Policy, Rule } from './policy.ts';
import type { Spend } from './spend.ts';

/** As many transactions as an intent may have: each later one is held against every one before. */
export const mostPlans = 64;

export function judgeTime(intent: Intent, spend: Spend, at: number): Refused | undefined {
  if (at >= intent.expiry * 1000) return refuse('intent-expired', `expired at ${intent.expiry}`);
  if (spend.validUntil !== null && spend.validUntil > intent.expiry) {
    return refuse(
      'outlives-intent',
      `the transaction is valid until ${spend.validUntil}, the intent until ${intent.expiry}`,
    );
  }
  return undefined;
}

/** Each output is exactly one intent's, and each intent has its output. */
export function judgeOutputs(intents: readonly Intent[], spend: Spend): Refused | undefined {
  const open = [...intents];
  for (const output of spend.outputs) {
    const index = open.findIndex(
      ({ destination, asset, amount }) =>
        destination.address === output.address &&
        destination.memo === output.memo &&
        asset === output.asset &&
        amount === output.units,
    );
    if (index < 0)
      return refuse('output-without-intent', `${output.units} ${output.asset} to ${output.address}`);
    open.splice(index, 1);
  }
  const [unpaid] = open;
  return unpaid && refuse('intent-without-output', `${unpaid.id} is not paid by these bytes`);
}

/**
 * One intent, one transaction: another one is signed only when every one before is proven dead by a quorum of watchtowers, or
 * can never confirm beside it. Pairwise, since of three the third could else confirm beside the first.
 */
export function judgeOnce(
  intent: Intent,
  ask: PaymentAsk,
  history: History,
  { dead }: Witnessed,
  conflicts: Case['conflicts'],
): Refused | undefined {
  const before = history.plans.get(intent.id) ?? [];
  if (before.length >= mostPlans)
    return refuse('too-many-plans', `${intent.id} has had ${mostPlans} transactions: it is never paid`);
  if (before.includes(ask.plan))
    return refuse('paid-by-another-transaction', `${intent.id} is already recorded`);
  const alive = before.find((plan) => !dead.has(bytesDigest(plan)) && !conflicts(plan));
  return alive === undefined
    ? undefined
    : refuse(
        'paid-by-another-transaction',
        `${intent.id} is paid by other bytes, ${bytesDigest(alive)}, which may still confirm`,
      );
}

/** As many of the pinned people as are asked for have signed this very intent. */
export function judgeApprovals(
  policy: Pick<Policy, 'passkeys'>,
  asked: Omit<NonNullable<Rule['approvals']>, 'from'> | undefined,
  intent: Intent,
  approvals: readonly Approval[],
): Refused | undefined {
  if (!asked) return undefined;
  const given = countApprovals(policy, asked, intent, approvals);
  if (given >= asked.quorum) return undefined;
  return refuse('approvals-below-quorum', `${given} of the ${asked.quorum} people that it takes approved it`);
}

export function firstOf<T>(
  each: readonly T[],
  refusal: (one: T) => Refused | undefined,
): Refused | undefined {
  for (const one of each) {
    const refused = refusal(one);
    if (refused) return refused;
  }
  return undefined;
}

export function refuseHeld(held: readonly Held[]): Refused {
  const why = held.some(({ forGood }) => forGood) ? 'denied' : 'denied-now';
  const each = held.map((one) => (one.why === '' ? one.denial : `${one.denial} (${one.why})`));
  return refuse(
    why,
    `denied by ${each.join(', ')}`,
    held.map(({ denial }) => `denial ${denial}`),
  );
}
