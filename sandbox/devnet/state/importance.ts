import { change, type State } from './state.ts';

const grouping = 359; // GroupedHeight.POI_GROUPING

/** The height whose importances count at this height (GroupedHeight). */
export function groupedHeight(height: number): number {
  return Math.floor((height - 1) / grouping) * grouping || 1;
}

/**
 * Importance is each account's share of all XEM, and all XEM is vested at once, as on the recorded chain
 * (PosImportanceCalculator, AlwaysVestedBalances). The public network's proof of importance is not modelled.
 */
export function recalculateImportances(state: State, height: number): void {
  const accounts = [...state.accounts.entries()].map(([, account]) => account);
  const total = Number(accounts.reduce((sum, { balance }) => sum + balance, 0n));
  for (const { address, balance } of accounts) {
    change(state, address, { importance: { height, value: total === 0 ? 0 : Number(balance) / total } });
  }
}
