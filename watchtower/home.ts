/** Sending home: one evacuation at a time, the most valuable first, again and again, until nothing is left in any wallet there is evidence for. */
import { freezeOf, XEM, type NemWallet, asNem } from '@kuramori/core';
import type { NemNode } from '@kuramori/chains/nem/node';
import { log } from '@kuramori/program';
import { evacuate, type Evacuator } from './evacuate.ts';
import type { Freezer } from './frozen.ts';
import { accountAt } from './testify.ts';

/** By how much each attempt in vain puts off the next, and the longest pause. Milliseconds. */
const [stepMs, mostPauseMs] = [250, 5_000];
/** How long a watchtower lets each one before it in the policy try alone: two at once would only be in each other's way. */
const turnMs = 1_500;

/**
 * What a thief would take first goes first: most coins, then fewest keys. One that no node tells about goes last, and none
 * waits for a node where there is nothing to choose.
 */
export async function mostWorthFirst(
  nodes: readonly NemNode[],
  wallets: readonly NemWallet[],
): Promise<readonly NemWallet[]> {
  if (wallets.length < 2) return wallets;
  const weighed = await Promise.all(
    wallets.map(async (wallet) => {
      const account = await accountAt(nodes, wallet.address);
      return { wallet, balance: typeof account === 'string' ? -1n : account.balance };
    }),
  );
  return weighed
    .sort(
      (a, b) =>
        Number(b.balance > a.balance) - Number(b.balance < a.balance) ||
        a.wallet.threshold - b.wallet.threshold,
    )
    .map(({ wallet }) => wallet);
}

export interface Home {
  readonly send: () => Promise<void>;
  /** Something was seen: the next attempt comes at once, or when it is our turn. */
  readonly hurry: () => void;
  readonly stop: () => void;
  readonly state: () => { readonly underWay: boolean; readonly attempts: number; readonly failures: number };
}

/** `rank`: which of the policy's watchtowers this is, from 0. `evacuates` is off only in a drill that shows what evacuation buys. */
export function openHome(evacuator: Evacuator, freezer: Freezer, rank: number, evacuates: boolean): Home {
  let underWay = false;
  let stopped = false;
  let attempts = 0;
  /** Attempts that failed since one did not, and when the next may be (monotonic ms). */
  let failures = 0;
  let waitUntil = 0;
  let waiting = false;

  return {
    async send() {
      const frozen = freezer.state();
      if (
        !frozen ||
        !freezeOf(frozen.freezes, XEM) ||
        !evacuates ||
        underWay ||
        stopped ||
        performance.now() < waitUntil
      )
        return;
      underWay = true;
      waiting = false;
      try {
        let failed = false;
        const exposed = evacuator
          .inForce()
          .wallets.map(asNem)
          .filter(({ id, role }) => role === 'hot' && (frozen.evidence[id] ?? []).length > 0);
        for (const wallet of await mostWorthFirst(evacuator.nodes, exposed)) {
          const all = frozen.evidence[wallet.id] ?? [];
          const evidence = all[failures % all.length];
          if (!evidence) continue;
          const outcome = await evacuate(evacuator, wallet, evidence);
          if (outcome.kind === 'sent')
            evacuator.incident.note('evacuation sent', { wallet: wallet.id, ...outcome.told });
          if (outcome.kind !== 'failed') continue;
          failed = true;
          log('evacuation failed, will be tried again', { wallet: wallet.id, why: outcome.why });
        }
        failures = failed ? failures + 1 : 0;
        attempts += 1;
        // Each attempt is an entry in the signers' journals, so those that fail come ever more slowly.
        if (failed) waitUntil = performance.now() + Math.min(stepMs * failures, mostPauseMs) + rank * stepMs;
      } finally {
        underWay = false;
      }
    },
    hurry() {
      if (rank === 0) waitUntil = 0;
      else if (!waiting) waitUntil = performance.now() + rank * turnMs;
      waiting = true;
    },
    stop: () => (stopped = true),
    state: () => ({ underWay, attempts, failures }),
  };
}
