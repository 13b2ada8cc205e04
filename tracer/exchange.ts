/** Exchange: who gives one asset and gets another in the same transaction. Recognised by the transaction alone, whoever stands on the other side. */
import { cell, unitsAt, type Table } from './table.ts';

export interface Exchange {
  /** Rows by which it gave an asset of which it has less afterwards, to services and to who pays out in the same transaction. */
  readonly given: ReadonlySet<number>;
  /** Rows by which a part of that came back: change. */
  readonly change: ReadonlySet<number>;
  /** Rows by which it got an asset of which it has more afterwards. */
  readonly got: ReadonlySet<number>;
}

interface Rows {
  readonly out: number[];
  readonly into: number[];
}

/** Account → what it exchanged in the rows of one transaction. `ends` says at whom a trail ends anyway. */
export function exchangesIn(
  table: Table,
  first: number,
  end: number,
  ends: (account: number) => boolean,
): ReadonlyMap<number, Exchange> {
  const found = new Map<number, Exchange>();
  if (end - first < 2) return found;
  const all = new Map<number, Rows>();
  const rowsOf = (account: number): Rows => {
    const rows = all.get(account) ?? { out: [], into: [] };
    all.set(account, rows);
    return rows;
  };
  for (let row = first; row < end; row += 1) {
    const [from, to] = [cell(table.from, row), cell(table.to, row)];
    // Neither a fee nor a call without value is a price.
    if (cell(table.fee, row) === 1 || from === to || unitsAt(table, row) === 0n) continue;
    rowsOf(from).out.push(row);
    rowsOf(to).into.push(row);
  }
  // Who only receives is paid and gives nothing for it: that is a transfer like any other.
  const trades = (other: number) => ends(other) || (all.get(other)?.out.length ?? 0) > 0;
  for (const [account, { out, into }] of all) {
    if (out.length === 0 || into.length === 0 || ends(account)) continue;
    const traded = out.filter((row) => trades(cell(table.to, row)));
    const more = new Map<number, bigint>();
    const count = (row: number, units: bigint) =>
      more.set(cell(table.asset, row), (more.get(cell(table.asset, row)) ?? 0n) + units);
    for (const row of traded) count(row, -unitsAt(table, row));
    for (const row of into) count(row, unitsAt(table, row));
    const change = (row: number) => more.get(cell(table.asset, row)) ?? 0n;
    const [given, got] = [traded.filter((row) => change(row) < 0n), into.filter((row) => change(row) > 0n)];
    if (given.length === 0 || got.length === 0) continue;
    const back = into.filter((row) => change(row) < 0n);
    found.set(account, { given: new Set(given), change: new Set(back), got: new Set(got) });
  }
  return found;
}
