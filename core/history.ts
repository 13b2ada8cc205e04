/** History: what a journal's entries add up to. Signers and watchtowers fold the same entries into the same counters. */
import type { Asset } from './amount.ts';
import { bytesDigest } from './canonical.ts';
import { freezeDigest, stopsNoMore, type SignedFreeze } from './freeze.ts';
import { intentDigest, leavesCold, type Intent } from './intent.ts';
import { beforeFirst } from './canonical.ts';
import { entryHash, isAsk, type Entry } from './journal.ts';
import { countPayment, paymentOf, type Outflows } from './outflow.ts';
import type { Adopted } from './standing.ts';
import { thawDigest, type Waiting } from './thaw.ts';

/** A sweep, as its limits count it. It goes to our own wallet, so no payment's limit knows of it. */
export interface PastSweep {
  /** The intent's digest. */
  readonly intent: string;
  /** Milliseconds of Unix time. */
  readonly at: number;
  readonly wallet: string;
  readonly asset: Asset;
  readonly number: number;
  readonly feeCap: bigint;
}

export function sweepOf(intent: Intent, number: number, at: number): PastSweep {
  const { wallet, asset, feeCap } = intent;
  return { intent: intentDigest(intent), at, wallet, asset, number, feeCap };
}

export interface History {
  readonly seq: number;
  readonly head: string;
  /** The time of the newest entry. */
  readonly at: number;
  readonly outflows: Outflows;
  /** What left cold wallets. It goes to our own, so no payment's limit knows of it. */
  readonly moves: Outflows;
  readonly sweeps: readonly PastSweep[];
  /** Intent id → every plan that was recorded for it, whole, the newest last. */
  readonly plans: ReadonlyMap<string, readonly string[]>;
  /** Digest of recorded bytes → hash of the entry that records them. */
  readonly records: ReadonlyMap<string, string>;
  /** Wallet → number of its last evacuation. */
  readonly evacuations: ReadonlyMap<string, number>;
  /** The freezes that stand, the first one first; of each who freezes no more than it takes to stop what they stop. */
  readonly freezes: readonly SignedFreeze[];
  /** Thaws that wait, by their digests. */
  readonly thaws: ReadonlyMap<string, Waiting>;
  /** Digests of freezes that a thaw has lifted: shown again, they freeze nobody. */
  readonly lifted: ReadonlySet<string>;
  /** Keys whose freezes, and whose word, count no more. */
  readonly suspended: ReadonlySet<string>;
  /** Versions of the policy, in the order in which they were taken up; none in an empty journal. */
  readonly policies: readonly Adopted[];
}

export function emptyHistory(): History {
  return {
    seq: 0,
    head: beforeFirst,
    at: 0,
    outflows: new Map(),
    moves: new Map(),
    sweeps: [],
    plans: new Map(),
    records: new Map(),
    evacuations: new Map(),
    freezes: [],
    thaws: new Map(),
    lifted: new Set(),
    suspended: new Set(),
    policies: [],
  };
}

export type Extended =
  | { readonly kind: 'extended'; readonly history: History; readonly hash: string }
  | {
      readonly kind: 'refused';
      readonly why: 'gap' | 'fork' | 'time-goes-back' | 'another-policy' | 'thaw-not-due';
    };

/**
 * The history with one more entry. The collections are handed on and grown in place, so that a million entries fold
 * in linear time: after a call only the returned history may be used.
 */
export function extend(history: History, entry: Entry): Extended {
  if (entry.seq !== history.seq + 1) return { kind: 'refused', why: 'gap' };
  if (entry.prev !== history.head) return { kind: 'refused', why: 'fork' };
  if (entry.at < history.at) return { kind: 'refused', why: 'time-goes-back' };
  const policies = policiesAfter(history, entry);
  if (!policies) return { kind: 'refused', why: 'another-policy' };
  const { body } = entry;
  const hash = entryHash(entry);
  const next = { seq: entry.seq, head: hash, at: entry.at, policies };
  if (!isAsk(body)) {
    const stood = standingAfter(history, entry);
    return stood ? { kind: 'extended', hash, history: { ...history, ...next, ...stood } } : notDue;
  }
  (history.records as Map<string, string>).set(bytesDigest(body.share), hash);
  if (body.kind === 'rotation') return { kind: 'extended', hash, history: { ...history, ...next } };
  if (body.kind === 'evacuation') {
    (history.evacuations as Map<string, number>).set(body.wallet, body.number);
    return { kind: 'extended', hash, history: { ...history, ...next } };
  }
  for (const { intent, authority } of body.intents) {
    if (leavesCold(intent)) countPayment(history.moves, paymentOf(intent, entry.at));
    else if (authority.kind === 'treasury')
      countSweep(history.sweeps as PastSweep[], sweepOf(intent, authority.number, entry.at));
    else countPayment(history.outflows, paymentOf(intent, entry.at));
    const plans = history.plans.get(intent.id) ?? [];
    if (plans.at(-1) !== body.plan)
      (history.plans as Map<string, readonly string[]>).set(intent.id, [...plans, body.plan]);
  }
  return { kind: 'extended', hash, history: { ...history, ...next } };
}

