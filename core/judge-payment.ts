/** Judging a payment: by the exchange's own signed request or the pinned cold wallets, the rule for its wallet and asset, and what went before. */
import { nameOf, refuse, ruleFor, sum, type Case, type Refused } from './case.ts';
import { judgeDenials } from './judge-denials.ts';
import { freezeOf } from './freeze.ts';
import { countSweep, sweepOf } from './history.ts';
import { costOf, intentDigest, paymentRole, requestedIntent, type Intent } from './intent.ts';
import { assetsOf, type PaymentAsk } from './journal.ts';
import { firstOf, judgeApprovals, judgeOnce, judgeOutputs, judgeTime, refuseHeld } from './judge-spend.ts';
import { judgeSweep } from './judge-sweep.ts';
import { judgeLimits } from './limits.ts';
import { paymentOf, type Outflows, type PastPayment } from './outflow.ts';
import type { Policy, Rule, Wallet } from './policy.ts';
import { lineOf } from './succession.ts';
import { verifyRequest, type SignedRequest } from './request.ts';
import type { Spend } from './spend.ts';

/** How far the exchange's clock may be ahead of the watchtowers', in milliseconds. */
const requestSkew = 300_000;

/**
 * The exchange asked for it, or it goes to our own cold wallets; no other transaction pays it, it is within the limits, no
 * denial holds, and the bytes do just that. Answers with the rules that allow it, and the denials that are lifted.
 */
export function judgePayment(
  given: Case,
  ask: PaymentAsk,
  wallet: Wallet,
  spend: Spend,
): Refused | readonly string[] {
  const { policy, history, witnessed } = given;
  const freeze = freezeOf(history.freezes, ...assetsOf(ask));
  if (freeze) return refuse('frozen', freeze.freeze.why);
  const counted: readonly [Outflows, ...Outflows[]] = [
    history.outflows,
    ...(given.everyones ? [given.everyones] : []),
  ];
  const seen = new Set<string>();
  // The intents of one transaction count towards each other's limits.
  const together: PastPayment[] = [];
  const sweeps = [...history.sweeps];
  const line = lineOf(policy, wallet.id);
  const grounds = new Set<string>();
  let { balance } = witnessed;
  const [first] = ask.intents;
  const other = ask.intents.find(({ intent }) => intent.asset !== first?.intent.asset);
  if (other)
    return refuse(
      'several-assets',
      `pays ${other.intent.asset} beside ${first?.intent.asset}: facts tell the balance of one`,
    );
  for (const part of ask.intents) {
    const { intent, authority } = part;
    if (seen.has(intent.id)) return refuse('intent-twice', intent.id);
    seen.add(intent.id);
    const rule = ruleFor(policy, wallet.id, intent.asset);
    if (!rule) return refuse('no-rule', `no rule allows ${intent.asset} from ${wallet.id}`);
    const common = () =>
      judgeTime(intent, spend, witnessed.at) ?? judgeOnce(intent, ask, history, witnessed, given.conflicts);
    const refused =
      authority.kind === 'treasury'
        ? (common() ?? judgeSweep(policy, rule, intent, authority.number, sweeps, { ...witnessed, balance }))
        : (judgeAuthority(policy, wallet, intent, authority.request, witnessed.at) ??
          judgeApprovals(policy, approvalsFor(rule, intent), intent, part.approvals) ??
          common() ??
          firstOf(counted, (outflows) =>
            judgeLimits(rule, intent, outflows, together, { ...witnessed, line }),
          ));
    if (refused) return { ...refused, grounds: [nameOf(rule)] };
    const requested = authority.kind === 'treasury' ? null : authority.request.created;
    const scene = { intent, approvals: part.approvals, requested, together, ...witnessed };
    const denials = counted.map((outflows) => judgeDenials(policy, { ...scene, outflows }));
    const denied = firstOf(denials, ({ held }) => (held.length > 0 ? refuseHeld(held) : undefined));
    if (denied) return denied;
    grounds.add(nameOf(rule));
    for (const denial of denials.flatMap(({ lifted }) => lifted)) grounds.add(`denial ${denial}, lifted`);
    balance -= costOf(intent);
    if (authority.kind === 'treasury') countSweep(sweeps, sweepOf(intent, authority.number, witnessed.at));
    else together.push(paymentOf(intent, witnessed.at));
  }
  return (
    judgeOutputs(
      ask.intents.map(({ intent }) => intent),
      spend,
    ) ??
    judgeFees(policy, wallet, ask, spend) ?? [...grounds]
  );
}

/** The exchange itself asked for exactly this: its signed request, read by ourselves, leads to the same intent. */
function judgeAuthority(
  policy: Policy,
  wallet: Wallet,
  intent: Intent,
  request: SignedRequest,
  at: number,
): Refused | undefined {
  const exchange = policy.exchanges.find(({ keys }) => keys.some(({ keyId }) => keyId === request.keyId));
  const key = exchange?.keys.find(({ keyId }) => keyId === request.keyId);
  if (!exchange || !key) return refuse('authority-key-unknown', `no exchange key is called ${request.keyId}`);
  if (!verifyRequest(key.publicKey, request))
    return refuse('authority-signature', `${request.keyId} did not sign this request`);
  // By the watchtowers' time, and by its own: what was signed before the key counted does not count later.
  if (Math.min(request.created * 1000, at) < key.notBefore * 1000)
    return refuse('authority-key-early', `${request.keyId} counts only from ${key.notBefore}`);
  // Whoever had the exchange's key for a day must not be able to keep requests for the days after it was changed.
  if (request.created * 1000 > at + requestSkew)
    return refuse(
      'request-from-the-future',
      `made at ${request.created}, and it is ${Math.floor(at / 1000)}`,
    );
  const asked = requestedIntent(exchange.id, wallet.id, request);
  if (asked.kind === 'refused') return refuse('authority-request', `${asked.field} ${asked.why}`);
  if (intentDigest(asked.intent) !== intentDigest(intent)) {
    return refuse('intent-altered', 'the signed request leads to another intent than the one given');
  }
  const role = paymentRole(asked.intent.reason);
  if (!key.roles.includes(role)) return refuse('authority-role', `${request.keyId} has not the role ${role}`);
  return undefined;
}

/** Whose approvals an amount takes; undefined where it takes nobody's. */
function approvalsFor({ approvals }: Rule, { amount }: Intent): Rule['approvals'] {
  return approvals && amount >= approvals.from ? approvals : undefined;
}

function judgeFees(policy: Policy, wallet: Wallet, ask: PaymentAsk, spend: Spend): Refused | undefined {
  // Where somebody else pays the network, no rule need be about its coin.
  if (spend.fees === 0n) return undefined;
  const caps = sum(ask.intents.map(({ intent }) => intent.feeCap));
  const rule = ruleFor(policy, wallet.id, spend.feeAsset);
  const cap = rule && rule.feeCap < caps ? rule.feeCap : caps;
  if (!rule) return refuse('no-rule', `no rule allows fees in ${spend.feeAsset} from ${wallet.id}`);
  if (spend.fees > cap) return refuse('fee-over-cap', `fees of ${spend.fees} are more than ${cap}`);
  return undefined;
}
