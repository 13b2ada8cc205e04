/**
 * The other watchtowers: what this one learns of them when it starts, when it sees what it holds no record of, and when
 * coins must go home. None is believed alone: entries are their signers', and whatever else they say counts by the quorum.
 */
import { randomBytes } from 'node:crypto';
import {
  bytesDigest,
  countersigned,
  entryHash,
  everyKey,
  heard,
  holderOf,
  isAsk,
  signerRoutes,
  verifyEntry,
  verifyStatement,
  watchtowerRoutes,
  type Asset,
  type Countersignature,
  type Entry,
  type Evidence,
  type Policy,
  type Refusal,
  type SignedEntry,
  type SignedFact,
  type SignedHeads,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { log } from '@kuramori/program';
import type { Archive } from './archive.ts';
import type { SignedPart } from '@kuramori/chains/watched';
import type { Incident } from './incident.ts';
import type { Ours } from './ours.ts';

export interface Peer {
  readonly key: string;
  readonly at: Where;
}

interface Parts {
  readonly own: string;
  readonly peers: readonly Peer[];
  readonly ours: Ours;
  readonly archive: Archive;
  readonly incident: Incident;
  readonly suspended: () => ReadonlySet<string>;
  /** The signers: they keep the countersignatures of those who are dead now. */
  readonly signers: readonly Where[];
  /** Keeps an entry of a signer's, judged as if it came here first. */
  readonly take: (record: SignedEntry) => Promise<Refusal | null>;
}

export interface Peers {
  /** Whether this archive goes as far as those of so many others that none can be missing what a quorum has let go. */
  readonly isOpen: () => boolean;
  /** One try: takes what the others hold and we do not. */
  readonly join: () => Promise<void>;
  /** Whether a quorum has countersigned a record of these bytes. It is kept: from then on it covers them. */
  readonly covers: (part: SignedPart) => Promise<boolean>;
  /** The others' words that no record covers the bytes. */
  readonly statements: (wallet: string, part: SignedPart) => Promise<Evidence['statements']>;
  /** The others' facts for an evacuation. */
  readonly facts: (wallet: string, asset: Asset, nonces: readonly string[]) => Promise<readonly SignedFact[]>;
  readonly countersignatures: (record: SignedEntry) => Promise<readonly Countersignature[]>;
}

/** A thief is moving meanwhile: whoever does not answer within it is not heard. */
const quickly = { timeoutMs: 300, maxBytes: 4 * 1024 * 1024 };
const patiently = { timeoutMs: 2_000, maxBytes: 32 * 1024 * 1024 };

export function openPeers({ own, peers, ours, archive, incident, suspended, signers, take }: Parts): Peers {
  const agreeing = new Set<string>();
  let said = '';

  /**
   * Of k countersignatures to whatever was let go, one may have been our own, and be forgotten: among n − k + 1 others
   * there is one of the rest.
   */
  function isOpen(): boolean {
    return ours.standing().every((policy) => {
      const { keys } = policy.watchtowers;
      const all = ours.chain.find(({ policy: one }) => one.version === policy.version)?.policy
        .watchtowers ?? {
        keys,
        quorum: 1,
      };
      const others = all.keys.filter((key) => key !== own).length;
      const needed = Math.min(others, all.keys.length - policy.watchtowers.quorum + 1);
      return all.keys.length === 1 || keys.filter((key) => agreeing.has(key)).length >= needed;
    });
  }

  async function joinOne(peer: Peer): Promise<string | null> {
    const nonce = randomBytes(16).toString('hex');
    const answer = await call(peer.at, watchtowerRoutes.heads, { nonce }, patiently);
    if (answer.kind !== 'heads') return 'is silent';
    if (!isHis(peer, nonce, answer.heads)) return 'answered with another’s word';
    for (const { signer, seq, hash } of answer.heads.heads.heads) {
      const why = await follow(peer, signer, seq, hash);
      if (why !== null) return why;
    }
    return null;
  }

  /** Takes a signer's entries until we hold as many as the peer; null where both are then one journal. */
  async function follow(peer: Peer, signer: string, seq: number, hash: string): Promise<string | null> {
    while (archive.history(signer).seq < seq) {
      const from = archive.history(signer).seq + 1;
      const answer = await call(peer.at, watchtowerRoutes.entries, { signer, from }, patiently);
      if (answer.kind !== 'entries' || answer.entries.length === 0)
        return `holds ${seq} entries of ${signer}, and does not give entry ${from}`;
      for (const record of answer.entries) {
        if (record.entry.seq <= archive.history(signer).seq) continue;
        if (record.entry.signer !== signer)
          return `gives entries of ${record.entry.signer} for those of ${signer}`;
        const refused = await take(record);
        if (refused) return `holds another entry ${record.entry.seq} of ${signer} (${refused.why})`;
      }
    }
    const [held] = seq === 0 ? [] : archive.entries(signer, seq, 1);
    if (seq === 0 || (held && entryHash(held.entry) === hash)) return null;
    incident.note('a signer has two journals', { signer, seq });
    return `holds another entry ${seq} of ${signer}`;
  }

  function pinned(peer: Peer): boolean {
    return ours.standing().some(({ watchtowers }) => watchtowers.keys.includes(peer.key));
  }

  return {
    isOpen,
    async join() {
      if (isOpen()) return;
      const reasons: string[] = [];
      for (const peer of peers.filter((one) => pinned(one) && !agreeing.has(one.key))) {
        const why = await joinOne(peer);
        if (why === null) agreeing.add(peer.key);
        else reasons.push(`${peer.key.slice(0, 16)}… ${why}`);
      }
      const line = isOpen() ? 'open' : reasons.join('; ');
      if (line !== said)
        log(isOpen() ? 'holds as much as the others' : 'waits for the others', { why: line });
      said = line;
    },
    async covers(part) {
      const asked = { key: part.signer, bytes: bytesDigest(part.bytes) };
      const [peersSaid, signersSaid] = await Promise.all([
        Promise.all(peers.map(({ at }) => call(at, watchtowerRoutes.covering, asked, quickly))),
        Promise.all(signers.map((at) => call(at, signerRoutes.covering, asked, quickly))),
      ]);
      const records = new Map<string, Covering>();
      const of = (record: Covering['record']): Covering => {
        // Orders of the same bytes may have been made over several heads: each says that the bytes may be signed.
        const hash = 'ordered' in record ? 'ordered' : entryHash(entryOf(record));
        const known = records.get(hash) ?? { record, words: [], countersignatures: [] };
        records.set(hash, known);
        return known;
      };
      // One that answers with something else must not stand in the way of the others' words.
      const isHere = (record: Covering['record']) => {
        const policy = ours.chain.find(({ digest }) => digest === entryOf(record).policy)?.policy;
        return policy !== undefined && isOf(policy, record, part);
      };
      for (const answer of peersSaid)
        if (answer.kind === 'covering' && isHere(answer.record))
          of(answer.record).words.push({ ...answer.word, entry: entryHash(entryOf(answer.record)) });
      for (const answer of signersSaid)
        if (answer.kind === 'covering' && isHere(answer.record))
          of(answer.record).countersignatures.push(...answer.countersignatures);
      for (const covering of records.values()) {
        const { record } = covering;
        const policy = ours.chain.find(({ digest }) => digest === entryOf(record).policy)?.policy;
        if (!policy) continue;
        const [counting] = heard([policy], suspended());
        if (wordsFor(counting, covering) < counting.watchtowers.quorum) continue;
        if ('ordered' in record) archive.poolOrder(record.ordered);
        else archive.pool(record);
        return true;
      }
      return false;
    },
    async statements(wallet, { bytes, signer, signature }) {
      const asked = { wallet, bytes, signer, signature };
      const answers = await Promise.all(
        peers.map(({ at }) => call(at, watchtowerRoutes.uncovered, asked, patiently)),
      );
      return answers.flatMap((answer) => (answer.kind === 'uncovered' ? answer.statement : []));
    },
    async facts(wallet, asset, nonces) {
      const asked = { wallet, asset, nonces: [...nonces], plans: [], purpose: 'evacuation' as const };
      const answers = await Promise.all(
        peers.map(({ at }) => call(at, watchtowerRoutes.fact, asked, patiently)),
      );
      return answers.flatMap((answer) => (answer.kind === 'fact' ? answer.fact : []));
    },
    async countersignatures(record) {
      const answers = await Promise.all(
        peers.map(({ at }) => call(at, watchtowerRoutes.countersign, record, patiently)),
      );
      return answers.flatMap((answer) => (answer.kind === 'countersigned' ? answer.countersignature : []));
    },
  };
}

/** Somebody's word that a record, or another order of the same bytes, was countersigned: by its entry's hash. */
interface Word extends Countersignature {
  readonly entry: string;
}

/** A record, and who says that they countersigned it: now, or when it was let go. */
interface Covering {
  readonly record: SignedEntry | { readonly ordered: Entry };
  readonly words: Word[];
  readonly countersignatures: Countersignature[];
}

/** How many watchtowers countersigned it, each counted once, however it is told. */
function wordsFor(policy: Policy, { record, words, countersignatures }: Covering): number {
  const entry = entryHash(entryOf(record));
  return policy.watchtowers.keys.filter((key) => {
    const his = (one: Countersignature) => one.watchtower === key;
    return (
      words
        .filter(his)
        .some(({ entry: about, ...word }) => countersigned(policy, about, [word], 'covering') > 0) ||
      countersigned(policy, entry, countersignatures.filter(his)) > 0
    );
  }).length;
}

function isHis({ key }: Peer, nonce: string, { heads, watchtower, signature }: SignedHeads): boolean {
  return (
    watchtower === key && heads.nonce === nonce && verifyStatement(key, 'archive-heads', heads, signature)
  );
}

function entryOf(record: Covering['record']): Entry {
  return 'ordered' in record ? record.ordered : record.entry;
}

/** Whether a record is one of these bytes, by the signer who holds the key; an ordered one is a vault's, whose signature is to come. */
function isOf(policy: Policy, record: Covering['record'], { signer: key, bytes }: SignedPart): boolean {
  const { body, signer } = entryOf(record);
  if (!isAsk(body) || bytesDigest(body.share) !== bytesDigest(bytes)) return false;
  if ('ordered' in record ? !policy.vaults?.some(({ id }) => id === signer) : !verifyEntry(policy, record))
    return false;
  const wallet = policy.wallets.find(({ id }) => id === body.wallet);
  return (
    wallet !== undefined &&
    everyKey(wallet).some((one) => holderOf(wallet, one) === signer && one.publicKey === key)
  );
}
