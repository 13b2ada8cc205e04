/** The watchtowers' part: facts over the vaults' journals, their words ahead, and what the vaults recorded back to them. */
import {
  beforeFirst,
  countersigned,
  entryHash,
  orderNonce,
  watchtowerRoutes,
  type Asset,
  type Countersignature,
  type Order,
  type Policy,
  type SignedEntry,
  type SignedFact,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { say } from '../command.ts';
import { said, type House } from '../house.ts';
import { Stopped } from '../chains/on-chain.ts';

type Tower = House['watchtowers'][number];

/** How far the watchtowers hold a vault's journal. */
export interface Held {
  readonly seq: number;
  readonly head: string;
}

async function heldBy(at: Tower['at'], vault: string): Promise<Held | null> {
  const status = await call(at, watchtowerRoutes.status, {});
  if (status.kind !== 'status') return null;
  return status.signers.find(({ signer }) => signer === vault) ?? { seq: 0, head: beforeFirst };
}

/** Gives each watchtower what another holds of the vault's journal and it does not; answers with the longest. */
export async function level(house: House, vault: string): Promise<Held> {
  const held = await Promise.all(
    house.watchtowers.map(async (tower) => ({ tower, held: await heldBy(tower.at, vault) })),
  );
  const known = held.flatMap((one) => (one.held ? { tower: one.tower, held: one.held } : []));
  const longest = known.toSorted((a, b) => b.held.seq - a.held.seq)[0];
  if (!longest) throw new Stopped('no watchtower answers: start them, or see whom the house’s file names');
  for (const { tower, held: one } of known)
    if (one.seq < longest.held.seq) await file(tower, await entriesOf(longest.tower, vault, one.seq + 1));
  return longest.held;
}

/** A watchtower's copy of a vault's journal from an entry on, for a vault that was restored, or another watchtower. */
export async function entriesOf(tower: Tower, vault: string, from: number): Promise<readonly SignedEntry[]> {
  const entries: SignedEntry[] = [];
  for (;;) {
    const next = from + entries.length;
    const answer = await call(tower.at, watchtowerRoutes.entries, { signer: vault, from: next });
    if (answer.kind !== 'entries') throw new Stopped(`${tower.name}: ${said(answer)}`);
    if (answer.entries.length === 0) return entries;
    entries.push(...answer.entries);
  }
}

/** Gives a watchtower entries in their order; the word for the last one, where it gives it. */
export async function file(
  { name, at }: Tower,
  entries: readonly SignedEntry[],
): Promise<Countersignature | null> {
  let word: Countersignature | null = null;
  for (const entry of entries) {
    const answer = await call(at, watchtowerRoutes.countersign, entry);
    word = answer.kind === 'countersigned' ? answer.countersignature : null;
    if (word === null) say(`${name}, entry ${entry.entry.seq} of ${entry.entry.signer}: ${said(answer)}`);
  }
  return word;
}

/** What every watchtower that answers states of the wallet, over the heads of all vaults that shall sign. */
export async function factsOver(
  house: House,
  asked: { readonly wallet: string; readonly asset: Asset; readonly plans: readonly string[] },
  heads: readonly Held[],
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
