/** Columns: movements in the order in which they happened, as numbers alone: 32 bytes each with what is found of them. */
import type { Case } from '../case.ts';
import { TracerError } from '../error.ts';
import { invariant } from '../invariant.ts';
import { cell, unitsAt } from '../table.ts';

/** What a slot is: where one account holds one asset. */
export const kinds = { account: 0, source: 1, service: 2, tooWide: 3 } as const;

export interface Columns {
  readonly rows: number;
  readonly slots: number;
  readonly assets: number;
  /** Slots. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Whole numbers that doubles hold exactly. */
  readonly units: Float64Array;
  readonly slotAsset: Uint32Array;
  /** `tooWide`: of an asset with an amount beyond 2^53 − 1, which the exact engine follows. */
  readonly slotKind: Uint8Array;
}

const most = BigInt(Number.MAX_SAFE_INTEGER);

/** Of a case, in the order that it has found. */
export function columnsOf({ table, sources, services }: Case): Columns {
  const { rows, fromSlot, toSlot, slotAccount } = table;
  const units = new Float64Array(rows);
  const slotAsset = Uint32Array.from(table.slotAsset);
  const wide = new Set<number>();
  for (let row = 0; row < rows; row += 1) {
    const exact = unitsAt(table, row);
    if (exact > most) wide.add(cell(table.asset, row));
    else units[row] = Number(exact);
  }
  const slotKind = Uint8Array.from(slotAccount, (account, slot) => {
    if (wide.has(cell(slotAsset, slot))) return kinds.tooWide;
    return services.has(account) ? kinds.service : sources.has(account) ? kinds.source : kinds.account;
  });
  const counts = { rows, slots: slotAccount.length, assets: table.assets.length };
  return { ...counts, from: fromSlot, to: toSlot, units, slotAsset, slotKind };
}

/** One movement as a chain's stream tells it, in its order: fees last in their transaction. */
export interface Streamed {
  readonly block: number;
  /** The transaction's place in its block. */
  readonly index: number;
  readonly from: string;
  readonly to: string;
  readonly asset: string;
  readonly units: bigint;
}

export interface Loaded extends Columns {
  readonly block: Uint32Array;
  readonly index: Uint32Array;
  readonly slotAccount: Uint32Array;
  readonly accounts: readonly string[];
  readonly assetNames: readonly string[];
}

export interface Loader {
  readonly add: (one: Streamed) => void;
  readonly done: () => Loaded;
}

/** `expected` movements have their room from the start; for more it grows by half. */
export function openLoader(
  sources: ReadonlySet<string>,
  services: ReadonlySet<string>,
  expected: number,
): Loader {
  let room = Math.max(16, expected);
  let [from, to, units] = [new Uint32Array(room), new Uint32Array(room), new Float64Array(room)];
  let [block, index] = [new Uint32Array(room), new Uint32Array(room)];
  let slotRoom = 1024;
  let [slotAsset, slotAccount] = [new Uint32Array(slotRoom), new Uint32Array(slotRoom)];
  /** An account's slots, one after another; 0 where there is no other. */
  let next = new Uint32Array(slotRoom);
  let first = new Uint32Array(slotRoom);
  let [rows, slots] = [0, 0];
  const [accounts, assets] = [new Map<string, number>(), new Map<string, number>()];
  const wide = new Set<number>();

  const numberOf = (names: Map<string, number>, name: string): number => {
    const found = names.get(name);
    if (found !== undefined) return found;
    names.set(name, names.size);
    return names.size - 1;
  };
  const slotOf = (name: string, asset: number): number => {
    const account = numberOf(accounts, name);
    if (account >= first.length) first = grown(first, account * 1.5);
    for (let at = cell(first, account); at > 0; at = cell(next, at - 1))
      if (slotAsset[at - 1] === asset) return at - 1;
    if (slots === slotRoom) {
      slotRoom = Math.ceil(slotRoom * 1.5);
      [slotAsset, slotAccount] = [grown(slotAsset, slotRoom), grown(slotAccount, slotRoom)];
      next = grown(next, slotRoom);
    }
    [slotAsset[slots], slotAccount[slots], next[slots]] = [asset, account, cell(first, account)];
    slots += 1;
    first[account] = slots;
    return slots - 1;
  };

  return {
    add: (one) => {
      invariant(one.units >= 0n, 'an amount is below 0');
      if (rows === room) {
        room = Math.ceil(room * 1.5);
        [from, to, units] = [grown(from, room), grown(to, room), grownDoubles(units, room)];
        [block, index] = [grown(block, room), grown(index, room)];
      }
      const asset = numberOf(assets, one.asset);
      from[rows] = slotOf(one.from, asset);
      to[rows] = slotOf(one.to, asset);
      if (one.units > most) wide.add(asset);
      else units[rows] = Number(one.units);
      [block[rows], index[rows]] = [one.block, one.index];
      rows += 1;
    },
    done: () => {
      if (wide.size > 0) {
        const names = [...assets.keys()].filter((_, asset) => wide.has(asset)).join(', ');
        throw new TracerError(`units of ${names}: beyond 2^53 - 1 in one movement: load these as a case`);
      }
      const names = [...accounts.keys()];
      const slotKind = Uint8Array.from({ length: slots }, (_, slot) => {
        const name = names[cell(slotAccount, slot)] ?? '';
        return sources.has(name) ? kinds.source : services.has(name) ? kinds.service : kinds.account;
      });
      const fit = <T extends Uint32Array | Float64Array>(column: T, length: number): T =>
        (column.length === length ? column : column.slice(0, length)) as T;
      return {
        rows,
        slots,
        assets: assets.size,
        from: fit(from, rows),
        to: fit(to, rows),
        units: fit(units, rows),
        block: fit(block, rows),
        index: fit(index, rows),
        slotAsset: fit(slotAsset, slots),
        slotAccount: fit(slotAccount, slots),
        slotKind,
        accounts: names,
        assetNames: [...assets.keys()],
      };
    },
  };
}

export function grown(column: Uint32Array, room: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(Math.ceil(room) + 1);
  wider.set(column);
  return wider;
}

export function grownDoubles(column: Float64Array, room: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(Math.ceil(room) + 1);
  wider.set(column);
  return wider;
}
