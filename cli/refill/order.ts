/** Order: the transaction is planned, the watchtowers judge it and countersign ahead what each vault is to record, a file for each. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import {
  coldRuleFor,
  countApprovals,
  newestOf,
  mostPlans,
  Order,
  orderNonce,
  type PaymentAsk,
  type Policy,
  type PolicyChain,
  type SignedEntry,
  type Wallet,
} from '@kuramori/core';
import { jsonText, readConfig, readJson, replaceFile } from '@kuramori/program';
import { print, refuse, say } from '../command.ts';
import { policyOf, type House } from '../house.ts';
import { onChainOf } from '../chains/of.ts';
import { Stopped, type Planned } from '../chains/on-chain.ts';
import { readSigned, signedText } from '../chains/signed.ts';
import { Draft } from './draft.ts';
import { factsOver, fateOf, headOf, journalAt, ordered, type Head } from './towers.ts';

export interface Ordering {
  /** Those who shall sign; none: the first that the policy names, as many as it takes. */
  readonly vaults: readonly string[];
  readonly version: number | null;
  /** Whether each file brings the vault's own journal back to it. */
  readonly journal: boolean;
}

export async function order(house: House, file: string, given: Ordering): Promise<number> {
  const draft = readConfig(file, Draft);
  const { intent, approvals } = draft;
  const { wallet: name, asset } = intent;
  const chain = policyOf(house);
  const found =
    given.version === null ? newestOf(chain) : chain.find(({ policy: one }) => one.version === given.version);
  if (!found) return refuse(`refill: --version: ${house.policy} has no version ${given.version}`);
  const { policy, digest } = found;
  const on = onChainOf(house, policy, name, 'payment');
  if (typeof on === 'string') return refuse(`refill: ${on}`);
  const rule = coldRuleFor(policy, name, asset);
  if (!rule) return refuse(`${file}: no rule lets ${asset} leave ${name}`);
  const approved = countApprovals(policy, rule.approvals, intent, approvals);
  if (approved < rule.approvals.quorum)
    return refuse(`${file}: ${approved} of the ${rule.approvals.quorum} people that it takes approved it`);
  const wallet = await on.onChain.acting();
  const signing = vaultsOf(wallet, given.vaults);
  if (typeof signing === 'string') return refuse(`refill: --vaults: ${signing}`);
  const heads = await Promise.all(signing.map(({ vault }) => headOf(house, chain, vault)));
  const facts = await factsOver(house, { wallet: name, asset, plans: draft.plans }, heads);
  const at = facts[0]?.fact.at;
  if (at === undefined) throw new Stopped('no watchtower states anything of it: see what each of them said');
  const keys = signing.map(({ publicKey }) => publicKey);
  const before = await lastOf(house, policy, file, draft);
  if (before !== null && before.shares.map(({ key }) => key).join() !== keys.join())
    return refuse(
      `${file}: a transaction of it may still confirm, which is for ${before.shares.map(({ key }) => wallet.cosigners.find((one) => one.publicKey === key)?.vault ?? key).join(', ')}: name the same vaults, or wait until watchtowers call it dead`,
    );
  const planned = before ?? (await on.onChain.planPayment(wallet, intent, keys, at));
  if (before === null) {
    if (draft.plans.length >= mostPlans)
      return refuse(
        `${file}: was planned ${draft.plans.length} times, and no more are judged: have it asked for anew, by another number`,
      );
    // Before anybody may sign it: another transaction is signed only over one that is named here, and dead.
    replaceFile(file, `${jsonText({ ...draft, plans: [...draft.plans, planned.plan] })}\n`);
    replaceFile(`${file}.signed`, signedText(planned, []));
  }
  const files: { readonly target: string; readonly vault: string; readonly text: string | null }[] = [];
  for (const [index, { vault, publicKey }] of signing.entries()) {
    const share = planned.shares.find(({ key }) => key === publicKey)?.share;
    const head = heads[index];
    if (share === undefined || !head) throw new Stopped(`${publicKey} has no part in the transaction`);
    const target = `${file}.for-${vault}`;
    const made = { vault, share, target, head };
    if (!given.journal && (await stands(house, chain, made))) {
      say(`${vault}: what was ordered before stands`);
      files.push({ target, vault, text: null });
    } else {
      const ask = { ...askOf(draft, planned), share, facts: [...facts] };
      const asked: Order = { vault, policy: digest, ask };
      const journal = given.journal ? await longestOf(house, chain, vault) : [];
      files.push({
        target,
        vault,
        text: await requestText(house, policy, asked, { draft, planned, journal }),
      });
    }
  }
  // All or none: one of an earlier order beside one of this would be signed in vain.
  for (const { target, text } of files) if (text !== null) replaceFile(target, `${text}\n`);
  const answer = (vault: string) => `${file}.of-${vault}`;
  for (const { target, vault } of files)
    print(
      `${target}: carry it to ${vault} (there: ./kuramori-vault sign FOLDER ${target} --present NAME --present NAME > ${answer(vault)})`,
    );
  print(
    `then: kuramori refill announce ${file} ${files.map(({ vault }) => `--answer ${answer(vault)}`).join(' ')}`,
  );
  return 0;
}

