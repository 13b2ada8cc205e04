/** The archive: whole copies of every signer's journal, each with our verdict. What it holds, no signer can forget. */
import { z } from 'zod';
import {
  bytesDigest,
  countPayment,
  emptyHistory,
  everyKey,
  entryHash,
  everySigner,
  extend,
  growTree,
  Hash,
  holderOf,
  intentDigest,
  isAsk,
  leafHash,
  leavesCold,
  leafOf,
  mostLeafBytes,
  notAdopted,
  paymentOf,
  policiesAfter,
  standingAfter,
  SignedEntry,
  strayed,
  verifyEntry,
  writersOf,
  verifyObjection,
  type Adopted,
  Entry,
  type History,
  type Outflows,
  type Policy,
  type PolicyChain,
  type RotationAsk,
  type Tree,
} from '@kuramori/core';
import { Misconfigured, openLines } from '@kuramori/program';

/** How far apart the records of one plan are, by honest signers, at most. Milliseconds. */
const recordedTogether = 60_000;

/** Null where the entry may be signed; else why not. */
type Verdict = string | null;

const Line = z.strictObject({ record: SignedEntry, verdict: z.string().nullable() });

/** Entries that we countersigned, so that a restart knows what was let go. */
const Countersigned = z.strictObject({ countersigned: Hash });

/** A record of which we hold a quorum's countersignatures and not our own: it covers its bytes all the same. */
const Pooled = z.strictObject({ pooled: SignedEntry });

/** What a vault is to write by an order that we countersigned: the vault may sign it, and be silent for days. */
const Ordered = z.strictObject({ ordered: z.array(Entry).min(1).max(1000) });

/** Of another's order, which a quorum of the others countersigned and we did not. */
const PooledOrder = z.strictObject({ pooledOrder: Entry });

/** When we took up a version of the policy, by our own clock: what signers say of theirs counts for nothing here. */
const Seen = z.strictObject({ policy: Hash, seenAt: z.int().nonnegative() });

const AnyLine = z.union([Line, Countersigned, Pooled, Ordered, PooledOrder, Seen]);

export interface Archive extends Disposable {
  readonly history: (signer: string) => History;
  /** Over a signer's entries, entry 1 the leaf 0. */
  readonly tree: (signer: string) => Tree;
  /** The record key that the newest entry of a signer is signed with; undefined where none is held. */
  readonly recordKey: (signer: string) => string | undefined;
  readonly entries: (signer: string, from: number, most: number) => readonly SignedEntry[];
  readonly verdict: (entry: string) => Verdict | undefined;
  /** A signer's own record of bytes, whoever may sign it; undefined where none is held. */
  readonly recorded: (signer: string, bytes: string) => SignedEntry | undefined;
  /** What may have left by any signer's record: those that may be signed, and those that a quorum of the others signed. */
  readonly everyones: () => Outflows;
  /** What may have left cold wallets by any vault's record, or by an order. */
  readonly moves: () => Outflows;
  /** Keeps an entry that extends its signer's journal, synced, with the verdict that `judge` gives before it counts. */
  readonly take: (
    record: SignedEntry,
    judge: (history: History) => Verdict,
  ) =>
    | 'taken'
    | 'known'
    | 'signature'
    | 'gap'
    | 'fork'
    | 'time-goes-back'
    | 'another-policy'
    | 'thaw-not-due'
    | 'too-long';
  /** Versions of the policy that were taken up here, with what keepers objected in any signer's journal. */
  readonly versions: () => readonly Adopted[];
  /** Takes up the versions that came since, synced: from this moment on their wait counts here. */
  readonly adoptVersions: (at: number) => void;
  /** Notes, synced, that an entry is countersigned: from then on it covers its bytes. */
  readonly countersign: (entry: string) => void;
  /** Notes, synced, that a quorum of the others countersigned a record: it covers its bytes. */
  readonly pool: (record: SignedEntry) => void;
  /** Notes, synced, what a vault is to write by an order that we countersign: its record, the last, covers its bytes. */
  readonly order: (entries: readonly [...Entry[], Entry]) => void;
  /** Whether we countersigned the order of this record, by its hash. */
  readonly isOrdered: (hash: string) => boolean;
  /** The same of a quorum of the others, and none of ours. */
  readonly poolOrder: (record: Entry) => void;
  /** Whether we, or a quorum of the others, countersigned the order of this record. */
  readonly isVouched: (hash: string) => boolean;
  /** The ordered records of bytes (their digest) that a vault's key signs, of which we countersigned the order; the newest last. */
  readonly ordersOf: (chainKey: string, bytes: string) => readonly Entry[];
  /** Every plan for an intent that leaves a cold wallet, whole: of each order and record that may be signed. */
  readonly coldPlans: (intent: string) => ReadonlySet<string>;
  /** Every record that we countersigned, in the order in which we did. */
  readonly released: () => readonly SignedEntry[];
  /** Rotations whose records are covered: a vault's cosignature follows from each. */
  readonly rotations: () => readonly RotationAsk[];
  /** The record of bytes (their digest) that a chain key signs, if we countersigned it. */
  readonly recordOf: (chainKey: string, bytes: string) => SignedEntry | undefined;
  /** What is kept and noted while `work` runs shares one write, at its end. */
  readonly gather: <T>(work: () => T) => T;
  /** Whether a chain key's signature over these bytes (hex) is one that we, or a quorum of the others, countersigned the record of. */
  readonly covers: (chainKey: string, bytes: string) => boolean;
}

