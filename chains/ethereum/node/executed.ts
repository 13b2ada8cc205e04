/** Executed: the executions of our Safes in a transaction, by their own events; and those that failed or wait, by what it calls. */
import type { EthereumWallet } from '@kuramori/core';
import {
  agreementsOf,
  bareOf,
  chainIdOf,
  encodePlan,
  readExecution,
  safeHash,
  shareOf,
  type Address,
  type Agreement,
  type Bound,
} from '../codec/index.ts';
import type { SignedPart } from '../../watched.ts';
import { readSafeEvent, type SafeEvent } from './events.ts';
import type { Ours } from './ours.ts';
import type { Log } from './reply.ts';

/**
 * - `done`: executed, its nonce used up. A token that answered false has moved nothing all the same.
 * - `failed`: its nonce is used up, and nothing was done (a Safe whose plan set gas aside, which ours never do).
 * - `reverted`: the whole transaction failed, so its signatures are as good as before and its nonce is not used up. Where the
 *   Safe did not refuse it itself (GS0…), it is the call within that failed: in its own words, or with older Safes as GS013.
 */
export type Outcome = 'done' | 'failed' | 'reverted' | 'waits';

export interface SeenExecution {
  /** The wallet's id. */
  readonly wallet: string;
  readonly bound: Bound;
  /** Hex, as the codec has plans. */
  readonly plan: string;
  /** The Safe's hash: the id of the plan. */
  readonly hash: string;
  /** Of those whom the Safe counts. */
  readonly agreements: readonly Agreement[];
  readonly threshold: number;
  readonly outcome: Outcome;
}

/** What a Safe of ours told. */
export interface Told {
  readonly wallet: EthereumWallet;
  readonly event: SafeEvent;
}

export function eventsOf(logs: readonly Log[], ours: Ours): readonly Told[] {
  return logs.flatMap((log) => {
    const place = ours.placeOf(log.address);
    return place?.salt === null ? [{ wallet: ours.wallet(place.wallet), event: readSafeEvent(log) }] : [];
  });
}

/** Of what a Safe told, each with the outcome that it told of the same hash, which is computed here. */
export function announcedIn(told: readonly Told[], ours: Ours): readonly SeenExecution[] {
  return told.flatMap(({ wallet, event }) => {
    if (event.kind !== 'execution') return [];
    const { tx, signatures, threshold } = event.announced;
    const bound = boundOf(wallet, ours, tx);
    const hash = safeHash(bound);
    const done = told.some(
      (other) =>
        other.wallet === wallet &&
        other.event.kind === 'outcome' &&
        other.event.hash === hash &&
        other.event.done,
    );
    return [execution(wallet, bound, signatures, threshold, done ? 'done' : 'failed')];
  });
}

/**
 * What a call of a Safe tries, from its calldata. That has no nonce: of those that it may be, the one for which a key of the
 * wallet is found to have signed. Nothing where there is none: a stranger's bytes, which the Safe refuses.
 */
export function attempted(
  calldata: string,
  wallet: EthereumWallet,
  ours: Ours,
  outcome: 'reverted' | 'waits',
  nonces: readonly bigint[],
): readonly SeenExecution[] {
  const read = readExecution(calldata);
  if (read.kind === 'refused') return [];
  const { tx, signatures } = read.execution;
  for (const nonce of nonces) {
    const found = execution(
      wallet,
      boundOf(wallet, ours, { ...tx, nonce }),
      signatures,
      wallet.threshold,
      outcome,
    );
    if (found.agreements.some((one) => byAKey(one) && isOurs(one.owner, wallet, ours))) return [found];
  }
  return [];
}

function boundOf(wallet: EthereumWallet, ours: Ours, tx: Bound['tx']): Bound {
  return { chainId: chainIdOf(ours.network), safe: wallet.address as Address, tx };
}

function execution(
  { id }: EthereumWallet,
  bound: Bound,
  signatures: string,
  threshold: number,
  outcome: Outcome,
): SeenExecution {
  return {
    wallet: id,
    bound,
    plan: encodePlan(bound),
    hash: safeHash(bound),
    agreements: agreementsOf(bound, signatures, threshold),
    threshold,
    outcome,
  };
}

type ByAKey = Extract<Agreement, { readonly signature: string }>;

const byAKey = (agreement: Agreement): agreement is ByAKey =>
  agreement.kind === 'hash' || agreement.kind === 'eth-sign';

function isOurs(owner: Address | null, { id }: EthereumWallet, ours: Ours): owner is Address {
  return owner !== null && ours.keyOf(bareOf(owner)).some((wallet) => wallet.id === id);
}

/**
 * A part for each key that signed. Of one that was executed a part of nobody's as well where anybody else was counted, or
 * nobody: no record covers it, so it frightens, and it is no evidence. What failed or waits may hold whatever a stranger likes.
 */
export function partsOf(seen: SeenExecution, ours: Ours, raw: string): readonly SignedPart[] {
  const { bound, agreements, threshold, outcome } = seen;
  const wallet = ours.wallet(seen.wallet);
  const parts = agreements.flatMap((one): SignedPart | [] =>
    byAKey(one) && isOurs(one.owner, wallet, ours)
      ? { bytes: shareOf(bound, one.owner), signer: one.owner, signature: one.signature }
      : [],
  );
  const executed = outcome === 'done' || outcome === 'failed';
  const fewer = parts.length < Math.max(threshold, wallet.threshold);
  return executed && fewer ? [...parts, { bytes: raw, signer: '', signature: '' }] : parts;
}
