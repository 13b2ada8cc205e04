/** Apply: one block after another, each of which can be taken back exactly. */
import { exchangesIn, type Exchange } from './exchange.ts';
import { invariant } from './invariant.ts';
import { taintOf, unitsOf, type Holding, type Parcel } from './rules/rule.ts';
import type { Flow, State, Sums, Undo } from './state.ts';
import { cell, unitsAt } from './table.ts';

/** The next block, all of it. False where there is none. */
export function applyBlock(state: State): boolean {
  const { table } = state.of;
  if (state.row >= table.rows) return false;
  const undo: Undo = { row: state.row, back: [] };
  const block = cell(table.block, state.row);
  while (state.row < table.rows && cell(table.block, state.row) === block) {
    let end = state.row + 1;
    while (
      end < table.rows &&
      cell(table.tx, end) === cell(table.tx, state.row) &&
      cell(table.block, end) === block
    )
      end += 1;
    applyTransaction(state, undo, end);
    state.row = end;
  }
  state.undo.push(undo);
  conserved(state);
  return true;
}

/** Takes the last applied block back, as if it had never been. False where none is left. */
export function undoBlock(state: State): boolean {
  const undo = state.undo.pop();
  if (!undo) return false;
  for (const back of undo.back.toReversed()) back();
  state.row = undo.row;
  return true;
}

/** To the case's end. What is applied so is not kept for an undo. */
export function applyAll(state: State): State {
  while (applyBlock(state)) state.undo.length = 0;
  return state;
}

/** Of some assets alone, where nothing but the rule is set: there no asset says anything of another. Kept for no undo. */
export function applyAssets(state: State, assets: ReadonlySet<number>): void {
  invariant(!state.setting.exchanges, 'assets that are exchanged are followed one by one');
  const none = new Map<number, never>();
  for (let row = 0; row < state.of.table.rows; row += 1)
    if (assets.has(cell(state.of.table.asset, row))) applyRow(state, { row, back: [] }, row, none, none);
  conserved(state);
}

/** What must hold after every block. */
function conserved({ rule, sums, of }: State): void {
  for (const [asset, one] of sums.entries()) {
    invariant(one.held >= 0n && one.ended >= 0n, `taint of ${of.table.assets[asset]} is below 0`);
    if (rule.conserves)
      invariant(
        one.stolen + one.gotByExchange + one.risen === one.held + one.ended + one.givenByExchange,
        `under ${rule.name} the taint of ${of.table.assets[asset]} is not conserved`,
      );
  }
}

/** Where the trail ends: at a service that is tagged or presumed. */
const isEnd = (state: State, account: number): boolean =>
  state.of.services.has(account) || state.presumed[account] === 1;

/** What one account has exchanged so far in this transaction. */
interface Given {
  /** Asset → units and their taint. */
  readonly by: Map<number, { units: bigint; taint: bigint }>;
}

function applyTransaction(state: State, undo: Undo, end: number): void {
  const exchanges = state.setting.exchanges
    ? exchangesIn(state.of.table, state.row, end, (account) => isEnd(state, account))
    : new Map<number, Exchange>();
  const given = new Map(
    [...exchanges.keys()].map((account): [number, Given] => [account, { by: new Map() }]),
  );
  const rows = Array.from({ length: end - state.row }, (_, at) => state.row + at);
  const turn = exchanges.size === 0 ? rows : inTurn(state, rows, exchanges);
  for (const row of turn) applyRow(state, undo, row, exchanges, given);
}

/** Who exchanges has given before they get. Where both sides wait for the other, whoever holds stolen money begins. */
function* inTurn(
  state: State,
  rows: readonly number[],
  exchanges: ReadonlyMap<number, Exchange>,
): Generator<number> {
  const { table, sources } = state.of;
  const left = new Set(rows);
  const waits = (row: number): boolean => {
    const exchange = exchanges.get(cell(table.to, row));
    if (!exchange?.got.has(row) && !exchange?.change.has(row)) return false;
    return exchange.given.values().some((one) => one !== row && left.has(one));
  };
  const dirty = (row: number): boolean =>
    sources.has(cell(table.from, row)) || holdingAt(state, cell(table.fromSlot, row)).taint > 0n;
  while (left.size > 0) {
    const [first] = left;
    const next = left.values().find((row) => !waits(row)) ?? left.values().find(dirty) ?? first;
    if (next === undefined) return;
    left.delete(next);
    yield next;
  }
}

