/** Score: a trace beside a case's labels, by the metric of the data's README. */
import type { Case } from './case.ts';
import type { Labelled } from './import/heist.ts';
import type { State } from './state.ts';
import { cell, unitsAt } from './table.ts';
import { feesAccount } from './movement.ts';

export interface NodesScore {
  readonly nodes: number;
  readonly recall: number;
  readonly precision: number;
}

/** Recall: transits reached, of all. Precision: transits reached, of those and the reached that have no tag. */
export function scoreNodes(
  state: State,
  labels: readonly Labelled[],
  sources: readonly string[],
): NodesScore {
  const { accounts } = state.of.table;
  const first = new Set(sources);
  const transits = new Set(
    labels.filter(({ address, layer }) => layer !== null || first.has(address)).map(({ address }) => address),
  );
  const tagged = new Set(labels.filter(({ name }) => name !== '').map(({ address }) => address));
  const reached = accounts.filter(
    (account, number) =>
      account !== feesAccount && (state.reachedBy[number] !== -1 || state.of.sources.has(number)),
  );
  const hits = reached.filter((account) => transits.has(account)).length;
  const blank = reached.filter((account) => !transits.has(account) && !tagged.has(account)).length;
  return {
    nodes: reached.length,
    recall: transits.size === 0 ? 1 : hits / transits.size,
    precision: hits + blank === 0 ? 1 : hits / (hits + blank),
  };
}

export interface FlowScore {
  /** Value of the listed edges that the trace carries, of their value. */
  readonly flow: number;
  /** Over the terminals, what is brought to each, at most what the truth brings, of what the truth brings. */
  readonly terminals: number;
}

/** Every listed edge is the thief's: what the truth brings to a terminal is all that arrives there. */
export function scoreFlow(state: State): FlowScore {
  const { table, services }: Case = state.of;
  let [all, carried] = [0n, 0n];
  const [truth, ours] = [new Map<number, bigint>(), new Map<number, bigint>()];
  for (let row = 0; row < table.rows; row += 1) {
    const [units, taint, to] = [unitsAt(table, row), state.carried.get(row) ?? 0n, cell(table.to, row)];
    all += units;
    carried += taint;
    if (services.get(to)?.category !== 'terminal') continue;
    truth.set(to, (truth.get(to) ?? 0n) + units);
    ours.set(to, (ours.get(to) ?? 0n) + taint);
  }
  let [brought, due] = [0n, 0n];
  for (const [terminal, units] of truth) {
    const taint = ours.get(terminal) ?? 0n;
    brought += taint < units ? taint : units;
    due += units;
  }
  return { flow: share(carried, all), terminals: share(brought, due) };
}

const share = (part: bigint, all: bigint): number =>
  all === 0n ? 1 : Number((part * 1_000_000n) / all) / 1_000_000;
