/**
 * Rehearse: what the real judge says to payments that nobody makes. Nobody here has the exchange's key or people's, so both
 * are exchanged for keys that live as long as the rehearsal; everything else of the policy stands as it is.
 */
import {
  costOf,
  approvalOf,
  emptyHistory,
  extend,
  generateSigningKey,
  judge,
  recordOf,
  requestedIntent,
  controlOf,
  returnPath,
  Role,
  ruleFor,
  signRequest,
  signStatement,
  sweepIntent,
  withdrawalPath,
  type Authority,
  type Intent,
  type Policy,
  type SigningKey,
  type Wallet,
} from '@kuramori/core';
import { bytesFor, type Past, type Payment } from './payments.ts';

export interface Verdict {
  readonly payment: Payment;
  /** `approved`, or why not. */
  readonly verdict: string;
  readonly detail: string;
  readonly grounds: readonly string[];
}

/** Judges payment after payment; each that is approved counts for the limits of the next. */
export function rehearse(policy: Policy, { balances, payments }: Past): readonly Verdict[] {
  const stage = openStage(policy);
  const left = new Map(balances);
  return payments.map((payment) => {
    const { wallet } = payment;
    const balance = payment.balance ?? left.get(wallet) ?? 0n;
    const verdict = stage.judged(payment, balance);
    if (verdict.verdict === 'approved') left.set(wallet, (left.get(wallet) ?? 0n) - costOf(payment));
    return verdict;
  });
}

const keyId = 'rehearsal';

function openStage(real: Policy) {
  const exchange = generateSigningKey();
  const people = new Map<string, SigningKey>();
  const playing = (person: string) => {
    const key = people.get(person) ?? generateSigningKey();
    people.set(person, key);
    return key.publicKey;
  };
  const policy: Policy = {
    ...real,
    exchanges: [
      {
        id: 'rehearsal',
        keys: [
          {
            keyId,
            publicKey: exchange.publicKey,
            roles: [...Role.options],
            addresses: ['0.0.0.0/0'],
            notBefore: 0,
          },
        ],
      },
    ],
    // Each plays by a key of their own, which stands for their passkey and their second device as well.
    passkeys: undefined,
    groups: real.groups.map((group) => ({ ...group, people: group.people.map(playing) })),
    rules: real.rules.map((rule) =>
      rule.approvals
        ? {
            ...rule,
            approvals: {
              ...rule.approvals,
              people: rule.approvals.people.map(playing),
              secondDevice: undefined,
            },
          }
        : rule,
    ),
  };
  let history = emptyHistory();
  let [count, sweeps] = [0, 0];

  function authorityFor(payment: Payment, wallet: Wallet): { intent: Intent; authority: Authority } | string {
    const { to: address, memo, amount, feeCap, asset, reason, at, requested = at } = payment;
    count += 1;
    if (reason === 'sweep') {
      sweeps += 1;
      const expiry = Math.floor(at / 1000) + 24 * 3600;
      const intent = sweepIntent(wallet, { address }, { number: sweeps, asset, amount, feeCap, expiry });
      return { intent, authority: { kind: 'treasury', number: sweeps } };
    }
    const created = Math.floor(requested / 1000);
    const common = {
      asset,
      amount: `${amount}`,
      destination: { address, memo },
      feeCap: `${feeCap}`,
    };
    const body =
      reason === 'return'
        ? { ...common, deposit: `${bytesFor(count)}:0` }
        : { ...common, customer: 'rehearsal' };
    const request = signRequest(exchange, {
      method: 'POST',
      path: reason === 'return' ? returnPath : withdrawalPath,
      query: '',
      body: JSON.stringify(body),
      idempotencyKey: `rehearsal-${count}`,
      created,
      expires: created + 120,
      keyId,
    });
    const read = requestedIntent('rehearsal', wallet.id, request);
    if (read.kind === 'refused') return `${read.field} ${read.why}`;
    return { intent: read.intent, authority: { kind: 'exchange-request', request } };
  }

  function approvalsOf({ approvals, people: named }: Payment, intent: Intent) {
    const rule = ruleFor(real, intent.wallet, intent.asset)?.approvals?.people ?? [];
    const grouped = Object.entries(approvals).flatMap(([group, number]) =>
      (group === 'rule' ? rule : (real.groups.find(({ id }) => id === group)?.people ?? [])).slice(0, number),
    );
    return [...new Set([...named, ...grouped])].flatMap((person) => {
      const key = people.get(person);
      if (!key) return [];
      return { person: key.publicKey, signature: signStatement(key, 'approval', approvalOf(intent)) };
    });
  }

  return {
    judged(payment: Payment, balance: bigint): Verdict {
      const not = (verdict: string, detail: string, grounds: readonly string[] = []): Verdict => {
        return { payment, verdict, detail, grounds };
      };
      const wallet = policy.wallets.find(({ id }) => id === payment.wallet);
      const cosigner = wallet?.cosigners.find(({ signer }) => signer !== null);
      if (wallet?.role !== 'hot' || typeof cosigner?.signer !== 'string')
        return not('unknown-wallet', `no hot wallet is called ${payment.wallet}`);
      const asked = authorityFor(payment, wallet);
      if (typeof asked === 'string') return not('authority-request', asked);
      const { intent } = asked;
      const share = bytesFor(count);
      const at = Math.max(payment.at, history.at);
      const cap = ruleFor(policy, wallet.id, intent.asset)?.feeCap ?? intent.feeCap;
      const judgement = judge({
        policy,
        signer: cosigner.signer,
        ask: {
          kind: 'payment',
          wallet: wallet.id,
          intents: [{ ...asked, approvals: approvalsOf(payment, intent) }],
          plan: share,
          share,
          facts: [],
        },
        explained: {
          kind: 'spend',
          spend: {
            from: wallet.address,
            outputs: [{ ...intent.destination, asset: intent.asset, units: intent.amount }],
            // What the network takes is not known here: as much as the rule lets it.
            fees: cap < intent.feeCap ? cap : intent.feeCap,
            feeAsset: intent.asset,
            validUntil: Math.min(Math.floor(at / 1000) + 7200, intent.expiry),
            transactionId: share,
            signer: cosigner.publicKey,
            share,
          },
        },
        conflicts: () => false,
        evidenceSigned: false,
        evidenceCovered: false,
        races: false,
        witnessed: { at, balance, control: controlOf(wallet), dead: new Set() },
        history,
      });
      if (judgement.kind === 'refused') return not(judgement.why, judgement.detail, judgement.grounds);
      const { entry } = recordOf(judgement.approved, cosigner.signer, '0'.repeat(64), history);
      const extended = extend(history, entry);
      if (extended.kind === 'refused') throw new Error(`the rehearsal's own journal: ${extended.why}`);
      ({ history } = extended);
      return not('approved', '', judgement.approved.grounds);
    },
  };
}
