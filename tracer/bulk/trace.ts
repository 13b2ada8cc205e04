/**
 * Trace: the rules alone, over columns of doubles, for as much as a chain has. The same to the unit as `applyAll` under
 * `bare`, or not at all: where a balance of an asset would pass 2^53 − 1, that asset is left to the exact engine.
 * Nothing is kept for an undo: what can still be taken back, `applyBlock` follows.
 */
import { invariant } from '../invariant.ts';
import type { RuleName } from '../rules/rule.ts';
import { kinds, type Columns } from './columns.ts';
import { chain, dropChain, openLots, pack, unchain, type Lots } from './lots.ts';
import { share } from './share.ts';
import { addTo, exactSums, sumOf, type ExactSums } from './sums.ts';

export interface Traced {
  /** Of each row: the taint that it carried. */
  readonly carried: Float64Array;
  /** Of each slot, beside each other: units, and how many of them are tainted. */
  readonly holdings: Float64Array;
  /** FIFO and LIFO. */
  readonly lots: Lots | null;
  readonly stolen: ExactSums;
  readonly ended: ExactSums;
  readonly held: ExactSums;
  /** As in the columns, and `tooWide` where a balance has become so: nothing here is said of those. */
  readonly slotKind: Uint8Array;
}

export function traceColumns(columns: Columns, rule: RuleName): Traced {
  const { rows, slots, assets } = columns;
  const traced: Traced = {
    carried: new Float64Array(rows),
    holdings: new Float64Array(slots * 2),
    lots: rule === 'fifo' || rule === 'lifo' ? openLots(slots) : null,
    stolen: exactSums(assets),
    ended: exactSums(assets),
    held: exactSums(assets),
    slotKind: columns.slotKind.slice(),
  };
  if (rule === 'fifo' || rule === 'lifo') byLots(columns, traced, rule === 'lifo');
  else byAmounts(columns, traced, rule);
  check(columns, traced, rule !== 'poison');
  return traced;
}

/** All that must hold of the end; of each step the loops have checked it. */
function check({ slots, assets, slotAsset }: Columns, traced: Traced, conserves: boolean): void {
  const { holdings, held, slotKind } = traced;
  const wide = new Set<number>();
  for (let slot = 0; slot < slots; slot += 1) {
    const asset = slotAsset[slot] as number;
    if (slotKind[slot] === kinds.tooWide) wide.add(asset);
    const [units, taint] = [holdings[slot * 2] as number, holdings[slot * 2 + 1] as number];
    invariant(
      wide.has(asset) || (taint >= 0 && taint <= units && units <= Number.MAX_SAFE_INTEGER),
      'an account has more taint than units',
    );
    addTo(held, asset, taint);
  }
  for (let asset = 0; conserves && asset < assets; asset += 1)
    invariant(
      wide.has(asset) || sumOf(traced.stolen, asset) === sumOf(held, asset) + sumOf(traced.ended, asset),
      'the taint of bulk columns is not conserved',
    );
}

/** An asset of which doubles cannot tell every unit. */
function leave({ slotAsset }: Columns, slotKind: Uint8Array, slot: number): void {
  const asset = slotAsset[slot];
  for (let other = 0; other < slotAsset.length; other += 1)
    if (slotAsset[other] === asset) slotKind[other] = kinds.tooWide;
}

/** Rows that are looked at together before they are followed. */
const batch = 128;

/**
 * Looks at all that a batch will read: these reads wait for memory together, and not each for the branch before it, which
 * is most of the time where accounts are many. The sum is for nothing but that no compiler leaves it out.
 */
function fetchAhead({ from, to, rows }: Columns, { holdings, slotKind }: Traced, row: number): number {
  const end = row + batch < rows ? row + batch : rows;
  let sum = 0;
  for (let at = row; at < end; at += 1) {
    const [giver, taker] = [from[at] as number, to[at] as number];
    sum += (holdings[giver * 2] as number) + (holdings[taker * 2] as number);
    sum += (slotKind[giver] as number) + (slotKind[taker] as number);
  }
  return sum;
}

const byAmount = { poison: 0, haircut: 1, 'tainted-first': 2, 'clean-first': 3 } as const;

