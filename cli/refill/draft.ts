/** Draft: what shall leave a cold wallet, written down for those who approve it; and their approvals. */
import { z } from 'zod';
import {
  Approval,
  approvalOf,
  coldRuleFor,
  countApprovals,
  demandsOf,
  formatAmount,
  Hex,
  Intent,
  intentDigest,
  moveIntent,
  newestOf,
  refillIntent,
  signStatement,
  type Asset,
  type Policy,
} from '@kuramori/core';
import { jsonText, readConfig, replaceFile, writeNew } from '@kuramori/program';
import { listing, print, refuse } from '../command.ts';
import { openKey, policyOf, type House } from '../house.ts';

/** FILE: the intent, who approved it, and every transaction that was ordered for it, the newest last. */
export const Draft = z.strictObject({
  number: z.int().positive(),
  intent: Intent,
  /** Why the treasury asked for it, in its own words: vaults show it as said. */
  why: z.string().max(300).nullable(),
  approvals: z.array(Approval).max(32),
  plans: z.array(Hex).max(64),
});
export type Draft = z.infer<typeof Draft>;

/** As GET /v1/refills shows a refill. */
const Asked = z.looseObject({ number: z.int().positive(), intent: Intent, why: z.string().optional() });

export interface Terms {
  readonly from: string;
  readonly to: string;
  readonly asset: Asset;
  readonly amount: bigint;
  readonly number: number;
  /** The rule's, where none is given. */
  readonly feeCap: bigint | null;
  readonly hours: number;
}

export function draftOf(house: House, file: string, terms: Terms): number {
  const { policy } = newestOf(policyOf(house));
  const wallet = (name: string) => policy.wallets.find(({ id }) => id === name);
  const [from, to] = [wallet(terms.from), wallet(terms.to)];
  if (from?.role !== 'cold') return refuse(`refill: --from: ${terms.from} is no cold wallet of the policy`);
  if (!to) return refuse(`refill: --to: ${terms.to} is no wallet of the policy`);
  const rule = coldRuleFor(policy, from.id, terms.asset);
  if (!rule) return refuse(`refill: --asset: no rule of the policy lets ${terms.asset} leave ${from.id}`);
  const moved = {
    ...terms,
    feeCap: terms.feeCap ?? rule.feeCap,
    expiry: Math.floor(Date.now() / 1000) + terms.hours * 3600,
  };
  const { asset, amount, number, feeCap, expiry } = moved;
  const intentOf = to.role === 'hot' ? refillIntent : moveIntent;
  return write(policy, file, {
    number,
    intent: intentOf(from, to, { asset, amount, number, feeCap, expiry }),
    why: null,
    approvals: [],
    plans: [],
  });
}

/** From what custody asks for, as its API shows it: one of `refills`. */
export function draftAsked(house: House, file: string, asked: string): number {
  const { number, intent, why = null } = readConfig(asked, Asked);
  const { policy } = newestOf(policyOf(house));
  return write(policy, file, { number, intent, why: why?.slice(0, 300) ?? null, approvals: [], plans: [] });
}

function write(policy: Policy, file: string, draft: Draft): number {
  const { intent } = draft;
  const { wallet, asset, amount, destination } = intent;
  const rule = coldRuleFor(policy, wallet, asset);
  if (!rule) return refuse(`refill: no rule of the policy lets ${asset} leave ${wallet}`);
  const to = policy.wallets.find(({ address }) => address === destination.address);
  if (!to || !rule.to.includes(to.id))
    return refuse(`refill: the policy lets ${asset} of ${wallet} go to ${rule.to.join(', ')} alone`);
  writeNew(file, `${jsonText(draft)}\n`);
  print(
    `${listing([
      [wallet, `${formatAmount(amount, asset)} of ${asset} to ${to.id}, ${destination.address}`],
      ['intent', intentDigest(intent)],
      ['until', new Date(intent.expiry * 1000).toISOString()],
    ])}\n${file}: ${rule.approvals.quorum} of ${rule.approvals.people.length} people must approve it (kuramori refill approve)`,
  );
  return 0;
}

export function approve(house: House, file: string, keyFile: string): number {
  const draft = readConfig(file, Draft);
  const { intent } = draft;
  const { policy } = newestOf(policyOf(house));
  const rule = coldRuleFor(policy, intent.wallet, intent.asset);
  const key = openKey(keyFile);
  if (!rule) return refuse(`${file}: no rule of the policy lets ${intent.asset} leave ${intent.wallet}`);
  // A denial may ask for people of its own.
  const people = [rule.approvals, ...demandsOf(policy, intent)].flatMap((one) => one.people);
  if (!people.includes(key.publicKey))
    return refuse(`${keyFile}: ${key.publicKey} is nobody who approves what leaves ${intent.wallet}`);
  const others = draft.approvals.filter(({ person }) => person !== key.publicKey);
  const approval = {
    person: key.publicKey,
    signature: signStatement(key, 'approval', approvalOf(intent)),
  };
  const approvals = [...others, approval];
  replaceFile(file, `${jsonText({ ...draft, approvals })}\n`);
  const count = countApprovals(rule.approvals.people, intent, approvals);
  print(
    `${formatAmount(intent.amount, intent.asset)} of ${intent.asset} from ${intent.wallet} to ${intent.destination.address}\nintent ${intentDigest(intent)}\napproved by ${key.publicKey}: ${count} of ${rule.approvals.quorum}`,
  );
  return 0;
}
