/** Rule: how much of the stolen money leaves with a spend. docs/tracing.md defines each. */

/** Units that lie together, and how many of them are tainted. Where a rule knows single units, all of a lot or none. */
export interface Lot {
  readonly units: bigint;
  readonly taint: bigint;
}

/** What one transfer carries, in the order in which it leaves and arrives. */
export type Parcel = readonly Lot[];

/** A chain of lots, never changed: what was is what an undo goes back to. */
export interface Chain {
  readonly lot: Lot;
  readonly next: Chain | null;
}

/** Of one account and one asset; or of a transaction's inputs until its outputs have taken them. Never changed. */
export interface Holding {
  readonly units: bigint;
  readonly taint: bigint;
  /** Whether taint ever arrived. */
  readonly touched: boolean;
  /** FIFO: the oldest lots, oldest first. LIFO: all, newest first. */
  readonly out: Chain | null;
  /** FIFO: what came since, newest first. */
  readonly in: Chain | null;
}

export const nothing: Holding = { units: 0n, taint: 0n, touched: false, out: null, in: null };

export const ruleNames = ['poison', 'haircut', 'fifo', 'lifo', 'tainted-first', 'clean-first'] as const;
export type RuleName = (typeof ruleNames)[number];

export interface Rule {
  readonly name: RuleName;
  /** Whether a spend leaves the sum of taint as it was. */
  readonly conserves: boolean;
  /** `units` of which `taint` are tainted, as this rule sees them. */
  readonly parcel: (units: bigint, taint: bigint) => Parcel;
  readonly put: (holding: Holding, parcel: Parcel) => Holding;
  /** Money that was there before everything else. */
  readonly older: (holding: Holding, parcel: Parcel) => Holding;
  /** Takes no more than is there. */
  readonly take: (holding: Holding, units: bigint) => { readonly rest: Holding; readonly parcel: Parcel };
}

export function unitsOf(parcel: Parcel): bigint {
  let sum = 0n;
  for (const { units } of parcel) sum += units;
  return sum;
}

export function taintOf(parcel: Parcel): bigint {
  let sum = 0n;
  for (const { taint } of parcel) sum += taint;
  return sum;
}
