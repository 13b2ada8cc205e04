/** Announce: the vaults' answers go to the watchtowers' copies of their journals, and the transaction to the chain. */
import { countersigned, entryHash, formatAmount, newestOf, type PolicyChain } from '@kuramori/core';
import { readConfig } from '@kuramori/program';
import { onChainOf } from '../chains/of.ts';
import { Stopped } from '../chains/on-chain.ts';
import { readSigned } from '../chains/signed.ts';
import { print, refuse, say } from '../command.ts';
import { policyOf, type House } from '../house.ts';
import { readAnswer, readTold, type Answer } from './answer.ts';
import { Draft } from './draft.ts';
import { fateOf, tell } from './towers.ts';

/** Between two looks, in milliseconds; after how many of them somebody is told, and what else helps. */
const [betweenMs, everyWord, patience] = [500, 30, 120];

export async function announce(house: House, file: string, answers: readonly string[]): Promise<number> {
  const { intent } = readConfig(file, Draft);
  const read = answers.map((one) => ({ one, answer: readAnswer(one) }));
  const chain = policyOf(house);
  // Whatever else is wrong with it: a journal that did not come back keeps its vault from signing again.
  const words = new Map<Answer, number>();
  const flaws: string[] = [];
  for (const { one, answer } of read) {
    const count = await letGo(house, chain, answer);
    if (typeof count === 'string') flaws.push(`${one}: ${count}`);
    else words.set(answer, count);
  }
  if (flaws.length > 0) return refuse(flaws.join('\n'));
  const { planned } = readSigned(`${file}.signed`);
  const { policy } = newestOf(chain);
  const on = onChainOf(house, policy, intent.wallet, 'payment');
  if (typeof on === 'string') return refuse(`refill: ${on}`);
  const signatures = new Map<string, string>();
  for (const { one, answer } of read) {
    const whose = planned.shares.find(({ key, share }) => key === answer.key && share === answer.share);
    if (!whose)
      return refuse(
        `${one}: share: is of other bytes than ${file}.signed: its journal went to the watchtowers, and its signature is of an earlier order`,
      );
    signatures.set(answer.key, answer.signature);
  }
  const missing = planned.shares.filter(({ key }) => !signatures.has(key));
  if (missing.length > 0)
    return refuse(`${file}: ${missing.map(({ key }) => key).join(', ')} has not signed it: give its answer`);
  for (const { answer } of read)
    if ((words.get(answer) ?? 0) < policy.watchtowers.quorum)
      throw new Stopped(
        `${answer.vault}: ${words.get(answer)} of the ${policy.watchtowers.quorum} watchtowers that it takes let it go now: see what each of them said. The answers stay good: give the command again`,
      );
  const asked = { wallet: intent.wallet, plan: planned.plan };
  // Given again after it was sent, nodes would refuse it.
  if ((await fateOf(house, policy, asked)).fate !== 'confirmed') await on.onChain.carry(planned, signatures);
  for (let waited = 0; ; waited += 1) {
    const { fate, each } = await fateOf(house, policy, asked);
    if (fate === 'confirmed') break;
    if (fate === 'dead')
      throw new Stopped(
        'watchtowers say that it can never confirm any more: give `kuramori refill order` again, which plans it anew',
      );
    if (waited % everyWord === 0) say(`waits for a block: ${each.join(', ')}`);
    const instead = waited === patience ? on.onChain.instead(planned, signatures) : null;
    if (instead !== null) say(instead);
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
  print(
    `confirmed, as a quorum of watchtowers sees it: ${formatAmount(intent.amount, intent.asset)} of ${intent.asset} from ${intent.wallet} to ${intent.destination.address}`,
  );
  return 0;
}

/** How many watchtowers let the vault's record go now: one that has frozen since it ordered it does not. */
async function letGo(
  house: House,
  chain: PolicyChain,
  { vault, share, entries }: Answer,
): Promise<number | string> {
  const at = entries.findIndex(
    ({ record: { entry } }) => entry.body.kind === 'payment' && entry.body.share === share,
  );
  const record = entries[at]?.record;
  if (!record) return 'has no record of what it signed: have the vault give it again';
  const policy = chain.find(({ digest }) => digest === record.entry.policy)?.policy;
  if (!policy) return `${vault} recorded it under a policy that ${house.policy} has not`;
  const words = await tell(house, vault, entries.slice(0, at + 1));
  if (at + 1 < entries.length) await tell(house, vault, entries.slice(at + 1));
  return countersigned(policy, entryHash(record.entry), words);
}

/** `kuramori refill told`: what vaults recorded, also where nothing is to be announced. */
export async function told(house: House, files: readonly string[]): Promise<number> {
  for (const file of files) {
    const { vault, entries } = readTold(file);
    const words = await tell(house, vault, entries);
    print(`${vault}: ${entries.length} entries; ${words.length} watchtowers hold the last one and let it go`);
  }
  return 0;
}
