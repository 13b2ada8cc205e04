/** The watchtowers' part: facts over the vaults' journals, their words ahead, and what the vaults recorded back to them. None is believed alone. */
import {
  beforeFirst,
  countersigned,
  entryHash,
  orderNonce,
  verifyEntry,
  watchtowerRoutes,
  type Asset,
  type Countersignature,
  type Order,
  type Policy,
  type PolicyChain,
  type SignedEntry,
  type SignedFact,
  type Told,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { say } from '../command.ts';
import { said, type House } from '../house.ts';
import { Stopped } from '../chains/on-chain.ts';

type Tower = House['watchtowers'][number];

/** How far a vault's journal is proven. */
export interface Head {
  readonly seq: number;
  readonly head: string;
}

/** More than any vault ever signs; who claims more is no watchtower of ours. */
const longest = 100_000;

async function headAt({ name, at }: Tower, vault: string): Promise<Head | null> {
  const status = await call(at, watchtowerRoutes.status, {});
  if (status.kind !== 'status') {
    say(`${name}: ${said(status)}`);
    return null;
  }
  return status.signers.find(({ signer }) => signer === vault) ?? { seq: 0, head: beforeFirst };
}

/**
 * How far the vault's journal goes: where all that answer say the same, by their word; else by the longest that one of them proves, entry
 * by entry, and the others are given what they lack. Throws Stopped where nobody answers.
 */
export async function headOf(house: House, chain: PolicyChain, vault: string): Promise<Head> {
  const heads: { readonly tower: Tower; readonly head: Head }[] = [];
  for (const tower of house.watchtowers) {
    const head = await headAt(tower, vault);
    if (head) heads.push({ tower, head });
  }
  const [first] = heads;
  if (!first) throw new Stopped('no watchtower answers: start them, or see whom the house’s file names');
  if (heads.every(({ head }) => head.seq === first.head.seq && head.head === first.head.head))
    return first.head;
  const proven = await Promise.all(heads.map(({ tower }) => journalAt(tower, chain, vault)));
  const best = proven.reduce((one, other) => (other.length > one.length ? other : one), []);
  for (const { tower, head } of heads)
    for (const record of best.slice(head.seq)) await give(tower, { record, countersignatures: [] });
  const last = best.at(-1)?.entry;
  return last ? { seq: last.seq, head: entryHash(last) } : { seq: 0, head: beforeFirst };
}

/** A watchtower's copy of a vault's journal, as far as its own signatures and links prove it. */
export async function journalAt(
  { name, at }: Tower,
  chain: PolicyChain,
  vault: string,
): Promise<readonly SignedEntry[]> {
  const entries: SignedEntry[] = [];
  while (entries.length < longest) {
    const from = entries.length + 1;
    const answer = await call(at, watchtowerRoutes.entries, { signer: vault, from });
    if (answer.kind !== 'entries') {
      say(`${name}: ${said(answer)}`);
      return entries;
    }
    if (answer.entries.length === 0) return entries;
    for (const record of answer.entries) {
      const { entry } = record;
      const last = entries.at(-1)?.entry;
      const under = chain.find(({ digest }) => digest === entry.policy)?.policy;
      if (
        entry.signer !== vault ||
        entry.seq !== entries.length + 1 ||
        entry.prev !== (last ? entryHash(last) : beforeFirst) ||
        !under ||
        !verifyEntry(under, record)
      ) {
        say(`${name}: entry ${entries.length + 1} of ${vault} as it has it is not that vault’s: look at it`);
        return entries;
      }
      entries.push(record);
    }
  }
  return entries;
}

/** Gives a watchtower one entry; its word for it, where it gives one. */
async function give(
  { name, at }: Tower,
  { record, countersignatures }: Told,
): Promise<Countersignature | null> {
  const answer = await call(at, watchtowerRoutes.told, {
    record,
    countersignatures: [...countersignatures],
  });
  if (answer.kind === 'countersigned') return answer.countersignature;
  say(`${name}, entry ${record.entry.seq} of ${record.entry.signer}: ${said(answer)}`);
  return null;
}

/** Brings what a vault recorded to every watchtower: how many words there are then for its last entry. */
export async function tell(
  house: House,
  vault: string,
  entries: readonly Told[],
): Promise<readonly Countersignature[]> {
  const words: Countersignature[] = [];
  for (const tower of house.watchtowers) {
    const head = await headAt(tower, vault);
    if (!head) continue;
    // The last one also where it is held: asked again for its word alone.
    const lacking = entries.filter(
      ({ record }, index) => record.entry.seq > head.seq || index === entries.length - 1,
    );
    let word: Countersignature | null = null;
    for (const one of lacking) word = await give(tower, one);
    if (word) words.push(word);
  }
  return words;
}

/** What every watchtower that answers states of the wallet, over the heads of all vaults that shall sign. */
export async function factsOver(
  house: House,
  asked: { readonly wallet: string; readonly asset: Asset; readonly plans: readonly string[] },
  heads: readonly Head[],
): Promise<readonly SignedFact[]> {
  const nonces = [...new Set(heads.map(orderNonce))];
  const answers = await Promise.all(
    house.watchtowers.map(async ({ name, at }) => ({
      name,
      answer: await call(at, watchtowerRoutes.fact, {
        ...asked,
        plans: [...asked.plans],
        nonces,
        purpose: 'payment',
      }),
    })),
  );
  for (const { name, answer } of answers) if (answer.kind !== 'fact') say(`${name}: ${said(answer)}`);
  return answers.flatMap(({ answer }) => (answer.kind === 'fact' ? answer.fact : []));
}

/** A quorum's words over what the vault is to record. Throws Stopped. */
export async function ordered(house: House, policy: Policy, order: Order): Promise<Countersignature[]> {
  const answers = await Promise.all(
    house.watchtowers.map(async ({ name, at }) => ({
      name,
      answer: await call(at, watchtowerRoutes.order, order),
    })),
  );
  for (const { name, answer } of answers)
    say(
      `${order.vault}: ${name} ${answer.kind === 'ordered' ? `has countersigned entry ${answer.entry.seq}` : said(answer)}`,
    );
  const words = answers.flatMap(({ answer }) => (answer.kind === 'ordered' ? answer.countersignature : []));
  const alike = answers
    .flatMap(({ answer }) => (answer.kind === 'ordered' ? entryHash(answer.entry) : []))
    .some((entry) => countersigned(policy, entry, words) >= policy.watchtowers.quorum);
  if (!alike)
    throw new Stopped(
      `${order.vault}: too few watchtowers have countersigned one and the same: nothing is ordered that a vault would sign`,
    );
  return words;
}

/** What a quorum says became of a plan; null where none says the same. */
export async function fateOf(
  house: House,
  policy: Policy,
  asked: { readonly wallet: string; readonly plan: string },
): Promise<{ readonly fate: string | null; readonly each: readonly string[] }> {
  const answers = await Promise.all(
    house.watchtowers.map(({ at }) => call(at, watchtowerRoutes.fate, asked)),
  );
  const fates = answers.flatMap((answer) => (answer.kind === 'fate' ? answer.fate : []));
  const quorate = fates.find(
    (fate) => fates.filter((other) => other === fate).length >= policy.watchtowers.quorum,
  );
  return {
    fate: quorate ?? null,
    each: answers.map(
      (answer, index) =>
        `${house.watchtowers[index]?.name} ${answer.kind === 'fate' ? answer.fate : said(answer)}`,
    ),
  };
}
