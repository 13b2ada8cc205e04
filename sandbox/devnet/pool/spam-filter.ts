import { debtorOf, type Transaction } from '../wire/transaction.ts';
import { accountAt, type State } from '../state/state.ts';

/**
 * TransactionSpamFilter: while fewer than a block's worth are pending, all are let in; beyond that each
 * debtor has a share by importance and fee. Wrappers and all others are counted apart.
 */
export function isPermissible(
  transaction: Transaction,
  pending: readonly Transaction[],
  state: State,
  importanceHeight: number,
  perBlock: number,
): boolean {
  const isMultisig = transaction.kind === 'multisig';
  const alike = pending.filter(({ kind }) => (kind === 'multisig') === isMultisig);
  if (alike.length < perBlock) return true;
  const debtor = debtorOf(transaction);
  const { importance } = accountAt(state, debtor);
  const current = importance?.height === importanceHeight ? importance.value : 0;
  const share = current + Math.min(0.01, Number(transaction.fee) / 1_000_000_000);
  const owed = alike.filter((other) => debtorOf(other) === debtor).length;
  return owed < allowed(share, alike.length, perBlock);
}

function allowed(share: number, size: number, perBlock: number): number {
  const most = 10 * perBlock;
  return Math.trunc(share * Math.exp((-3 * size) / most) * 100 * (most - size));
}
