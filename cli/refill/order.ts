/** Order: the transaction is planned, the watchtowers judge it and countersign ahead what each vault is to record, a file for each. */
import { rmSync } from 'node:fs';
import { coldRuleFor, coinOf, countApprovals, newestOf, type Order, type Wallet } from '@kuramori/core';
import { jsonText, readConfig, readJson, replaceFile } from '@kuramori/program';
import { print, refuse } from '../command.ts';
import { policyOf, type House } from '../house.ts';
import { onChainOf } from '../chains/of.ts';
import { Stopped } from '../chains/on-chain.ts';
import { signedText } from '../chains/signed.ts';
import { Draft } from './draft.ts';
import { entriesOf, factsOver, level, ordered } from './towers.ts';

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
  const on = onChainOf(house, policy, name);
  if (typeof on === 'string') return refuse(`refill: ${on}`);
  const rule = coldRuleFor(policy, name, asset);
  if (!rule) return refuse(`${file}: no rule lets ${asset} leave ${name}`);
  const approved = countApprovals(rule.approvals.people, intent, approvals);
  if (approved < rule.approvals.quorum)
    return refuse(`${file}: ${approved} of the ${rule.approvals.quorum} people that it takes approved it`);
  const wallet = await on.onChain.acting();
  const signing = vaultsOf(wallet, given.vaults);
  if (typeof signing === 'string') return refuse(`refill: --vaults: ${signing}`);
  const heads = await Promise.all(signing.map(({ vault }) => level(house, vault)));
  const facts = await factsOver(house, { wallet: name, asset, plans: draft.plans }, heads);
  const at = facts[0]?.fact.at;
  if (at === undefined) throw new Stopped('no watchtower states anything of it: see what each of them said');
  const keys = signing.map(({ publicKey }) => publicKey);
  const planned = await on.onChain.planPayment(wallet, intent, keys, at);
  // Before anybody may sign it: another transaction is signed only over one that is named here, and dead.
  replaceFile(file, `${jsonText({ ...draft, plans: [...draft.plans, planned.plan] })}\n`);
  const authority = { kind: 'treasury', number: draft.number } as const;
  const written: string[] = [];
  for (const { vault, publicKey } of signing) {
    const share = planned.shares.find(({ key }) => key === publicKey)?.share;
    if (share === undefined) throw new Stopped(`${publicKey} has no part in the transaction`);
    const asked: Order = {
      vault,
      policy: digest,
      ask: {
        kind: 'payment',
        wallet: name,
        intents: [{ intent, authority, approvals }],
        plan: planned.plan,
        share,
        facts: [...facts],
      },
    };
    const countersignatures = await ordered(house, policy, asked);
    const [tower] = house.watchtowers;
    const journal = given.journal && tower ? await entriesOf(tower, vault, 1) : [];
    const request = {
      policy: readJson(house.policy),
      order: asked,
      countersignatures,
      ...(planned.previous ? { previous: [...planned.previous] } : {}),
      ...(journal.length > 0 ? { journal: [...journal] } : {}),
      claims: claimsOf(draft, facts[0]?.fact.balance.units ?? 0n),
    };
    const target = `${file}.${vault}`;
    replaceFile(target, `${jsonText(request)}\n`);
    written.push(target);
  }
  // An answer to an earlier order is of other bytes.
  rmSync(`${file}.signed`, { force: true });
  replaceFile(`${file}.signed`, signedText(planned, []));
  print(
    `${written.map((one, index) => `${one}: carry it to ${signing[index]?.vault} (there: ./kuramori-vault sign FOLDER ${one} > answer)`).join('\n')}\nthen: kuramori refill announce ${file} --answer FILE, one for each`,
  );
  return 0;
}

/** What the bytes do not say. */
function claimsOf({ why, intent }: Draft, holds: bigint): { what: string; value: string }[] {
  const left = holds - intent.amount;
  return [
    ...(why === null ? [] : [{ what: 'why', value: why }]),
    { what: 'left', value: `${left} units of ${coinOf(intent.asset)} stay in ${intent.wallet}` },
  ];
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
  return signing.slice(0, threshold);
}
