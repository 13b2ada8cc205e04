/** Table: a case's movements in columns, accounts and assets as numbers; about sixty bytes a movement. */
import { invariant } from './invariant.ts';
import type { Movement } from './movement.ts';

export interface Table {
  readonly rows: number;
  readonly accounts: readonly string[];
  readonly assets: readonly string[];
  readonly txs: readonly string[];
  readonly block: Uint32Array;
  /** The transaction's place in its block, from 1; 0 where nobody says. */
  readonly index: Uint32Array;
  readonly time: Uint32Array;
  readonly tx: Uint32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly asset: Uint32Array;
  /** 1 for a fee. */
  readonly fee: Uint8Array;
  /** Where an account's holding of an asset stands. */
  readonly fromSlot: Uint32Array;
  readonly toSlot: Uint32Array;
  /** Of each slot. */
  readonly slotAccount: readonly number[];
  readonly slotAsset: readonly number[];
  readonly low: BigUint64Array;
  readonly high: BigUint64Array;
  /** What 128 bits do not hold: units of worthless tokens. */
  readonly wide: ReadonlyMap<number, bigint>;
}

/** Numbers given out in the order of asking. */
function numbers() {
  const [names, known]: [string[], Map<string, number>] = [[], new Map()];
  const of = (name: string): number => {
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, names.length);
    return names.push(name) - 1;
  };
  return { names, of };
}

/** Of movements in their order. */
export function tableOf(movements: readonly Movement[]): Table {
  const rows = movements.length;
  const [accounts, assets, txs, slots] = [numbers(), numbers(), numbers(), numbers()];
  const column = () => new Uint32Array(rows);
  const [block, time, tx, from, to, asset] = [column(), column(), column(), column(), column(), column()];
  const [fromSlot, toSlot, index, fee] = [column(), column(), column(), new Uint8Array(rows)];
  const [low, high, wide] = [new BigUint64Array(rows), new BigUint64Array(rows), new Map<number, bigint>()];
  const [slotAccount, slotAsset]: [number[], number[]] = [[], []];
  const slotOf = (account: number, of: number): number => {
    const slot = slots.of(`${account} ${of}`);
    [slotAccount[slot], slotAsset[slot]] = [account, of];
    return slot;
  };
  for (const [row, one] of movements.entries()) {
    const [giver, taker, what] = [accounts.of(one.from), accounts.of(one.to), assets.of(one.asset)];
    [block[row], time[row], tx[row]] = [one.block, one.time, txs.of(one.tx)];
    [from[row], to[row], asset[row]] = [giver, taker, what];
    [fromSlot[row], toSlot[row]] = [slotOf(giver, what), slotOf(taker, what)];
    index[row] = one.index === null ? 0 : one.index + 1;
    fee[row] = one.kind === 'fee' ? 1 : 0;
    invariant(one.units >= 0n, 'an amount is below 0');
    low[row] = BigInt.asUintN(64, one.units);
    if (one.units >> 128n === 0n) high[row] = one.units >> 64n;
    else wide.set(row, one.units);
  }
  const columns = { block, index, time, tx, from, to, asset, fee, fromSlot, toSlot, slotAccount, slotAsset };
  return {
    rows,
    accounts: accounts.names,
    assets: assets.names,
    txs: txs.names,
    ...columns,
    low,
    high,
    wide,
  };
}

export function unitsAt({ low, high, wide }: Table, row: number): bigint {
  return wide.get(row) ?? ((high[row] ?? 0n) << 64n) | (low[row] ?? 0n);
}

/** A column's value; a row beyond it is a fault of ours. */
export function cell(column: Uint32Array | Uint8Array | readonly number[], row: number): number {
  const value = column[row];
  invariant(value !== undefined, `there is no row ${row}`);
  return value;
}
