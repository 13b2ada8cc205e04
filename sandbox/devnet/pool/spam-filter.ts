import { debtorOf, type Transaction } from '../wire/transaction.ts';
import { accountAt, type State } from '../state/state.ts';

/** Transactions of a block, children counted (nis.maxTransactionsPerBlock). */
export const maxTransactionsPerBlock = 120;

/**
 * TransactionSpamFilter: while fewer than a block's worth are pending, all are let in; beyond that each
 * debtor has a share by importance and fee. Wrappers and all others are counted apart.
 */
export function isPermissible(
  transaction: Transaction,
  pending: readonly Transaction[],
  state: State,
  importanceHeight: number,
): boolean {
  const isMultisig = transaction.kind === 'multisig';
  const alike = pending.filter(({ kind }) => (kind === 'multisig') === isMultisig);
  if (alike.length < maxTransactionsPerBlock) return true;
  const debtor = debtorOf(transaction);
  const { importance } = accountAt(state, debtor);
  const current = importance?.height === importanceHeight ? importance.value : 0;
  const share = current + Math.min(0.01, Number(transaction.fee) / 1_000_000_000);
  const owed = alike.filter((other) => debtorOf(other) === debtor).length;
  return owed < allowed(share, alike.length);
}

function allowed(share: number, size: number): number {
  const most = 10 * maxTransactionsPerBlock;
  return Math.trunc(share * Math.exp((-3 * size) / most) * 100 * (most - size));
}
