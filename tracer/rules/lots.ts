/** Lots: what FIFO and LIFO have in common. Units leave one after another, and arrive in the order in which they left. */
import type { Chain, Lot, Parcel } from './rule.ts';

/** Tainted units first; each lot is all tainted or not at all. */
export function wholeLots(units: bigint, taint: bigint): Parcel {
  const lots: Lot[] = [];
  if (taint > 0n) lots.push({ units: taint, taint });
  if (units > taint) lots.push({ units: units - taint, taint: 0n });
  return lots;
}

/** Before a chain; with the lot beside it made one, where both are tainted or neither is. */
export function onto(chain: Chain | null, lot: Lot): Chain {
  const top = chain?.lot;
  if (!chain || !top || top.taint > 0n !== lot.taint > 0n) return { lot, next: chain };
  return { lot: { units: top.units + lot.units, taint: top.taint + lot.taint }, next: chain.next };
}

export function turned(chain: Chain | null): Chain | null {
  let back: Chain | null = null;
  for (let at = chain; at; at = at.next) back = { lot: at.lot, next: back };
  return back;
}

/** The first units of a chain, and what is left of it. */
export function cut(chain: Chain, units: bigint): { readonly lot: Lot; readonly left: Chain | null } {
  const { lot, next } = chain;
  if (lot.units <= units) return { lot, left: next };
  const tainted = lot.taint > 0n;
  const rest = lot.units - units;
  return {
    lot: { units, taint: tainted ? units : 0n },
    left: { lot: { units: rest, taint: tainted ? rest : 0n }, next },
  };
}