const notDue = { kind: 'refused', why: 'thaw-not-due' } as const;

type Stood = Partial<Pick<History, 'freezes' | 'thaws' | 'lifted' | 'suspended'>>;

/** What an entry changes of what stands; undefined for a thaw that is not due, or was never taken up. */
export function standingAfter(history: History, { at, body }: Entry): Stood | undefined {
  switch (body.kind) {
    case 'freeze':
      return counts(history, body.freeze) ? { freezes: [...history.freezes, body.freeze] } : {};
    case 'thaw': {
      const { thaw, due } = body;
      return { thaws: new Map(history.thaws).set(thawDigest(thaw), { thaw, due }) };
    }
    case 'thawed': {
      const waiting = history.thaws.get(body.thaw);
      return waiting && waiting.due <= at ? liftedBy(history, waiting) : undefined;
    }
    case 'policy':
    case 'objection':
    case 'ceremony':
    case 'payment':
    case 'evacuation':
    case 'rotation':
      return {};
    default:
      return body satisfies never;
  }
}

/**
 * Whether a freeze changes anything: not one that was lifted, nor of somebody who is not heard any more. What stops as much
 * of the same one is enough, unless a thaw that waits names it: what was seen since must outlast that thaw.
 */
export function counts(
  { freezes, thaws, lifted, suspended }: Pick<History, 'freezes' | 'thaws' | 'lifted' | 'suspended'>,
  freeze: SignedFreeze,
): boolean {
  const { by } = freeze.freeze;
  const digest = freezeDigest(freeze);
  if (suspended.has(by) || lifted.has(digest)) return false;
  const named = new Set([...thaws.values()].flatMap(({ thaw }) => thaw.thaw.lifts));
  const own = freezes.filter((one) => one.freeze.by === by);
  const lasting = own.filter((one) => !named.has(freezeDigest(one)));
  return own.every((one) => freezeDigest(one) !== digest) && !stopsNoMore(lasting, freeze);
}

/** What stands once a thaw has lifted what it names, and all that is of those whom it suspends. */
export function liftedBy(
  history: Pick<History, 'freezes' | 'thaws' | 'lifted' | 'suspended'>,
  { thaw: signed }: Waiting,
): Required<Stood> {
  const { thaw } = signed;
  const suspended = history.suspended.union(new Set(thaw.suspends));
  const named = new Set(thaw.lifts);
  const falls = (freeze: SignedFreeze) => named.has(freezeDigest(freeze)) || suspended.has(freeze.freeze.by);
  const thaws = new Map(history.thaws);
  thaws.delete(thawDigest(signed));
  return {
    freezes: history.freezes.filter((freeze) => !falls(freeze)),
    thaws,
    lifted: history.lifted.union(named),
    suspended,
  };
}

/** A journal goes from version to version, and never back; undefined where an entry is of none of its own. */
export function policiesAfter(
  { policies }: History,
  { policy, at, body }: Entry,
): History['policies'] | undefined {
  const newest = policies.at(-1);
  const base = { digest: body.kind === 'policy' ? body.prev : policy, at: -Infinity, objectors: [] };
  if (body.kind === 'policy') {
    if (newest && newest.digest !== body.prev) return undefined;
    if (policy === body.prev || policies.some(({ digest }) => digest === policy)) return undefined;
    return [...(newest ? policies : [base]), { digest: policy, at, objectors: [] }];
  }
  if (newest && newest.digest !== policy) return undefined;
  const known = newest ? policies : [base];
  if (body.kind !== 'objection') return known;
  const { objection } = body.objection;
  return known.map((one) =>
    one.digest === objection.policy ? { ...one, objectors: [...one.objectors, objection.keeper] } : one,
  );
}

/** Once, from its newest plan on, as a payment does; in place. */
export function countSweep(sweeps: PastSweep[], sweep: PastSweep): void {
  const before = sweeps.findLastIndex(({ intent }) => intent === sweep.intent);
  if (before >= 0) sweeps.splice(before, 1);
  sweeps.push(sweep);
}
