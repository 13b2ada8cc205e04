/** Announce: the vaults' answers go to the watchtowers' copies of their journals, and the transaction to the chain. */
import { z } from 'zod';
import {
  countersigned,
  entryHash,
  Hex,
  newestOf,
  SignedEntry,
  watchtowerRoutes,
  type Countersignature,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { readConfig } from '@kuramori/program';
import { onChainOf } from '../chains/of.ts';
import { Stopped } from '../chains/on-chain.ts';
import { readSigned } from '../chains/signed.ts';
import { print, refuse, say } from '../command.ts';
import { policyOf, said, type House } from '../house.ts';
import { Draft } from './draft.ts';
import { file as fileEntries } from './towers.ts';

const Answer = z.looseObject({
  vault: z.string(),
  key: z.string(),
  share: Hex,
  signature: Hex,
  entries: z.array(SignedEntry).min(1).max(1000),
});
type Answer = z.infer<typeof Answer>;

/** Between two looks, in milliseconds, and after how many of them somebody is told. */
const [betweenMs, everyWord] = [500, 30];

export async function announce(house: House, file: string, answers: readonly string[]): Promise<number> {
  const { intent } = readConfig(file, Draft);
  const { planned } = readSigned(`${file}.signed`);
  const chain = policyOf(house);
  const on = onChainOf(house, newestOf(chain).policy, intent.wallet);
  if (typeof on === 'string') return refuse(`refill: ${on}`);
  const signatures = new Map<string, string>();
  const read = answers.map((one) => ({ one, answer: readConfig(one, Answer) }));
  for (const { one, answer } of read) {
    const whose = planned.shares.find(({ key, share }) => key === answer.key && share === answer.share);
    if (!whose) return refuse(`${one}: share: is of other bytes than ${file}.signed, or of another key`);
    signatures.set(answer.key, answer.signature);
  }
  const missing = planned.shares.filter(({ key }) => !signatures.has(key));
  if (missing.length > 0)
    return refuse(`${file}: ${missing.map(({ key }) => key).join(', ')} has not signed it: give its answer`);
  for (const { answer } of read) await letGo(house, chain, answer);
  await on.onChain.carry(planned, signatures);
  for (let waited = 0; ; waited += 1) {
    const fates = await Promise.all(
      house.watchtowers.map(({ at }) =>
        call(at, watchtowerRoutes.fate, { wallet: intent.wallet, plan: planned.plan }),
      ),
    );
    const of = (fate: string) => fates.filter((one) => one.kind === 'fate' && one.fate === fate).length;
    if (of('confirmed') === house.watchtowers.length) break;
    if (of('dead') > 0)
      throw new Stopped(
        'a watchtower says that it can never confirm any more: give `kuramori refill order` again, which plans it anew',
      );
    if (waited % everyWord === 0)
      say(
        `waits for a block: ${fates.map((fate, index) => `${house.watchtowers[index]?.name} ${fate.kind === 'fate' ? fate.fate : said(fate)}`).join(', ')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
  print(
    `confirmed, as every watchtower sees it: ${intent.amount} units of ${intent.asset} from ${intent.wallet} to ${intent.destination.address}`,
  );
  return 0;
}

/** What the vault recorded goes into every copy of its journal; a freeze since then stops it here. Throws Stopped. */
async function letGo(
  house: House,
  chain: ReturnType<typeof policyOf>,
  { vault, share, entries }: Answer,
): Promise<void> {
  const record = entries.find(({ entry: { body } }) => body.kind === 'payment' && body.share === share);
  if (!record) throw new Stopped(`${vault}: its answer has no record of what it signed`);
  const policy = chain.find(({ digest }) => digest === record.entry.policy)?.policy;
  if (!policy) throw new Stopped(`${vault}: it recorded under a policy that ${house.policy} has not`);
  const words: Countersignature[] = [];
  for (const tower of house.watchtowers) {
    const status = await call(tower.at, watchtowerRoutes.status, {});
    if (status.kind !== 'status') {
      say(`${tower.name}: ${said(status)}`);
      continue;
    }
    const seq = status.signers.find(({ signer }) => signer === vault)?.seq ?? 0;
    // Held already: asked again for its word alone.
    const from = Math.min(seq + 1, record.entry.seq);
    const word = await fileEntries(
      tower,
      entries.filter(({ entry }) => entry.seq >= from && entry.seq <= record.entry.seq),
    );
    if (word) words.push(word);
  }
  const count = countersigned(policy, entryHash(record.entry), words);
  if (count < policy.watchtowers.quorum)
    throw new Stopped(
      `${vault}: ${count} of the ${policy.watchtowers.quorum} watchtowers that it takes let it go now: see what each of them said. The answers stay good: give the command again`,
    );
}