/**
 * Opens the archive of one watchtower. A torn last line is cut off; any other damage throws Misconfigured, and so does a
 * policy that is not the one, or does not follow the one, that it has gone by.
 */
export function openArchive(file: string, chain: PolicyChain): Archive {
  const signers = everySigner(chain);
  const histories = new Map<string, History>(signers.map((id) => [id, emptyHistory()]));
  const kept = new Map<string, SignedEntry[]>(signers.map((id) => [id, []]));
  const trees = new Map<string, Tree>(signers.map((id) => [id, growTree()]));
  const treeOf = (signer: string) => trees.get(signer) ?? growTree();
  const policies = chain.map(({ policy }) => policy);
  const underOf = ({ policy }: Entry): Policy | undefined =>
    chain.find(({ digest }) => digest === policy)?.policy;
  const verified = (record: SignedEntry): boolean => {
    const under = underOf(record.entry);
    return under !== undefined && verifyEntry(under, record);
  };
  const seen: Adopted[] = [];
  const objectors = new Map<string, string[]>();
  const verdicts = new Map<string, Verdict>();
  const byHash = new Map<string, SignedEntry>();
  const countersigned = new Set<string>();
  /** Key and bytes → the record, where it is our own word; null where it is a quorum's of the others. */
  const covered = new Map<string, SignedEntry | null>();
  const released: SignedEntry[] = [];
  const rotations: RotationAsk[] = [];
  const moves: Outflows = new Map();
  /** By their hashes, and by the place of their signature. */
  const ordered = new Map<string, Entry>();
  const vouched = new Set<string>();
  const orders = new Map<string, Entry[]>();
  const coldPlans = new Map<string, Set<string>>();
  const everyones: Outflows = new Map();
  /** When each plan of an intent counts from, by the intent's digest: two signers record the same one. */
  const counted = new Map<string, number>();
  const lines = openLines(file);

  function admit(record: SignedEntry, verdict: Verdict, leaf = leafOf(record)): string {
    const { entry } = record;
    if (leaf.length > mostLeafBytes)
      throw new Misconfigured(`${file}: entry ${entry.seq} of ${entry.signer}: is too long`);
    const extended = extend(histories.get(entry.signer) ?? emptyHistory(), entry);
    if (extended.kind === 'refused')
      throw new Misconfigured(`${file}: entry ${entry.seq} of ${entry.signer}: ${extended.why}`);
    histories.set(entry.signer, extended.history);
    kept.get(entry.signer)?.push(record);
    treeOf(entry.signer).append(leafHash(leaf));
    verdicts.set(extended.hash, verdict);
    byHash.set(extended.hash, record);
    // Not what was refused: one taken signer would use up the limit for all.
    if (verdict === null) {
      count(entry);
      planned(entry);
    }
    if (entry.body.kind === 'objection' && verifyObjection(policies, entry.body.objection)) {
      const { policy, keeper } = entry.body.objection.objection;
      objectors.set(policy, [...(objectors.get(policy) ?? []), keeper]);
    }
    return extended.hash;
  }

  function count({ at, body }: Entry): void {
    if (body.kind !== 'payment') return;
    for (const { intent, authority } of body.intents) {
      const plan = `${intentDigest(intent)} ${bytesDigest(body.plan)}`;
      // Honest signers record it within seconds; a stolen record key must not date it back out of a limit's hours.
      const before = counted.get(plan) ?? -Infinity;
      const cold = leavesCold(intent);
      if ((authority.kind === 'treasury' && !cold) || at <= before + recordedTogether) continue;
      counted.set(plan, at);
      countPayment(cold ? moves : everyones, paymentOf(intent, at));
    }
  }

  /** What was refused here is nobody's: a stolen record key would else keep an intent waiting for bytes that are none. */
  function planned({ body }: Entry): void {
    if (body.kind !== 'payment') return;
    for (const { intent } of body.intents) {
      if (!leavesCold(intent)) continue;
      const known = coldPlans.get(intent.id) ?? new Set();
      coldPlans.set(intent.id, known.add(body.plan));
    }
  }

  function cover(hash: string): void {
    countersigned.add(hash);
    const record = byHash.get(hash);
    if (record) released.push(record);
    const covers = record && placeOf(record.entry);
    if (covers !== undefined) covered.set(covers, record ?? null);
    if (record?.entry.body.kind === 'rotation') rotations.push(record.entry.body);
  }

  /** Which signature a record is about: the chain key and the digest of its bytes. */
  function placeOf(entry: Entry): string | undefined {
    if (!isAsk(entry.body)) return undefined;
    const { wallet, share } = entry.body;
    const found = underOf(entry)?.wallets.find(({ id }) => id === wallet);
    const key = found && everyKey(found).find((one) => holderOf(found, one) === entry.signer);
    return key && `${key.publicKey} ${bytesDigest(share)}`;
  }

  /** Once for each order. */
  function coverOrdered(record: Entry, ours: boolean): void {
    count(record);
    planned(record);
    vouched.add(entryHash(record));
    const place = placeOf(record);
    if (place !== undefined && !covered.has(place)) covered.set(place, null);
    if (!ours) return;
    ordered.set(entryHash(record), record);
    if (place !== undefined) orders.set(place, [...(orders.get(place) ?? []), record]);
  }

  function coverPooled({ entry }: SignedEntry): void {
    count(entry);
    planned(entry);
    const covers = placeOf(entry);
    if (covers !== undefined && !covered.has(covers)) covered.set(covers, null);
    if (entry.body.kind === 'rotation') rotations.push(entry.body);
  }

  function write(line: z.infer<typeof AnyLine>): void {
    lines.append(line);
  }

  for (const [index, text] of lines.lines.entries()) {
    const line = AnyLine.safeParse(parse(text));
    if (!line.success)
      throw new Misconfigured(
        `${file}: line ${index + 1} is damaged: restore the file from its backup: without what it countersigned, this watchtower would freeze at our own payments`,
      );
    if ('countersigned' in line.data) {
      if (!byHash.has(line.data.countersigned))
        throw new Misconfigured(
          `${file}: line ${index + 1}: countersigns an entry that is not here: the file was altered`,
        );
      cover(line.data.countersigned);
      continue;
    }
    if ('pooled' in line.data) {
      if (!verified(line.data.pooled))
        throw new Misconfigured(`${file}: line ${index + 1}: its signature is wrong: the file was altered`);
      coverPooled(line.data.pooled);
      continue;
    }
    if ('ordered' in line.data) {
      const record = line.data.ordered.at(-1);
      if (record) coverOrdered(record, true);
      continue;
    }
    if ('pooledOrder' in line.data) {
      coverOrdered(line.data.pooledOrder, false);
      continue;
    }
    if ('seenAt' in line.data) {
      seen.push({ digest: line.data.policy, at: line.data.seenAt, objectors: [] });
      continue;
    }
    if (!verified(line.data.record))
      throw new Misconfigured(
        `${file}: line ${index + 1}: its signature is wrong, or its policy is none of this watchtower's: the file was altered, or the policy is an older one`,
      );
    admit(line.data.record, line.data.verdict);
  }
  const astray = strayed(chain, seen);
  if (astray !== null) throw new Misconfigured(`${file}: the policy ${astray}`);

  return {
    history: (signer) => histories.get(signer) ?? emptyHistory(),
    tree: treeOf,
    recordKey(signer) {
      const last = kept.get(signer)?.at(-1)?.entry;
      const under = last && underOf(last);
      return under && writersOf(under).find(({ id }) => id === signer)?.recordKey;
    },
    entries: (signer, from, most) => kept.get(signer)?.slice(from - 1, from - 1 + most) ?? [],
    verdict: (entry) => verdicts.get(entry),
    recorded: (signer, bytes) => byHash.get(histories.get(signer)?.records.get(bytesDigest(bytes)) ?? ''),
    everyones: () => everyones,
    moves: () => moves,
    take(record, judge) {
      const { entry } = record;
      if (!verified(record)) return 'signature';
      const history = histories.get(entry.signer) ?? emptyHistory();
      if (entry.seq <= history.seq) {
        const held = kept.get(entry.signer)?.[entry.seq - 1];
        return held?.signature === record.signature ? 'known' : 'fork';
      }
      if (entry.seq !== history.seq + 1) return 'gap';
      if (entry.prev !== history.head) return 'fork';
      if (entry.at < history.at) return 'time-goes-back';
      if (!policiesAfter(history, entry)) return 'another-policy';
      if (!standingAfter(history, entry)) return 'thaw-not-due';
      const leaf = leafOf(record);
      if (leaf.length > mostLeafBytes) return 'too-long';
      const verdict = judge(history);
      write({ record, verdict });
      admit(record, verdict, leaf);
      return 'taken';
    },
    countersign(entry) {
      if (countersigned.has(entry)) return;
      write({ countersigned: entry });
      cover(entry);
    },
    pool(record) {
      write({ pooled: record });
      coverPooled(record);
    },
    order(entries) {
      const record = entries.at(-1);
      if (!record || ordered.has(entryHash(record))) return;
      write({ ordered: [...entries] });
      coverOrdered(record, true);
    },
    isOrdered: (hash) => ordered.has(hash),
    isVouched: (hash) => vouched.has(hash),
    poolOrder(record) {
      if (vouched.has(entryHash(record))) return;
      write({ pooledOrder: record });
      coverOrdered(record, false);
    },
    ordersOf: (chainKey, bytes) => orders.get(`${chainKey} ${bytes}`) ?? [],
    coldPlans: (intent) => coldPlans.get(intent) ?? new Set(),
    released: () => released,
    rotations: () => rotations,
    recordOf: (chainKey, bytes) => covered.get(`${chainKey} ${bytes}`) ?? undefined,
    gather: (work) => lines.gather(work),
    versions: () => seen.map((one) => ({ ...one, objectors: objectors.get(one.digest) ?? [] })),
    adoptVersions(now) {
      // A clock that was set back, or was never set, must not have the wait begin in the past.
      const at = Math.max(now, ...seen.map((one) => one.at), ...[...histories.values()].map((one) => one.at));
      // What a watchtower begins with has been in force since ever; it is written down, so that no older one passes for it.
      const [first] = chain;
      const begun = seen.length === 0 ? [{ digest: first.digest, at: 0 }] : [];
      const later = notAdopted(chain, seen.length === 0 ? [{ ...first, at: 0, objectors: [] }] : seen);
      for (const one of [...begun, ...later.map(({ digest }) => ({ digest, at }))]) {
        write({ policy: one.digest, seenAt: one.at });
        seen.push({ ...one, objectors: [] });
      }
    },
    covers: (chainKey, bytes) => covered.has(`${chainKey} ${bytesDigest(bytes)}`),
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
