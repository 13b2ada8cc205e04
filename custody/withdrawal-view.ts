/** A withdrawal as the exchange sees it: its state and whole history, who signed, and what each node answered. */
import type { Client } from '@kuramori/ledger';
import { announcementsOf } from './announce.ts';
import { problem, type Reply } from './problem.ts';
import { findWithdrawal, stepsOf, witnessedParts, type Withdrawal } from './withdrawal-row.ts';

/** As a list shows it. */
export function brief(withdrawal: Withdrawal) {
  const { id, state, waiting, why, customer, wallet, asset, amount, transaction, height, fee } = withdrawal;
  const { fee_cap: feeCap, valid_until: validUntil, requested_at: requestedAt } = withdrawal;
  // What is waited for, and why the last step was taken.
  const now = { id, state, waiting, why };
  return {
    ...now,
    customer,
    wallet,
    asset,
    amount,
    feeCap,
    fee,
    transaction,
    validUntil,
    height,
    requestedAt,
  };
}

export async function showWithdrawal(client: Client, id: string): Promise<Reply> {
  const found = await findWithdrawal(client, id);
  if (!found) {
    const detail = `id: no withdrawal is called ${id}`;
    return problem({ status: 404, code: 'unknown-withdrawal', field: 'id', detail });
  }
  const parts = await witnessedParts(client, id);
  return {
    status: 200,
    body: {
      ...brief(found),
      history: await stepsOf(client, id),
      signers: parts.map(({ signer, entry }) => ({ signer, record: entry })),
      announcements: await announcementsOf(client, id),
    },
  };
}
