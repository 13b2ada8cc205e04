/** Step 3 of "How a signature leaves": the same judgement as the signer's, on our own view of the chain and our own copy of its journal. */
import {
  entryHash,
  judge,
  signStatement,
  type Countersignature,
  type Entry,
  type History,
  type Policy,
  type Refusal,
  type SignedEntry,
  type SigningKey,
} from '@kuramori/core';
import { evidenceSigned, explainShare, type NemNetwork } from '@kuramori/chains/nem/codec';
import type { Archive } from './archive.ts';

export interface Countersigner {
  readonly policy: Policy;
  readonly digest: string;
  readonly network: NemNetwork;
  readonly key: SigningKey;
  readonly archive: Archive;
  readonly frozen: () => boolean;
  /** Our own clock and balance; a text says why we have no view. */
  readonly witness: (wallet: string) => Promise<{ readonly at: number; readonly balance: bigint } | string>;
  /** Entries of a signer from a number on, asked of the signer itself. */
  readonly fetchEntries: (signer: string, from: number) => Promise<readonly SignedEntry[]>;
}

export type Countersigned = { kind: 'countersigned'; countersignature: Countersignature } | Refusal;

export async function countersign(tower: Countersigner, record: SignedEntry): Promise<Countersigned> {
  const { entry } = record;
  const hash = entryHash(entry);
  if (entry.policy !== tower.digest)
    return refused('policy', 'recorded under another policy than this watchtower holds');
  const taken = await take(tower, record);
  if (taken !== null) return taken;
  const verdict = tower.archive.verdict(hash);
  if (typeof verdict === 'string') return refused('judged', verdict);
  if (tower.frozen() && entry.body.kind !== 'evacuation')
    return refused('frozen', 'this watchtower has frozen: only evacuations are countersigned');
  tower.archive.countersign(hash);
  const signature = signStatement(tower.key, 'countersignature', { entry: hash });
  return { kind: 'countersigned', countersignature: { watchtower: tower.key.publicKey, signature } };
}

/** Keeps the entry and all before it. Null where it is held; a refusal where it is not an extension, or we cannot see. */
async function take(tower: Countersigner, record: SignedEntry): Promise<Refusal | null> {
  const { entry } = record;
  const wallet = entry.body.kind === 'freeze' ? null : entry.body.wallet;
  const witnessed = wallet === null ? null : await tower.witness(wallet);
  if (typeof witnessed === 'string') return refused('blind', witnessed);
  const held = tower.archive.history(entry.signer).seq;
  if (entry.seq > held + 1) {
    for (const earlier of await tower.fetchEntries(entry.signer, held + 1)) {
      if (earlier.entry.seq >= entry.seq) break;
      const before = await take(tower, earlier);
      if (before !== null) return before;
    }
  }
  const outcome = tower.archive.take(record, (history) => verdictOf(tower, entry, history, witnessed));
  return outcome === 'taken' || outcome === 'known'
    ? null
    : refused(outcome, `entry ${entry.seq} of ${entry.signer} does not extend the journal held here`);
}

function verdictOf(
  tower: Countersigner,
  { signer, body }: Entry,
  history: History,
  witnessed: { readonly at: number; readonly balance: bigint } | null,
): string | null {
  if (body.kind === 'freeze') return null;
  const wallet = tower.policy.wallets.find(({ id }) => id === body.wallet);
  if (!wallet || !witnessed) return 'unknown-wallet';
  const judgement = judge({
    policy: tower.policy,
    signer,
    ask: body,
    explained: explainShare(wallet, body.plan, body.share, tower.network),
    evidenceSigned: body.kind === 'evacuation' && evidenceSigned(wallet, body.evidence, tower.network),
    witnessed,
    history,
  });
  return judgement.kind === 'approved' ? null : `${judgement.why}: ${judgement.detail}`;
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
