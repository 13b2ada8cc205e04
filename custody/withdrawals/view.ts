/** A withdrawal as the exchange sees it: its state and whole history, when its turn comes, who signed, and what each node answered. */
import { intentDigest } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import { announcementsOf } from './announcement.ts';
import { approvalsFor, givenApprovals } from './approval.ts';
import { branchOf } from '../branch.ts';
import type { House } from '../house.ts';
import { placeOf } from './line.ts';
import { unknownWithdrawal, type Reply } from '../api/problem.ts';
import { witnessedParts } from './signature.ts';
import { findWithdrawal, intentOf, plansOf, stepsOf, type Withdrawal } from './row.ts';

/** As a list shows it. */
export function brief(withdrawal: Withdrawal) {
  const { id, reason, state, waiting, why, customer, deposit, wallet, asset, amount, fee } = withdrawal;
  const { fee_cap: feeCap, priority, plan, height, requested_at: requestedAt, expiry, paid } = withdrawal;
  return {
    id,
    reason,
    state,
    // What is waited for, and why the last step was taken.
    waiting,
    why,
    customer,
    deposit,
    wallet,
    asset,
    amount,
    feeCap,
    fee,
    priority,
    transaction: plan?.transaction ?? null,
    chainHash: paid?.by ?? null,
    validUntil: plan?.valid_until ?? null,
    height,
    requestedAt,
    expiry,
  };
}

export async function showWithdrawal(house: House, client: Client, id: string): Promise<Reply> {
  const found = await findWithdrawal(client, id);
  if (!found) return unknownWithdrawal(id);
  const { plan } = found;
  const intent = intentOf(house, found);
  const asked = approvalsFor(house, intent);
  return {
    status: 200,
    body: {
      ...brief(found),
      // Its place among those that wait for a turn, and when that should come; null where it waits for none.
      turn: (await placeOf(branchOf(house, found.wallet), client, id)) ?? null,
      // What people sign who approve it, and who did.
      approvals:
        asked.length > 0
          ? {
              intent: intentDigest(intent),
              asked: asked.map(({ denial, quorum, people, certain }) => {
                return { by: denial ?? 'rule', quorum, people, certain };
              }),
              given: (await givenApprovals(client, id)).map(({ person }) => person),
            }
          : null,
      // Earlier ones are dead, or one of all can confirm: see the history.
      plans: (await plansOf(client, id)).map(({ number, transaction }) => ({ number, transaction })),
      history: await stepsOf(client, id),
      signers: plan
        ? (await witnessedParts(client, id, plan.number)).map(({ signer, entry }) => ({
            signer,
            record: entry,
          }))
        : [],
      announcements: plan ? await announcementsOf(client, id, plan.number) : [],
    },
  };
}