function applyRow(
  state: State,
  undo: Undo,
  row: number,
  exchanges: ReadonlyMap<number, Exchange>,
  given: ReadonlyMap<number, Given>,
): void {
  const { table } = state.of;
  const [from, to, asset] = [cell(table.from, row), cell(table.to, row), cell(table.asset, row)];
  const units = unitsAt(table, row);
  // Money that goes to whom it comes from moves nowhere; nor does none.
  if (from === to || units === 0n) return;
  const parcel = send(state, undo, row, units);
  const sent = taintOf(parcel);
  invariant(unitsOf(parcel) === units, 'a transfer carries other units than it moves');
  invariant(sent >= 0n && sent <= units, 'a transfer carries more taint than units');
  if (sent > 0n) keep(undo, state.carried, row, sent);
  const gives = exchanges.get(from)?.given.has(row) === true;
  if (gives) {
    const pot = given.get(from)?.by ?? new Map<number, { units: bigint; taint: bigint }>();
    const was = pot.get(asset) ?? { units: 0n, taint: 0n };
    pot.set(asset, { units: was.units + units, taint: was.taint + sent });
  }
  // Whoever stands on the other side gave something for it, which is followed instead.
  const own = gives ? 0n : sent;
  const share = shareGot(exchanges.get(to), given.get(to)?.by, row, asset, units);
  const arrives = share > own ? share : own;
  if (arrives === sent) return receive(state, undo, row, units, parcel);
  const sums = changed(undo, sumsAt(state, asset));
  if (arrives > sent) sums.gotByExchange += arrives - sent;
  else sums.givenByExchange += sent - arrives;
  receive(state, undo, row, units, state.rule.parcel(units, arrives));
}

/** Of change: the share that this asset had when it was given. Of what was got: that of the most tainted asset given. */
function shareGot(
  exchange: Exchange | undefined,
  by: Given['by'] | undefined,
  row: number,
  asset: number,
  units: bigint,
): bigint {
  if (!exchange || !by) return 0n;
  const pots = exchange.change.has(row)
    ? [by.get(asset)].filter((pot) => pot !== undefined)
    : exchange.got.has(row)
      ? [...by.values()]
      : [];
  let most = 0n;
  for (const pot of pots) {
    const taint = (pot.taint * units) / pot.units;
    if (taint > most) most = taint;
  }
  return most;
}

function send(state: State, undo: Undo, row: number, units: bigint): Parcel {
  const { table, sources } = state.of;
  const { rule } = state;
  const [from, asset, slot] = [cell(table.from, row), cell(table.asset, row), cell(table.fromSlot, row)];
  const flow = changed(undo, flowAt(state, slot));
  flow.sent += units;
  if (isEnd(state, from)) return rule.parcel(units, 0n);
  const was = holdingAt(state, slot);
  if (sources.has(from)) return sendStolen(state, undo, slot, asset, units, flow);
  const missing = units - was.units;
  let full = was;
  if (missing > 0n) {
    flow.unseen += missing;
    // Most of it, so that what a notebook has rounded off counts for nothing.
    if (cell(table.fee, row) === 0 && missing * 2n > units) {
      const spends = cell(state.unseenSpends, from);
      undo.back.push(() => (state.unseenSpends[from] = spends));
      state.unseenSpends[from] = spends + 1;
    }
    full = rule.older(was, unseenMoney(state, undo, asset, flow, missing));
  }
  const { rest, parcel } = rule.take(full, units);
  hold(state, undo, slot, rest);
  const taint = taintOf(parcel);
  flow.taintSent += taint;
  changed(undo, sumsAt(state, asset)).held += rest.taint - was.taint;
  return parcel;
}

