/** What people see of an order before they type, from the bytes and from what was verified; and whether they typed it. */
import {
  coldRuleFor,
  countApprovals,
  costOf,
  formatAmount,
  intentDigest,
  outflowOf,
  parseAmount,
  paymentsAfter,
  type Asset,
  readFacts,
  type Intent,
  type Order,
  type PaymentAsk,
  type Policy,
  type Spend,
  type Wallet,
} from '@kuramori/core';
import { timeText } from '@kuramori/program';
import type { Journal } from '../journal.ts';
import { ends } from './ends.ts';

type Line = readonly [what: string, value: string];

const day = 24 * 3_600_000;

/** From the bytes: what, from where, to which pinned name, for what fee, until when. */
export function decoded(policy: Policy, wallet: Wallet, spend: Spend): readonly Line[] {
  return [
    ['from', `${wallet.id}, a cold wallet on ${wallet.chain} ${policy.network}: ${spend.from}`],
    ...spend.outputs.flatMap((output): readonly Line[] => [
      ['sends', `${amountText(output.units, output.asset)} (${output.units} units)`],
      ['to', named(policy, output.address)],
      ...(output.memo === '' ? [] : [['text', output.memo] as const]),
    ]),
    [
      'fees',
      `at most ${amountText(spend.fees, spend.feeAsset)}, which ${wallet.chain === 'ethereum' ? 'a relayer' : wallet.id} pays`,
    ],
    [
      'ends',
      spend.validUntil === null
        ? 'never by itself: only once something else is spent in its place'
        : `${timeText(spend.validUntil * 1000)}: after that the chain takes it no more`,
    ],
  ];
}

function named(policy: Policy, address: string): string {
  const wallet = policy.wallets.find((one) => one.address === address);
  return wallet ? `${wallet.id}, a ${wallet.role} wallet of the policy: ${address}` : `UNKNOWN: ${address}`;
}

/** What stays behind, by what a quorum of watchtowers stated. */
export function leaves(policy: Policy, { ask }: Order): string {
  const [first] = ask.intents;
  if (!first) return 'nothing';
  const { intent } = first;
  const read = readFacts(policy, ask.wallet, intent.asset, ask.facts);
  return read.kind === 'refused'
    ? 'what no quorum of watchtowers states'
    : `${amountText(read.witnessed.balance - costOf(intent), intent.asset)} in ${ask.wallet}, by the watchtowers’ facts`;
}

export function approved(policy: Policy, { intent, approvals }: PaymentAsk['intents'][number]): string {
  const asked = coldRuleFor(policy, intent.wallet, intent.asset)?.approvals ?? { people: [], quorum: 0 };
  return `by ${countApprovals(policy, asked, intent, approvals)} of ${asked.people.length} people, ${asked.quorum} are needed`;
}

/** What the rule still leaves, by this vault's own journal. */
export function usedWith(
  policy: Policy,
  journal: Pick<Journal, 'history'>,
  intent: Intent,
  at: number,
): string {
  const rule = coldRuleFor(policy, intent.wallet, intent.asset);
  if (!rule) return 'no rule';
  const self = intentDigest(intent);
  const others = paymentsAfter(outflowOf(journal.history().moves, intent), at - day).filter(
    (one) => one.intent !== self,
  );
  const units = others.reduce((sum, one) => sum + one.units, costOf(intent));
  return `${others.length + 1} of ${rule.perDay.count} moves, and ${formatAmount(units, intent.asset)} of ${amountText(rule.perDay.units, intent.asset)}, within 24 hours, by this vault’s journal`;
}

/** `1234.5 ABCDEF`: the amount as it was shown, and the last characters of the address. */
export function isTyped(answer: string | null, { amount, asset, destination }: Intent): boolean {
  const [typed = '', ...rest] = (answer ?? '').trim().split(/\s+/);
  const end = rest.filter((word) => word !== 'units').join('');
  const units = rest.includes('units') ? `${typed} units` : typed;
  try {
    return parseAmount(units, asset) === amount && ends(end, destination.address);
  } catch {
    return false;
  }
}

function amountText(units: bigint, asset: Asset): string {
  return `${formatAmount(units, asset)} of ${asset}`;
}
