/** Flows of NEM: what leaves an account by a transfer, with everybody's fees, and what comes. */
import { XEM } from '@kuramori/core';
import { actsOnAccount, movements, type NemNetwork, type Transaction } from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import type { Flow } from '../signs/flows.ts';

/** What a transaction does to those of the accounts that it acts on, in micro-XEM. */
export function nemFlows(
  seen: SeenTransaction,
  accounts: ReadonlySet<string>,
  network: NemNetwork,
): readonly Flow[] {
  const { transaction, hash } = seen;
  const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
  const by = actsOnAccount(transaction, network);
  const to = inner.kind === 'transfer' ? inner.recipient : null;
  const ofBy = accounts.has(by);
  const ofTo = to !== null && accounts.has(to);
  if (!ofBy && !ofTo) return [];
  const units = inner.kind === 'transfer' ? unitsOf(inner) : 0n;
  const common = { hash, by };
  return [
    ...(ofBy ? [{ ...common, account: by, left: units + feesOf(seen), came: 0n }] : []),
    ...(ofTo ? [{ ...common, account: to, left: 0n, came: units }] : []),
  ];
}

function unitsOf(transfer: Extract<Transaction, { kind: 'transfer' }>): bigint {
  return movements(transfer).reduce((sum, { asset, quantity }) => (asset === XEM ? sum + quantity : sum), 0n);
}

/** All that the acting account pays for it: a multisig account pays for everybody's part. */
function feesOf({ transaction, cosignatures }: SeenTransaction): bigint {
  const inner = transaction.kind === 'multisig' ? transaction.inner.fee : 0n;
  return cosignatures.reduce((sum, one) => sum + one.transaction.fee, transaction.fee + inner);
}
