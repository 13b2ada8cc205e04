/**
 * Lots of all holdings in one pool of columns, each holding's in a chain: the next to leave first, no two neighbours alike.
 * Tainted units stand below 0. Who holds only clean or only tainted money has no chain: the balance says it.
 */
import { grown, grownDoubles } from './columns.ts';

export interface Lots {
  units: Float64Array;
  next: Uint32Array;
  /** The first lot that nobody uses, by `next` the others; 0 where there is none. Lots are numbered from 1. */
  free: number;
  used: number;
  /** Of each slot. */
  readonly head: Uint32Array;
  readonly tail: Uint32Array;
  /** What one movement carries, in the order in which it leaves. */
  parcel: Float64Array;
  carried: number;
}

export const openLots = (slots: number): Lots => ({
  units: new Float64Array(1024),
  next: new Uint32Array(1024),
  free: 0,
  used: 0,
  head: new Uint32Array(slots),
  tail: new Uint32Array(slots),
  parcel: new Float64Array(64),
  carried: 0,
});

function made(lots: Lots, units: number, next: number): number {
  let at = lots.free;
  if (at > 0) lots.free = lots.next[at] ?? 0;
  else {
    lots.used += 1;
    at = lots.used;
    if (at >= lots.units.length) {
      lots.units = grownDoubles(lots.units, at * 1.5);
      lots.next = grown(lots.next, at * 1.5);
    }
  }
  lots.units[at] = units;
  lots.next[at] = next;
  return at;
}

function freed(lots: Lots, at: number): void {
  lots.next[at] = lots.free;
  lots.free = at;
}

export function pack(lots: Lots, units: number): void {
  if (lots.carried === lots.parcel.length) lots.parcel = grownDoubles(lots.parcel, lots.carried * 2);
  lots.parcel[lots.carried] = units;
  lots.carried += 1;
}

/** Into the parcel, from the chain's head; the taint of what was taken. */
export function unchain(lots: Lots, slot: number, count: number): number {
  let [left, taint, at] = [count, 0, lots.head[slot] ?? 0];
  while (left > 0) {
    if (at === 0) throw new RangeError('lots: more was taken than there is');
    const lot = lots.units[at] ?? 0;
    const size = lot < 0 ? -lot : lot;
    const taken = size <= left ? size : left;
    if (lot < 0) taint += taken;
    pack(lots, lot < 0 ? -taken : taken);
    left -= taken;
    if (taken === size) {
      const next = lots.next[at] ?? 0;
      freed(lots, at);
      at = next;
    } else lots.units[at] = lot < 0 ? lot + taken : lot - taken;
  }
  lots.head[slot] = at;
  if (at === 0) lots.tail[slot] = 0;
  return taint;
}

/** What is left is all clean or all tainted: the balance says it. Neighbours are never alike, so it is one lot. */
export function dropChain(lots: Lots, slot: number): void {
  const at = lots.head[slot] ?? 0;
  if (at === 0) return;
  if (lots.next[at] !== 0) throw new RangeError('lots: neighbours are alike');
  freed(lots, at);
  lots.head[slot] = 0;
  lots.tail[slot] = 0;
}

/** Behind all others, or before them, beside which it may become one. */
export function chain(lots: Lots, slot: number, units: number, before: boolean): void {
  const beside = (before ? lots.head[slot] : lots.tail[slot]) ?? 0;
  if (beside > 0 && (lots.units[beside] ?? 0) < 0 === units < 0) {
    lots.units[beside] = (lots.units[beside] ?? 0) + units;
    return;
  }
  const at = made(lots, units, before ? beside : 0);
  if (beside === 0) {
    lots.head[slot] = at;
    lots.tail[slot] = at;
  } else if (before) lots.head[slot] = at;
  else {
    lots.next[beside] = at;
    lots.tail[slot] = at;
  }
}
