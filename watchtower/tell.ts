/** What the watchtower tells the signers: that it froze, and the newest journal that it holds of each. */
import {
  beforeFirst,
  signerRoutes,
  signStatement,
  verifyFreeze,
  type PolicyChain,
  type SignedEntry,
  type SignedFreeze,
  type SigningKey,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { jsonText, log } from '@kuramori/program';
import type { Archive } from './archive.ts';
import type { Freezer } from './frozen.ts';
import type { Incident } from './incident.ts';
import type { Witness } from './witness.ts';

export interface Teller {
  readonly chain: PolicyChain;
  readonly key: SigningKey;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  readonly witness: Witness;
  /** Signers that are known to have frozen. */
  readonly told: Set<string>;
  /** A freeze that a signer holds and we do not: it is ours from now on. */
  readonly passOn: (signer: string, freeze: SignedFreeze) => void;
}

/** A signer that is silent must not hold up what is done with the others for long. */
const bounds = { timeoutMs: 2_000, maxBytes: 1024 * 1024 };
/** As much of a journal as goes into one body; serveRoutes takes 4 MiB. In characters of JSON. */
const mostText = 1024 * 1024;

/** Passes the freeze on, and shows a signer that is not open yet the journal that we hold of it. */
export async function tell(tower: Teller, id: string, socket: string): Promise<void> {
  const { freezer, told } = tower;
  if (freezer.state() && !told.has(id)) await tellFreeze(tower, id, socket);
  const status = await call(socket, signerRoutes.status, {}, bounds);
  if (status.kind !== 'status') return;
  const { frozen } = status;
  if (frozen === null) told.delete(id);
  else if (!freezer.state() && tower.chain.some(({ policy }) => verifyFreeze(policy, frozen)))
    tower.passOn(id, frozen);
  // Restarted on an old copy, it must hold by the freeze before it is open.
  if (freezer.state() && frozen === null) await tellFreeze(tower, id, socket);
  if (!status.open) await showJournal(tower, id, socket, status);
  await witness(tower, id, socket, status.checkpoint);
}

async function witness(tower: Teller, id: string, socket: string, shown: string | null): Promise<void> {
  const cosignature = tower.witness.due(id, shown);
  if (!cosignature) return;
  const answer = await call(socket, signerRoutes.witness, cosignature, bounds);
  if (answer.kind === 'refused') tower.witness.answered(id, cosignature, answer);
}

async function tellFreeze({ freezer, told, incident }: Teller, id: string, socket: string): Promise<void> {
  const frozen = freezer.state();
  if (!frozen) return;
  const answer = await call(socket, signerRoutes.freeze, frozen.freeze, bounds);
  if (answer.kind !== 'done' || told.has(id)) return;
  told.add(id);
  incident.note('signer frozen', { signer: id });
}

async function showJournal(
  { archive, key }: Teller,
  id: string,
  socket: string,
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
  const adopted = await call(socket, signerRoutes.adopt, { head: signed, entries: [...entries] }, bounds);
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