function byAmounts(columns: Columns, traced: Traced, rule: keyof typeof byAmount): void {
  const { rows, from, to, units, slotAsset } = columns;
  const { carried, holdings, slotKind, stolen, ended } = traced;
  const formula = byAmount[rule];
  // Of poison alone: who was reached stays reached, also with nothing.
  const touched = new Uint8Array(rule === 'poison' ? columns.slots : 0);
  let seen = 0;
  for (let row = 0; row < rows; row += 1) {
    if (row % batch === 0) seen += fetchAhead(columns, traced, row);
    // Columns are as long as `rows` says, and slots below their number: no read is beyond.
    const [giver, taker, moved] = [from[row] as number, to[row] as number, units[row] as number];
    const kind = slotKind[giver] as number;
    if (giver === taker || moved === 0 || kind === kinds.tooWide) continue;
    const at = giver * 2;
    let sent = 0;
    if (kind === kinds.account) {
      const [all, taint] = [holdings[at] as number, holdings[at + 1] as number];
      if (formula === 0) sent = touched[giver] === 1 ? moved : 0;
      else if (moved >= all) sent = taint;
      else if (taint > 0) {
        if (formula === 1) sent = share(taint, moved, all);
        else if (formula === 2) sent = taint < moved ? taint : moved;
        else sent = moved > all - taint ? moved - (all - taint) : 0;
      }
      const rest = moved >= all ? 0 : all - moved;
      holdings[at] = rest;
      holdings[at + 1] = formula === 0 ? (touched[giver] === 1 ? rest : 0) : taint - sent;
    } else if (kind === kinds.source) {
      sent = moved;
      addTo(stolen, slotAsset[giver] as number, moved - takeBack(holdings, at, moved));
    }
    if (sent < 0 || sent > moved) invariant(false, 'a transfer carries more taint than units');
    if (sent > 0) carried[row] = sent;
    const end = slotKind[taker] as number;
    if (end === kinds.service) {
      if (sent > 0) addTo(ended, slotAsset[taker] as number, sent);
      continue;
    }
    // Of a source only what came back counts: all that it sends is stolen anyway.
    const put = end === kinds.source ? sent : moved;
    const now = (holdings[taker * 2] as number) + put;
    if (now > Number.MAX_SAFE_INTEGER) {
      leave(columns, slotKind, taker);
      continue;
    }
    holdings[taker * 2] = now;
    if (formula === 0 && end === kinds.account) {
      if (sent > 0) touched[taker] = 1;
      if (touched[taker] === 1) holdings[taker * 2 + 1] = now;
    } else if (sent > 0) holdings[taker * 2 + 1] = (holdings[taker * 2 + 1] as number) + sent;
  }
  invariant(seen >= 0, 'an account has less than nothing');
}

/** What had come back to a source goes first. */
function takeBack(holdings: Float64Array, at: number, moved: number): number {
  const taint = holdings[at + 1] as number;
  const back = taint < moved ? taint : moved;
  holdings[at] = (holdings[at] as number) - back;
  holdings[at + 1] = taint - back;
  return back;
}

function byLots(columns: Columns, traced: Traced, lastFirst: boolean): void {
  const { rows, from, to, units, slotAsset } = columns;
  const { carried, holdings, slotKind, stolen, ended, lots } = traced;
  if (!lots) return;
  let seen = 0;
  for (let row = 0; row < rows; row += 1) {
    if (row % batch === 0) seen += fetchAhead(columns, traced, row);
    const [giver, taker, moved] = [from[row] as number, to[row] as number, units[row] as number];
    const kind = slotKind[giver] as number;
    if (giver === taker || moved === 0 || kind === kinds.tooWide) continue;
    const at = giver * 2;
    let sent = 0;
    lots.carried = 0;
    if (kind === kinds.account) sent = takeLots(holdings, lots, giver, moved, lastFirst);
    else if (kind === kinds.source) {
      sent = moved;
      addTo(stolen, slotAsset[giver] as number, moved - takeBack(holdings, at, moved));
    }
    if (sent < 0 || sent > moved) invariant(false, 'a transfer carries more taint than units');
    if (sent > 0) carried[row] = sent;
    const end = slotKind[taker] as number;
    if (end === kinds.service) {
      if (sent > 0) addTo(ended, slotAsset[taker] as number, sent);
      continue;
    }
    const all = holdings[taker * 2] as number;
    const now = all + (end === kinds.source ? sent : moved);
    if (now > Number.MAX_SAFE_INTEGER) {
      leave(columns, slotKind, taker);
      continue;
    }
    const taint = holdings[taker * 2 + 1] as number;
    holdings[taker * 2] = now;
    holdings[taker * 2 + 1] = taint + sent;
    if (end === kinds.account && taint + sent > 0 && taint + sent < now)
      putLots(lots, taker, all, taint, moved, sent, lastFirst);
  }
  invariant(seen >= 0, 'an account has less than nothing');
}

/** The parcel is written only where it is of both kinds. */
function takeLots(
  holdings: Float64Array,
  lots: Lots,
  slot: number,
  moved: number,
  lastFirst: boolean,
): number {
  const at = slot * 2;
  const [all, taint] = [holdings[at] as number, holdings[at + 1] as number];
  if (moved >= all) {
    holdings[at] = 0;
    holdings[at + 1] = 0;
    if (taint === 0) return 0;
    // Money from before is the oldest: it leaves first, or last.
    const older = moved - all;
    if (older > 0 && !lastFirst) pack(lots, older);
    if (taint === all) pack(lots, -all);
    else unchain(lots, slot, all);
    if (older > 0 && lastFirst) pack(lots, older);
    return taint;
  }
  holdings[at] = all - moved;
  if (taint === 0) return 0;
  if (taint === all) {
    holdings[at + 1] = taint - moved;
    return moved;
  }
  const sent = unchain(lots, slot, moved);
  holdings[at + 1] = taint - sent;
  if (sent === taint || taint - sent === all - moved) dropChain(lots, slot);
  return sent;
}

/** Into a holding that has both kinds then. */
function putLots(
  lots: Lots,
  slot: number,
  all: number,
  taint: number,
  moved: number,
  sent: number,
  lastFirst: boolean,
): void {
  if (all > 0 && lots.head[slot] === 0) chain(lots, slot, taint > 0 ? -all : all, false);
  if (sent === 0) chain(lots, slot, moved, lastFirst);
  else if (sent === moved) chain(lots, slot, -moved, lastFirst);
  else
    for (let part = 0; part < lots.carried; part += 1)
      chain(lots, slot, lots.parcel[part] as number, lastFirst);
}
