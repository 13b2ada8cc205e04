/** State: what the columns have found, as the exact engine would have left it, which goes on from there. */
import { applyAssets } from '../apply.ts';
import type { Case } from '../case.ts';
import { invariant } from '../invariant.ts';
import { ruleOf } from '../rules/of.ts';
import { nothing, type Chain, type Holding, type RuleName } from '../rules/rule.ts';
import { bare } from '../setting.ts';
import { openState, type State } from '../state.ts';
import { cell } from '../table.ts';
import { columnsOf, kinds, type Columns } from './columns.ts';
import { sumOf } from './sums.ts';
import { traceColumns, type Traced } from './trace.ts';

/** `applyAll` under `bare`, to the unit: by columns where doubles tell every unit, and by the exact engine where not. */
export function applyBulk(of: Case, rule: RuleName): State {
  const columns = columnsOf(of);
  const traced = traceColumns(columns, rule);
  const state = openState(of, ruleOf(rule), bare);
  const wide = new Set(columns.slotAsset.filter((_, slot) => cell(traced.slotKind, slot) === kinds.tooWide));
  // Before the columns' rows are told: whom taint reached first is then the lower row of both.
  applyAssets(state, wide);
  tell(state, columns, traced);
  for (let slot = 0; slot < columns.slots; slot += 1)
    if (!wide.has(cell(columns.slotAsset, slot))) {
      const holding = holdingOf(traced, slot, state.holdings[slot]?.touched === true);
      invariant(holding.units === state.holdings[slot]?.units, 'bulk columns hold other units than moved');
      state.holdings[slot] = holding;
    }
  for (const [asset, sums] of state.sums.entries()) {
    if (wide.has(asset)) continue;
    sums.stolen = sumOf(traced.stolen, asset);
    sums.held = sumOf(traced.held, asset);
    sums.ended = sumOf(traced.ended, asset);
  }
  state.row = columns.rows;
  return state;
}

/** What each movement adds to the figures that are no rule's own. */
function tell(state: State, columns: Columns, { carried, slotKind }: Traced): void {
  const { table } = state.of;
  for (let row = 0; row < columns.rows; row += 1) {
    const [giver, taker] = [cell(columns.from, row), cell(columns.to, row)];
    const kind = cell(slotKind, giver);
    const units = BigInt(columns.units[row] ?? 0);
    if (giver === taker || units === 0n || kind === kinds.tooWide) continue;
    const taint = BigInt(carried[row] ?? 0);
    const [gave, took] = [state.flows[giver], state.flows[taker]];
    invariant(gave !== undefined && took !== undefined, `row ${row} has no slots`);
    gave.sent += units;
    took.received += units;
    took.taintReceived += taint;
    if (kind !== kinds.service) gave.taintSent += taint;
    const was = state.holdings[giver] ?? nothing;
    if (kind === kinds.account) {
      const missing = units - was.units;
      if (missing > 0n) gave.unseen += missing;
      if (missing * 2n > units && cell(table.fee, row) === 0) {
        const account = cell(table.from, row);
        state.unseenSpends[account] = cell(state.unseenSpends, account) + 1;
      }
      state.holdings[giver] = { ...was, units: missing > 0n ? 0n : was.units - units };
    } else if (kind === kinds.source) {
      const back = was.units < units ? was.units : units;
      gave.added += units - back;
      state.holdings[giver] = { ...was, units: was.units - back };
    }
    if (taint > 0n) {
      state.carried.set(row, taint);
      state.arrived.set(row, taint);
      const [to, first] = [cell(table.to, row), state.reachedBy[cell(table.to, row)] ?? -1];
      if (first < 0 || row < first) state.reachedBy[to] = row;
    }
    const end = cell(slotKind, taker);
    if (end === kinds.service) continue;
    const held = state.holdings[taker] ?? nothing;
    const source = end === kinds.source;
    state.holdings[taker] = {
      ...held,
      units: held.units + (source ? taint : units),
      touched: held.touched || source || taint > 0n,
    };
  }
}

function holdingOf({ holdings, lots, slotKind }: Traced, slot: number, touched: boolean): Holding {
  const [units, taint] = [BigInt(holdings[slot * 2] ?? 0), BigInt(holdings[slot * 2 + 1] ?? 0)];
  const one = { units, taint, touched, out: null, in: null };
  // A source's order says nothing: all that it sends is stolen.
  if (!lots || units === 0n || cell(slotKind, slot) === kinds.source) return one;
  const row: bigint[] = [];
  for (let at = cell(lots.head, slot); at > 0; at = cell(lots.next, at))
    row.push(BigInt(lots.units[at] ?? 0));
  if (row.length === 0) row.push(taint > 0n ? -units : units);
  let out: Chain | null = null;
  for (const lot of row.toReversed())
    out = { lot: lot < 0n ? { units: -lot, taint: -lot } : { units: lot, taint: 0n }, next: out };
  return { ...one, out };
}