function askOf({ number, intent, approvals }: Draft, { plan }: Planned): Omit<PaymentAsk, 'share' | 'facts'> {
  const authority = { kind: 'treasury', number } as const;
  return { kind: 'payment', wallet: intent.wallet, intents: [{ intent, authority, approvals }], plan };
}

/** What is carried to a vault, once a quorum has ordered it. Throws Stopped. */
async function requestText(
  house: House,
  policy: Policy,
  asked: Order,
  {
    draft: { why },
    planned: { previous },
    journal,
  }: { readonly draft: Draft; readonly planned: Planned; readonly journal: readonly SignedEntry[] },
): Promise<string> {
  return jsonText({
    policy: readJson(house.policy),
    order: asked,
    countersignatures: await ordered(house, policy, asked),
    ...(previous ? { previous: [...previous] } : {}),
    ...(journal.length > 0 ? { journal: [...journal] } : {}),
    claims: why === null ? [] : [{ what: 'why', value: why }],
  });
}

/** Whether the file of an earlier order of these bytes is still good: the vault has signed it, or its journal is where it was then. */
async function stands(
  house: House,
  chain: PolicyChain,
  of: { readonly vault: string; readonly share: string; readonly target: string; readonly head: Head },
): Promise<boolean> {
  if (!existsSync(of.target)) return false;
  const { order: made } = readConfig(of.target, z.looseObject({ order: Order }));
  if (made.ask.share !== of.share) return false;
  const nonce = orderNonce(of.head);
  if (made.ask.facts.some(({ fact }) => fact.nonces.includes(nonce))) return true;
  const journal = await longestOf(house, chain, of.vault);
  return journal.some(({ entry: { body } }) => body.kind === 'payment' && body.share === of.share);
}

/** What was planned before, while it may still confirm: those who have it need nothing new. */
async function lastOf(
  house: House,
  policy: Policy,
  file: string,
  { intent, plans }: Draft,
): Promise<Planned | null> {
  const last = plans.at(-1);
  if (last === undefined || !existsSync(`${file}.signed`)) return null;
  const { planned } = readSigned(`${file}.signed`);
  if (planned.plan !== last) return null;
  const { fate } = await fateOf(house, policy, { wallet: intent.wallet, plan: last });
  return fate === 'dead' ? null : planned;
}

async function longestOf(house: House, chain: PolicyChain, vault: string): Promise<readonly SignedEntry[]> {
  const copies = await Promise.all(house.watchtowers.map((tower) => journalAt(tower, chain, vault)));
  return copies.reduce((one, other) => (other.length > one.length ? other : one), []);
}

interface Signing {
  readonly vault: string;
  readonly publicKey: string;
}

function vaultsOf(
  { id, cosigners, threshold }: Wallet,
  named: readonly string[],
): readonly Signing[] | string {
  const all = cosigners.flatMap(({ vault, publicKey }) => (vault === undefined ? [] : { vault, publicKey }));
  const unknown = named.find((name) => !all.some(({ vault }) => vault === name));
  if (unknown !== undefined)
    return `${unknown} is no vault of ${id}: ${all.map(({ vault }) => vault).join(', ')}`;
  const signing = named.length === 0 ? all : all.filter(({ vault }) => named.includes(vault));
  if (signing.length < threshold) return `${signing.length} of the ${threshold} that must sign for ${id}`;
  if (named.length > threshold) return `names ${named.length}, and ${threshold} sign for ${id}`;
  return signing.slice(0, threshold);
}
