/**
 * Sending home, on one chain: one evacuation at a time, the most valuable first, again and again, until nothing is left in any
 * wallet there is evidence for. Chains have no signer in common, so each goes at its own pace.
 */
import { coinOn, freezeOf, type Evidence, type Wallet } from '@kuramori/core';
import { log } from '@kuramori/program';
import { evacuate, type Evacuator } from './evacuate.ts';
import type { Eye } from './eye.ts';
import type { Freezer } from './frozen.ts';

/** By how much each attempt in vain puts off the next, and the longest pause. Milliseconds. */
const [stepMs, mostPauseMs] = [250, 5_000];
/** How long a watchtower lets each one before it in the policy try alone: two at once would only be in each other's way. */
const turnMs = 1_500;

/**
 * What a thief would take first goes first: most coins, then fewest keys. One that no node tells about goes last, and none
 * waits for a node where there is nothing to choose.
 */
export async function mostWorthFirst(
  { holds }: Pick<Eye, 'holds'>,
  wallets: readonly Wallet[],
): Promise<readonly Wallet[]> {
  if (wallets.length < 2) return wallets;
  const weighed = await Promise.all(
    wallets.map(async (wallet) => ({ wallet, balance: (await holds(wallet)) ?? -1n })),
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

/** `rank`: which of the policy's watchtowers this is, from 0. */
export function openHome(evacuator: Evacuator, eye: Eye, freezer: Freezer, rank: number): Home {
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
        !freezeOf(frozen.freezes, coinOn(eye.chain)) ||
        underWay ||
        stopped ||
        performance.now() < waitUntil
      )
        return;
      underWay = true;
      waiting = false;
      try {
        let failed = false;
        // What takes several goes on at once: a thief's next block does not wait for our next look.
        for (let sends = true; sends && !failed && !stopped;) {
          sends = false;
          const exposed = evacuator
            .inForce()
            .wallets.filter(
              ({ id, role, chain }) =>
                chain === eye.chain && role === 'hot' && (frozen.evidence[id] ?? []).length > 0,
            );
          for (const wallet of await mostWorthFirst(eye, exposed)) {
            // The shortest first: what is long leaves less room for what goes home (room.ts).
            const all = (frozen.evidence[wallet.id] ?? []).toSorted(
              (one, other) => lengthOf(one) - lengthOf(other),
            );
            const evidence = all[failures % all.length];
            if (!evidence) continue;
            const outcome = await evacuate(evacuator, eye, wallet, evidence);
            if (outcome.kind === 'sent') {
              evacuator.incident.note('evacuation sent', { wallet: wallet.id, ...outcome.told });
              sends ||= outcome.more;
            }
            if (outcome.kind !== 'failed') continue;
            failed = true;
            log('evacuation failed, will be tried again', { wallet: wallet.id, why: outcome.why });
          }
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

/** The homes of all chains as one; of none, where nothing is sent home: a drill that shows what evacuation buys. */
export function allHomes(homes: readonly Home[]): Home {
  return {
    async send() {
      await Promise.all(homes.map((home) => home.send()));
    },
    hurry: () => homes.forEach((home) => home.hurry()),
    stop: () => homes.forEach((home) => home.stop()),
    state() {
      const states = homes.map((home) => home.state());
      return {
        underWay: states.some((one) => one.underWay),
        // Of whichever has done least: all of them have had their turn.
        attempts: Math.min(...states.map((one) => one.attempts)),
        failures: Math.max(...states.map((one) => one.failures)),
      };
    },
  };
}

function lengthOf({ bytes, signature }: Pick<Evidence, 'bytes' | 'signature'>): number {
  return bytes.length + signature.length;
}
