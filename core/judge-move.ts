/**
 * Judging a move: what leaves a cold wallet. To a hot one it is a refill, to another cold one a move; people approved it, and nothing
 * else ever leaves, whoever asks.
 */
import { coldRuleFor, refuse, type Case, type Refused } from './case.ts';
import { freezeOf } from './freeze.ts';
import { costOf, intentDigest, type Intent } from './intent.ts';
import { assetsOf, type PaymentAsk } from './journal.ts';
import { judgeDenials } from './judge-denials.ts';
import { firstOf, judgeApprovals, judgeOnce, judgeOutputs, judgeTime, refuseHeld } from './judge-spend.ts';
import { countAfter, leftAfter, outflowOf, plannedNow, type Outflows } from './outflow.ts';
import type { ColdRule, Policy, Wallet } from './policy.ts';
import type { Spend } from './spend.ts';
import { moveIntent, refillIntent } from './treasury.ts';

const day = 24 * 3_600_000;
/** Nobody’s approval is good for longer, in milliseconds. */
export const longestMove = 30 * day;

/** Answers with the rule that allows it, and the denials that are lifted. */
export function judgeMove(
  given: Case,
  ask: PaymentAsk,
  wallet: Wallet,
  spend: Spend,
): Refused | readonly string[] {
  const { policy, history, witnessed } = given;
  const [part, another] = ask.intents;
  if (!part || another) return refuse('several-moves', 'one move at a time leaves a cold wallet');
  const { intent, authority, approvals } = part;
  const rule = coldRuleFor(policy, wallet.id, intent.asset);
  if (!rule) return refuse('no-rule', `no rule lets ${intent.asset} leave ${wallet.id}`);
  const refused = (why: Refused) => ({ ...why, grounds: [nameOf(rule)] });
  const freeze = freezeOf(history.freezes, ...assetsOf(ask));
  if (freeze) return refused(refuse('frozen', freeze.freeze.why));
  if (authority.kind !== 'treasury')
    return refused(refuse('authority-request', 'no exchange’s request moves what is in a cold wallet'));
  const to = policy.wallets.find(
    ({ id, address }) => rule.to.includes(id) && address === intent.destination.address,
  );
  if (!to)
    return refused(
      refuse(
        'destination-not-pinned',
        `${intent.destination.address} is no address that ${wallet.id} sends to`,
      ),
    );
  const { asset, amount, feeCap, expiry } = intent;
  const moved = { asset, amount, feeCap, expiry, number: authority.number };
  const meant = (to.role === 'hot' ? refillIntent : moveIntent)(wallet, to, moved);
  if (intentDigest(meant) !== intentDigest(intent))
    return refused(refuse('intent-altered', `is not what moves to ${to.id} by number ${authority.number}`));
  const counted = [history.moves, ...(given.everyones ? [given.everyones] : [])];
  const wrong =
    judgeApprovals(policy, rule.approvals, intent, approvals) ??
    judgeTime(intent, spend, witnessed.at) ??
    judgeLife(intent, spend, witnessed.at) ??
    judgeOnce(intent, ask, history, witnessed, given.conflicts) ??
    firstOf(counted, (moves) => judgeAmount(rule, intent, moves, witnessed.at)) ??
    judgeBalance(intent, witnessed.balance) ??
    judgeOutputs([intent], spend) ??
    judgeFees(rule, intent, spend);
  if (wrong) return refused(wrong);
  const scene = { intent, approvals, requested: null, together: [], ...witnessed };
  const named = { ...policy, denials: denialsOf(policy, intent) };
  const denials = counted.map((outflows) => judgeDenials(named, { ...scene, outflows }));
  const denied = firstOf(denials, ({ held }) => (held.length > 0 ? refuseHeld(held) : undefined));
  if (denied) return denied;
  const lifted = new Set(denials.flatMap((one) => one.lifted));
  return [nameOf(rule), ...[...lifted].map((denial) => `denial ${denial}, lifted`)];
}

/** Those that name the cold wallet, or what leaves it: others are meant for payments, and some would never lift. */
export function denialsOf(
  { denials }: Pick<Policy, 'denials'>,
  { wallet, reason }: Intent,
): Policy['denials'] {
  return denials.filter(({ when }) => when.wallets?.includes(wallet) || when.reasons?.includes(reason));
}

/** A transaction of a later day would keep every other one of the same intent waiting for its end. */
function judgeLife({ expiry }: Intent, { validUntil }: Spend, at: number): Refused | undefined {
  if (expiry * 1000 > at + longestMove)
    return refuse('outlives-order', `the intent is good until ${expiry}, and 30 days are the most`);
  if (validUntil !== null && validUntil * 1000 > at + day)
    return refuse('outlives-order', `the transaction is valid until ${validUntil}, and 24 h are the most`);
  return undefined;
}

/** What the chain would refuse after people have travelled. */
function judgeBalance(intent: Intent, balance: bigint): Refused | undefined {
  const cost = costOf(intent);
  return cost > balance
    ? refuse('over-balance', `${cost} are more than the ${balance} that are there`)
    : undefined;
}

function nameOf({ wallet, asset }: ColdRule): string {
  return `cold rule ${wallet} ${asset}`;
}

function judgeAmount(
  { perMove, perDay }: ColdRule,
  intent: Intent,
  moves: Outflows,
  at: number,
): Refused | undefined {
  const { amount } = intent;
  if (amount <= 0n) return refuse('no-rule', 'a move of nothing is none');
  if (amount > perMove)
    return refuse('over-payment-limit', `${amount} is more than the ${perMove} that one move may be`);
  const past = outflowOf(moves, intent);
  const anew = plannedNow(intent, []);
  const count = countAfter(past, at - day, anew);
  if (count >= perDay.count)
    return refuse('over-move-count', `${count} of ${perDay.count} moves are made within 24 h`);
  const left = leftAfter(past, at - day, anew);
  if (left + costOf(intent) > perDay.units)
    return refuse('over-rolling-limit', `${left} of ${perDay.units} are used within 24 h`);
  return undefined;
}

function judgeFees({ feeCap }: ColdRule, intent: Intent, { fees }: Spend): Refused | undefined {
  const cap = feeCap < intent.feeCap ? feeCap : intent.feeCap;
  return fees > cap ? refuse('fee-over-cap', `fees of ${fees} are more than ${cap}`) : undefined;
}
