/**
 * A ground: all of chaos that is one chain's own. What the house has for it and what of that can be broken; how customers' coins come
 * and go there; and, at the end, what the chain itself says. Acts, hand, exchange and check know no chain.
 */
import type { Asset } from '@kuramori/core';
import type { Day } from '../../day.ts';
import type { Changed, House, Restartable } from '../../house/house.ts';
import type { PlanInput, Reader } from '../../house/plan.ts';
import type { Reach } from '../act.ts';
import type { Lies } from '../proxy.ts';

export interface Ground {
  /** What customers move there, in steps of so many of its smallest units; and what each bears of the network's fee at the most. */
  readonly asset: Asset;
  readonly step: bigint;
  readonly feeCap: bigint;
  /** How long one act of the exchange follows the other, in milliseconds: as often as the chain's payments can follow. */
  readonly paceMs: number;
  /** What of the house is not as it usually is. */
  readonly plan: (usual: PlanInput) => Partial<PlanInput>;
  readonly confirmations: number;
  readonly reach: Reach;
  readonly lies: Lies;
  /** Lines to nodes that can be bent: whose, and the node's own URL. */
  readonly lines: (house: House) => readonly { readonly reader: Reader; readonly url: string }[];
  /** When the house stands. */
  readonly enter: (day: Day) => Promise<Field>;
}

/** A house's own ground, from its opening to its end. */
export interface Field extends AsyncDisposable {
  /** Coins of the house's own, seen and claimed: at the beginning, and where a fork has made a held deposit of them again. */
  readonly bringOwnFunds: () => Promise<unknown>;
  /** A customer sends coins. Gives the transaction's hash, as custody's deposits have it; null where no node took it. */
  readonly deposit: (
    to: { readonly address: string; readonly message: string },
    units: bigint,
  ) => Promise<string | null>;
  /** Where a withdrawal goes to. `mark` tells its payment on the chain from every other. */
  readonly destination: (count: number) => {
    readonly address: string;
    readonly memo: string;
    readonly mark: string;
  };
  /** As a crash ends it, and until it stands again as well as before: a node has caught up with the other. */
  readonly kill: (name: Restartable) => Promise<void>;
  readonly restart: (name: Restartable, changed?: Changed) => Promise<void>;
  /** So many of the newest blocks are replaced. Says what became of the transaction that was to wait; null where nothing was replaced. */
  readonly fork: (depth: number, leavesOut: number | null) => Promise<'whole' | 'one left out' | null>;
  readonly forget: () => Promise<void>;
  /** Whether nothing waits for a block, or for others upon its own, that custody would then book. */
  readonly isStill: () => Promise<boolean>;
  readonly tell: () => Promise<Told>;
}

/** What the chain says when all is quiet, read from a node of its own and from nothing of ours. Smallest units. */
export interface Told {
  /** Mark → each payment of the hot wallet's that carries it. */
  readonly paid: ReadonlyMap<string, readonly bigint[]>;
  /** Hashes of what came to the hot wallet and to customers' addresses. */
  readonly came: ReadonlySet<string>;
  /** What was moved from hot to cold, payment by payment. */
  readonly swept: readonly bigint[];
  /** What stands there now; customers' addresses count as hot. */
  readonly held: { readonly hot: bigint; readonly cold: bigint };
  /** One sentence for each spend of the hot wallet's that is none of these. */
  readonly unexplained: readonly string[];
}

/** Adds one of several. */
export function addTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const all = map.get(key);
  if (all) all.push(value);
  else map.set(key, [value]);
}
