/** History: what a journal's entries add up to. Signers and watchtowers fold the same entries into the same counters. */
import type { Asset } from './amount.ts';
import { bytesDigest } from './canonical.ts';
import type { SignedFreeze } from './freeze.ts';
import type { Intent } from './intent.ts';
import { beforeFirst, entryHash, type Entry } from './journal.ts';

export interface PastPayment {
  /** Milliseconds of Unix time. */
  readonly at: number;
  readonly wallet: string;
  readonly asset: Asset;
  readonly destination: string;
  /** The amount and the fee cap together: the most that may have left. */
  readonly units: bigint;
}

/** What an intent counts as, from the time that it is recorded. */
export function paymentOf({ wallet, asset, destination, amount, feeCap }: Intent, at: number): PastPayment {
  return { at, wallet, asset, destination: destination.address, units: amount + feeCap };
}

export interface History {
  readonly seq: number;
  readonly head: string;
  /** The time of the newest entry. */
  readonly at: number;
  readonly payments: readonly PastPayment[];
  /** Intent id → digest of the plan that was recorded for it. */
  readonly plans: ReadonlyMap<string, string>;
  /** Digest of recorded bytes → hash of the entry that records them. */
  readonly records: ReadonlyMap<string, string>;
  /** Wallet → number of its last evacuation. */
  readonly evacuations: ReadonlyMap<string, number>;
  readonly frozen: SignedFreeze | undefined;
}

export function emptyHistory(): History {
  return {
    seq: 0,
    head: beforeFirst,
    at: 0,
    payments: [],
    plans: new Map(),
    records: new Map(),
    evacuations: new Map(),
    frozen: undefined,
  };
}

export type Extended =
  | { readonly kind: 'extended'; readonly history: History; readonly hash: string }
  | { readonly kind: 'refused'; readonly why: 'gap' | 'fork' | 'time-goes-back' };

/**
 * The history with one more entry. The collections are handed on and grown in place, so that a million entries fold
 * in linear time: after a call only the returned history may be used.
 */
export function extend(history: History, entry: Entry): Extended {
  if (entry.seq !== history.seq + 1) return { kind: 'refused', why: 'gap' };
  if (entry.prev !== history.head) return { kind: 'refused', why: 'fork' };
  if (entry.at < history.at) return { kind: 'refused', why: 'time-goes-back' };
  const { body } = entry;
  const hash = entryHash(entry);
  const next = { seq: entry.seq, head: hash, at: entry.at };
  if (body.kind === 'freeze') {
    return {
      kind: 'extended',
      hash,
      history: { ...history, ...next, frozen: history.frozen ?? body.freeze },
    };
  }
  (history.records as Map<string, string>).set(bytesDigest(body.share), hash);
  if (body.kind === 'evacuation') {
    (history.evacuations as Map<string, number>).set(body.wallet, body.number);
    return { kind: 'extended', hash, history: { ...history, ...next } };
  }
  for (const { intent } of body.intents) {
    (history.plans as Map<string, string>).set(intent.id, bytesDigest(body.plan));
    (history.payments as PastPayment[]).push(paymentOf(intent, entry.at));
  }
  return { kind: 'extended', hash, history: { ...history, ...next } };
}
