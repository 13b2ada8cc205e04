/** Plain: the rules as one writes them in a quarter of an hour, with a Map of holdings and big numbers. What the columns are measured against. */
import type { RuleName, Streamed } from '@kuramori/tracer';

interface PlainLot {
  units: bigint;
  readonly tainted: boolean;
}

interface PlainHolding {
  units: bigint;
  taint: bigint;
  touched: boolean;
  readonly lots: PlainLot[];
  /** FIFO: lots before this one have left. */
  first: number;
}

export interface Plain {
  readonly holdings: Map<string, PlainHolding>;
  /** Of each transfer. */
  readonly carried: bigint[];
}

export function tracePlain(
  transfers: readonly Streamed[],
  rule: RuleName,
  sources: ReadonlySet<string>,
  services: ReadonlySet<string>,
): Plain {
  const holdings = new Map<string, PlainHolding>();
  const carried: bigint[] = [];
  const byLots = rule === 'fifo' || rule === 'lifo';
  const at = (account: string): PlainHolding => {
    let holding = holdings.get(account);
    if (!holding) {
      holding = { units: 0n, taint: 0n, touched: false, lots: [], first: 0 };
      holdings.set(account, holding);
    }
    return holding;
  };
  for (const { from, to, units } of transfers) {
    let taint = 0n;
    let parcel: PlainLot[] = [];
    if (from !== to) {
      if (sources.has(from)) {
        taint = units;
        if (byLots) parcel = [{ units, tainted: true }];
      } else if (services.has(from)) {
        if (byLots) parcel = [{ units, tainted: false }];
      } else {
        const holding = at(from);
        if (byLots) {
          parcel = takeLots(holding, units, rule === 'lifo');
          for (const lot of parcel) if (lot.tainted) taint += lot.units;
        } else taint = leaving(rule, holding, units);
        holding.units = holding.units > units ? holding.units - units : 0n;
        holding.taint = rule === 'poison' ? (holding.touched ? holding.units : 0n) : holding.taint - taint;
      }
      if (!services.has(to) && !sources.has(to)) {
        const holding = at(to);
        holding.units += units;
        if (taint > 0n) holding.touched = true;
        if (rule === 'poison') holding.taint = holding.touched ? holding.units : 0n;
        else holding.taint += taint;
        for (const lot of parcel) {
          const last = holding.lots.length > holding.first ? holding.lots.at(-1) : undefined;
          if (last && last.tainted === lot.tainted) last.units += lot.units;
          else holding.lots.push(lot);
        }
      }
    }
    carried.push(taint);
  }
  return { holdings, carried };
}

function leaving(rule: RuleName, { units: all, taint, touched }: PlainHolding, units: bigint): bigint {
  if (rule === 'poison') return touched ? units : 0n;
  if (units >= all) return taint;
  if (rule === 'haircut') return (taint * units) / all;
  if (rule === 'tainted-first') return taint < units ? taint : units;
  const clean = all - taint;
  return units > clean ? units - clean : 0n;
}

function takeLots(holding: PlainHolding, units: bigint, lastFirst: boolean): PlainLot[] {
  const parcel: PlainLot[] = [];
  const older = units - holding.units;
  if (older > 0n && !lastFirst) parcel.push({ units: older, tainted: false });
  let missing = older > 0n ? holding.units : units;
  while (missing > 0n) {
    const lot = holding.lots[lastFirst ? holding.lots.length - 1 : holding.first];
    if (!lot) throw new RangeError('plain: more was taken than there is');
    if (lot.units > missing) {
      lot.units -= missing;
      parcel.push({ units: missing, tainted: lot.tainted });
      break;
    }
    missing -= lot.units;
    parcel.push(lot);
    if (lastFirst) holding.lots.pop();
    else holding.first += 1;
  }
  // An array's front is not cheap to cut off: only when most of it has left.
  if (holding.first > 32 && holding.first * 2 > holding.lots.length) {
    holding.lots.splice(0, holding.first);
    holding.first = 0;
  }
  if (older > 0n && lastFirst) parcel.push({ units: older, tainted: false });
  return parcel;
}
