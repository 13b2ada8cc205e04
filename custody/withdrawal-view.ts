/** A withdrawal as the exchange sees it: its state and whole history, who signed, and what each node answered. */
import type { Client } from '@kuramori/ledger';
import { announcementsOf } from './announce.ts';
import { problem, type Reply } from './problem.ts';
import { findWithdrawal, stepsOf, witnessedParts } from './withdrawal-row.ts';

export async function showWithdrawal(client: Client, id: string): Promise<Reply> {
  const found = /^[0-9a-f]{64}$/.test(id) ? await findWithdrawal(client, id) : undefined;
  if (!found)
    return problem({
      status: 404,
      code: 'unknown-withdrawal',
      field: 'id',
      detail: `id: no withdrawal is called ${id}`,
    });
  const {
    customer,
    wallet,
    asset,
    amount,
    fee_cap: feeCap,
    state,
    waiting,
    why,
    transaction,
    height,
    fee,
  } = found;
  const parts = await witnessedParts(client, id);
  return {
    status: 200,
    body: {
      id,
      state,
      // What is waited for, and why the last step was taken.
      waiting,
      why,
      customer,
      wallet,
      asset,
      amount,
      feeCap,
      fee,
      transaction,
      validUntil: found.valid_until,
      height,
      requestedAt: found.requested_at,
      history: await stepsOf(client, id),
      signers: parts.map(({ signer, entry }) => ({ signer, record: entry })),
      announcements: await announcementsOf(client, id),
    },
  };
}
