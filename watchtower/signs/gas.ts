/**
 * A stranger sends coins to an account that has no use for any: a cosigner's own, a retired wallet, a cold one that was empty
 * (a hot one that was gets its first deposit). On
 * other chains a thief must bring gas before he can take tokens; on NEM the multisig account pays every fee, so a cosigner's
 * account needs nothing, and whoever funds it means something by it. It may be told once in its window for all accounts
 * together, and nothing is told of dust: whoever wants to wear out those who are paged pays for one page a day.
 */
import type { Flow } from './flows.ts';
import { hourMs } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export interface Idle {
  /** What every node shows to have come since the window began. */
  readonly flows: readonly Flow[];
  /** Accounts of cosigners and of wallets that are no version's in force any more. */
  readonly idle: ReadonlySet<string>;
  /** Cold wallets of the version in force: nobody but us sends anything there. */
  readonly cold: ReadonlySet<string>;
  /** Our wallets: what they send to each other is not a stranger's. */
  readonly wallets: ReadonlySet<string>;
  /** What a wallet holds now; undefined where it is not known. */
  readonly holds: (address: string) => bigint | undefined;
}

export function gasWindow(now: number, at: Signs['gas']): number {
  return now - at.hours * hourMs;
}

export function gas({ flows, idle, cold, wallets, holds }: Idle, at: Signs['gas']): readonly Sighting[] {
  const came = new Map<string, { units: bigint; by: Set<string> }>();
  for (const { account, by, came: units } of flows) {
    if (units === 0n || wallets.has(by) || by === account) continue;
    const known = came.get(account) ?? { units: 0n, by: new Set() };
    came.set(account, { units: known.units + units, by: known.by.add(by) });
  }
  const found = [...came].filter(([account, { units }]) => {
    const wasEmpty = (holds(account) ?? units + 1n) <= units;
    return units >= at.units && (idle.has(account) || (cold.has(account) && wasEmpty));
  });
  if (found.length === 0) return [];
  const accounts = found.slice(0, 8).map(([account, { units, by }]) => {
    return { account, units, by: [...by].slice(0, 4) };
  });
  return [{ key: 'gas', once: '', fields: { accounts } }];
}