/** What a source sends is stolen: first what came back to it, then what it had taken before. */
function sendStolen(
  state: State,
  undo: Undo,
  slot: number,
  asset: number,
  units: bigint,
  flow: Flow,
): Parcel {
  const was = holdingAt(state, slot);
  const back = was.taint < units ? was.taint : units;
  hold(state, undo, slot, { ...was, units: was.units - back, taint: was.taint - back });
  const sums = changed(undo, sumsAt(state, asset));
  sums.held -= back;
  sums.stolen += units - back;
  flow.taintSent += units;
  flow.added += units - back;
  return state.rule.parcel(units, units);
}

/** Clean money that nobody saw arrive; in a case of values a part of it may be what the price has risen meanwhile. */
function unseenMoney(state: State, undo: Undo, asset: number, flow: Flow, missing: bigint): Parcel {
  if (state.of.measure !== 'value' || flow.received === 0n) return state.rule.parcel(missing, 0n);
  const room = (flow.received * state.setting.risePercent) / 100n - flow.risen;
  const rise = missing < room ? missing : room;
  if (rise <= 0n) return state.rule.parcel(missing, 0n);
  flow.risen += rise;
  const taint = (rise * flow.taintReceived) / flow.received;
  flow.added += taint;
  changed(undo, sumsAt(state, asset)).risen += taint;
  return state.rule.parcel(missing, taint);
}

function receive(state: State, undo: Undo, row: number, units: bigint, parcel: Parcel): void {
  const { table, sources } = state.of;
  const [to, asset, slot] = [cell(table.to, row), cell(table.asset, row), cell(table.toSlot, row)];
  const taint = taintOf(parcel);
  const flow = changed(undo, flowAt(state, slot));
  flow.received += units;
  flow.taintReceived += taint;
  if (taint > 0n) {
    keep(undo, state.arrived, row, taint);
    reach(state, undo, to, row);
  }
  if (isEnd(state, to)) {
    if (taint > 0n) changed(undo, sumsAt(state, asset)).ended += taint;
    return;
  }
  const was = holdingAt(state, slot);
  // Of a source only what came back counts: all that it sends is stolen anyway.
  const now = sources.has(to)
    ? { ...was, units: was.units + taint, taint: was.taint + taint, touched: true }
    : state.rule.put(was, parcel);
  hold(state, undo, slot, now);
  if (now.taint !== was.taint) changed(undo, sumsAt(state, asset)).held += now.taint - was.taint;
}

/** The first taint of an account: is it one that lives from money that the case does not show? */
function reach(state: State, undo: Undo, account: number, row: number): void {
  if (state.reachedBy[account] !== -1) return;
  undo.back.push(() => (state.reachedBy[account] = -1));
  state.reachedBy[account] = row;
  const { presumeAfter } = state.setting;
  if (presumeAfter === null || isEnd(state, account) || state.of.sources.has(account)) return;
  if (cell(state.unseenSpends, account) < presumeAfter) return;
  undo.back.push(() => (state.presumed[account] = 0));
  state.presumed[account] = 1;
}

function holdingAt(state: State, slot: number): Holding {
  const holding = state.holdings[slot];
  invariant(holding !== undefined, `there is no holding ${slot}`);
  return holding;
}

function hold(state: State, undo: Undo, slot: number, holding: Holding): void {
  invariant(holding.units >= 0n, 'an account has less than nothing');
  invariant(holding.taint >= 0n && holding.taint <= holding.units, 'an account has more taint than units');
  const was = holdingAt(state, slot);
  undo.back.push(() => (state.holdings[slot] = was));
  state.holdings[slot] = holding;
}

function flowAt(state: State, slot: number): Flow {
  const flow = state.flows[slot];
  invariant(flow !== undefined, `there is no slot ${slot}`);
  return flow;
}

function sumsAt(state: State, asset: number): Sums {
  const sums = state.sums[asset];
  invariant(sums !== undefined, `there is no asset ${asset}`);
  return sums;
}

/** What is about to be changed, its figures kept for the way back. */
function changed<T extends object>(undo: Undo, figures: T): T {
  const was = { ...figures };
  undo.back.push(() => Object.assign(figures, was));
  return figures;
}

function keep(undo: Undo, map: Map<number, bigint>, row: number, value: bigint): void {
  undo.back.push(() => map.delete(row));
  map.set(row, value);
}
