/** Draft: what shall leave a cold wallet, written down for those who approve it; and their approvals. */
import { z } from 'zod';
import {
  Approval,
  approvalOf,
  coinOf,
  coldRuleFor,
  countApprovals,
  demandsOf,
  denialsOf,
  formatAmount,
  Hex,
  Intent,
  intentDigest,
  longestMove,
  mostApprovals,
  mostPlans,
  moveIntent,
  newestOf,
  refillIntent,
  signStatement,
  type Asset,
  type Policy,
} from '@kuramori/core';
import { jsonText, readConfig, replaceFile, typed, writeNew } from '@kuramori/program';
import { listing, print, refuse, say } from '../command.ts';
import { openKey, policyOf, type House } from '../house.ts';

/** FILE: the intent, who approved it, and every transaction that was ordered for it, the newest last. */
export const Draft = z.strictObject({
  number: z.int().positive(),
  intent: Intent,
  /** Why the treasury asked for it, in its own words: vaults show it as said. */
  why: z.string().max(160).nullable(),
  approvals: z.array(Approval).max(mostApprovals),
  plans: z.array(Hex).max(mostPlans),
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
  if (!policy.coldRules)
    return refuse(
      'refill: the policy has no coldRules: nothing leaves a cold wallet by it (a sandbox that was built before begins anew with --fresh)',
    );
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
  const { asset, amount, feeCap, expiry } = intent;
  const meant = refillIntent(
    { id: intent.wallet },
    { address: intent.destination.address },
    { asset, amount, feeCap, expiry, number },
  );
  // Before people look at it: nobody would order it.
  if (intentDigest(meant) !== intentDigest(intent))
    return refuse(
      `${asked}: intent: is not what refill ${number} of ${intent.wallet} would be: it was changed`,
    );
  return write(policy, file, { number, intent, why: why?.slice(0, 160) ?? null, approvals: [], plans: [] });
}

function write(policy: Policy, file: string, draft: Draft): number {
  const { intent } = draft;
  const { wallet, asset, destination } = intent;
  const rule = coldRuleFor(policy, wallet, asset);
  if (!rule) return refuse(`refill: no rule of the policy lets ${asset} leave ${wallet}`);
  const to = policy.wallets.find(({ address }) => address === destination.address);
  if (!to || !rule.to.includes(to.id))
    return refuse(`refill: the policy lets ${asset} of ${wallet} go to ${rule.to.join(', ')} alone`);
  const seconds = intent.expiry - Math.floor(Date.now() / 1000);
  if (seconds <= 0 || seconds * 1000 > longestMove)
    return refuse('refill: the intent must end within the next 30 days: have it asked for anew');
  writeNew(file, `${jsonText(draft)}\n`);
  print(
    `${shownTo(policy, intent)}\n${file}: ${rule.approvals.quorum} of ${rule.approvals.people.length} people must approve it (kuramori refill approve)`,
  );
  return 0;
}

/** What people approve, all of it. */
function shownTo({ wallets }: Policy, intent: Intent): string {
  const { wallet, asset, amount, destination, feeCap, expiry } = intent;
  const to = wallets.find(({ address }) => address === destination.address);
  return listing([
    ['sends', `${formatAmount(amount, asset)} of ${asset}`],
    ['from', wallet],
    ['to', `${to ? `${to.id}, a ${to.role} wallet of the policy` : 'UNKNOWN'}: ${destination.address}`],
    ['fees', `at most ${formatAmount(feeCap, coinOf(asset))} of ${coinOf(asset)}`],
    ['until', new Date(expiry * 1000).toISOString()],
    ['intent', intentDigest(intent)],
  ]);
}

/** `confirm`: what somebody would type, for scripts. */
export async function approve(
  house: House,
  file: string,
  keyFile: string,
  confirm: string | null,
): Promise<number> {
  const draft = readConfig(file, Draft);
  const { intent } = draft;
  const chain = policyOf(house);
  const { policy } = newestOf(chain);
  const rule = coldRuleFor(policy, intent.wallet, intent.asset);
  const key = openKey(keyFile);
  if (!rule) return refuse(`${file}: no rule of the policy lets ${intent.asset} leave ${intent.wallet}`);
  // While a version waits the one before has its say as well; and a denial may ask for people of its own.
  const people = chain.flatMap(({ policy: one }) => {
    const of = coldRuleFor(one, intent.wallet, intent.asset);
    return [
      ...(of?.approvals.people ?? []),
      ...demandsOf({ ...one, denials: denialsOf(one, intent) }, intent).flatMap((demand) => demand.people),
    ];
  });
  if (!people.includes(key.publicKey))
    return refuse(`${keyFile}: ${key.publicKey} is nobody who approves what leaves ${intent.wallet}`);
  print(shownTo(policy, intent));
  const answer =
    confirm ??
    (await typed(
      say,
      'If all of this is so, type the amount, a blank, and the last 6 characters of the address / すべてこのとおりなら、額、空白、宛先アドレスの末尾6文字を打ち込んでください:',
    ));
  if (!isTyped(answer ?? '', intent))
    return refuse('what was typed is not the amount and the end of the address: nothing is approved');
  const others = draft.approvals.filter(
    ({ person, signature }) => person !== key.publicKey || signature === undefined,
  );
  const approval = {
    person: key.publicKey,
    signature: signStatement(key, 'approval', approvalOf(intent)),
  };
  const approvals = [...others, approval];
  replaceFile(file, `${jsonText({ ...draft, approvals })}\n`);
  const count = countApprovals(policy, rule.approvals, intent, approvals);
  print(`approved by ${key.publicKey}: ${count} of ${rule.approvals.quorum}`);
  return 0;
}

function isTyped(answer: string, { amount, asset, destination }: Intent): boolean {
  const shown = `${formatAmount(amount, asset)} `;
  const end = answer.trim().slice(shown.length).trim();
  return (
    answer.trim().startsWith(shown) &&
    end.length >= 6 &&
    destination.address.toLowerCase().endsWith(end.toLowerCase())
  );
}
