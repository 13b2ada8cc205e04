/** What the watchtower tells the signers: who froze, what the keepers' thaws lift, and the newest journal that it holds of each. */
import {
  beforeFirst,
  counts,
  freezeOf,
  signerRoutes,
  signStatement,
  thawDigest,
  type Asset,
  type SignedEntry,
  type SignedFreeze,
  type SignedThaw,
  type SignerStatus,
  type SigningKey,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { jsonText, log } from '@kuramori/program';
import type { Archive } from './archive.ts';
import { names, type Freezer } from './frozen.ts';
import type { Incident } from './incident.ts';
import type { Witness } from './witness.ts';

export interface Teller {
  readonly key: SigningKey;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  readonly now: () => number;
  /** Whether our copies of the journals are worth showing. */
  readonly isOpen: () => boolean;
  readonly witness: Witness;
  /** The coins of the wallets that a signer signs for. */
  readonly paidBy: (signer: string) => readonly Asset[];
  /** Signers that are known to have frozen what would be sent home. */
  readonly told: Set<string>;
  /** What a signer says of itself. */
  readonly heardOf: (signer: string, status: SignerStatus) => void;
  /** A freeze, or a thaw, that a signer holds and we may not: verified, it is ours from now on. */
  readonly passOn: (signer: string, said: { freeze: SignedFreeze } | { thaw: SignedThaw }) => void;
}

/** A signer that is silent must not hold up what is done with the others for long. */
const bounds = { timeoutMs: 2_000, maxBytes: 1024 * 1024 };
/** As much of a journal as goes into one body; serveRoutes takes 4 MiB. In characters of JSON. */
const mostText = 1024 * 1024;

/** Passes freezes and thaws on, both ways, and shows a signer that is not open yet the journal that we hold of it. */
export async function tell(tower: Teller, id: string, where: Where): Promise<void> {
  const { freezer, told, passOn } = tower;
  if (!told.has(id)) await tellFreezes(tower, id, where, null);
  const status = await call(where, signerRoutes.status, {}, bounds);
  if (status.kind !== 'status') return;
  if (!freezeOf(status.freezes, ...tower.paidBy(id))) told.delete(id);
  tower.heardOf(id, status);
  for (const freeze of status.freezes) passOn(id, { freeze });
  for (const { thaw } of status.thaws) passOn(id, { thaw });
  // Restarted on an old copy, it must hold by the freeze before it is open.
  await tellFreezes(tower, id, where, status);
  if (!status.open && tower.isOpen()) await showJournal(tower, id, where, status);
  if (status.open) for (const { thaw } of freezer.thaws()) await tellThaw(tower, thaw, id, where, status);
  await witness(tower, id, where, status.checkpoint);
}

async function witness(tower: Teller, id: string, where: Where, shown: string | null): Promise<void> {
  const cosignature = tower.witness.due(id, shown);
  if (!cosignature) return;
  const answer = await call(where, signerRoutes.witness, cosignature, bounds);
  if (answer.kind === 'refused') tower.witness.answered(id, cosignature, answer);
}

async function tellFreezes(
  { freezer, told, incident, paidBy }: Teller,
  id: string,
  where: Where,
  status: SignerStatus | null,
): Promise<void> {
  for (const freeze of freezer.state()?.freezes ?? []) {
    if (status !== null && !lacks(status, freeze)) continue;
    const answer = await call(where, signerRoutes.freeze, freeze, bounds);
    if (answer.kind !== 'done' || told.has(id) || !freezeOf([freeze], ...paidBy(id))) continue;
    told.add(id);
    incident.note('signer frozen', { signer: id });
  }
}

/** Whether a freeze would stop more at a signer than stands there, or outlast a thaw that waits there. */
function lacks({ freezes, thaws }: SignerStatus, freeze: SignedFreeze): boolean {
  const waiting = new Map(thaws.map((one) => [thawDigest(one.thaw), one]));
  return counts({ freezes, thaws: waiting, lifted: new Set(), suspended: new Set() }, freeze);
}

/** Where it lifts something there: once to have it wait, and again when its wait is over. Each time with our clock. */
async function tellThaw(
  { key, now }: Teller,
  thaw: SignedThaw,
  id: string,
  where: Where,
  { session, freezes, thaws }: SignerStatus,
): Promise<void> {
  if (!freezes.some((freeze) => names(thaw, freeze))) return;
  const at = now();
  const waiting = thaws.find((one) => thawDigest(one.thaw) === thawDigest(thaw));
  if (waiting && at < waiting.due) return;
  const moment = { signer: id, session, at };
  const signed = { moment, watchtower: key.publicKey, signature: signStatement(key, 'moment', moment) };
  const answer = await call(where, signerRoutes.thaw, { thaw, moment: signed }, bounds);
  if (answer.kind === 'refused' && !['thaw-waits', 'moments-below-quorum'].includes(answer.why))
    log('thaw refused by a signer', { signer: id, why: answer.why, detail: answer.detail });
}

async function showJournal(
  { archive, key }: Teller,
  id: string,
  where: Where,
  theirs: { readonly session: string; readonly seq: number },
): Promise<void> {
  const { seq, head } = archive.history(id);
  const statement = { signer: id, session: theirs.session, seq, hash: seq === 0 ? beforeFirst : head };
  const signed = {
    head: statement,
    watchtower: key.publicKey,
    signature: signStatement(key, 'journal-head', statement),
  };
  const entries = fitting(archive.entries(id, theirs.seq + 1, 1000));
  const adopted = await call(where, signerRoutes.adopt, { head: signed, entries: [...entries] }, bounds);
  // More entries than fit into one body come with the next call.
  if (adopted.kind === 'refused' && adopted.why !== 'entries-missing')
    log('journal refused by its signer', { signer: id, why: adopted.why, detail: adopted.detail });
}

/** The first entries, as many as fit into a body; one at least. */
function fitting(entries: readonly SignedEntry[]): readonly SignedEntry[] {
  let length = 0;
  const end = entries.findIndex((entry) => (length += jsonText(entry).length) > mostText);
  return end < 0 ? entries : entries.slice(0, Math.max(1, end));
}
