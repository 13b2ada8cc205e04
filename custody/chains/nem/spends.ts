/** Spends on NEM: what acted on an account of ours, whoever sent it. */
import {
  actsOnAccount,
  innerHash,
  memoOf,
  movements,
  type Transaction,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { SeenBlock, SeenTransaction } from '@kuramori/chains/nem/node';
import { XEM } from '@kuramori/core';
import type { Branch } from '../../branch.ts';
import type { Spent } from '../chain.ts';
import { networkOf } from './network.ts';

export function spendsIn(branch: Branch, { transactions, height }: SeenBlock): readonly Spent[] {
  return transactions.flatMap((seen) => {
    const account = actsOnAccount(seen.transaction, networkOf(branch));
    const wallet = branch.policy.wallets.find(({ address }) => address === account);
    return wallet ? spentBy(seen, wallet, height) : [];
  });
}

/** What a transaction moves, to whom, and what the network took. */
function spentBy(seen: SeenTransaction, wallet: Spent['wallet'], height: number): Spent {
  const { hash, transaction } = seen;
  const transfer = transferOf(transaction);
  const all = transfer ? movements(transfer) : [];
  const others = all
    .filter(({ asset }) => asset !== XEM)
    .map(({ asset, quantity }) => `${quantity} ${asset}`);
  return {
    transaction: hash,
    inner: transaction.kind === 'multisig' ? innerHash(transaction) : hash,
    wallet,
    height,
    recipient: transfer?.recipient ?? null,
    asset: XEM,
    units: all.filter(({ asset }) => asset === XEM).reduce((sum, { quantity }) => sum + quantity, 0n),
    fee: feesOf(seen),
    what: [transaction.kind === 'multisig' ? transaction.inner.kind : transaction.kind, ...others]
      .join(', ')
      .slice(0, 500),
    memo: (transfer && memoOf(transfer)) ?? '',
  };
}

export function transferOf(transaction: Transaction): Transfer | undefined {
  if (transaction.kind === 'transfer') return transaction;
  return transaction.kind === 'multisig' && transaction.inner.kind === 'transfer'
    ? transaction.inner
    : undefined;
}

/** Everything that the account paid to the network: a multisig's account pays for wrapper, inner and every cosignature. */
function feesOf({ transaction, cosignatures }: SeenTransaction): bigint {
  const inner = transaction.kind === 'multisig' ? transaction.inner.fee : 0n;
  return cosignatures.reduce(
    (sum, cosignature) => sum + cosignature.transaction.fee,
    transaction.fee + inner,
  );
}
