/** A withdrawal as the exchange sees it: its state and whole history, when its turn comes, who signed, and what each node answered. */
import { intentDigest } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import { announcementsOf } from './announce.ts';
import { approvalsFor, givenApprovals } from './approval.ts';
import type { House } from './house.ts';
import { placeOf } from './line.ts';
import { unknownWithdrawal, type Reply } from './problem.ts';
import { witnessedParts } from './signature.ts';
import { findWithdrawal, intentOf, plansOf, stepsOf } from './withdrawal-row.ts';

export async function showWithdrawal(house: House, client: Client, id: string): Promise<Reply> {
  const found = /^[0-9a-f]{64}$/.test(id) ? await findWithdrawal(client, id) : undefined;
  if (!found) return unknownWithdrawal(id);
  const { customer, wallet, asset, amount, fee_cap: feeCap, state, waiting, why, height, fee, plan } = found;
  const intent = intentOf(house, found);
  const asked = approvalsFor(house, intent);
  return {
    status: 200,
    body: {
      id,
      reason: found.reason,
      state,
      // What is waited for, and why the last step was taken.
      waiting,
      why,
      customer,
      deposit: found.deposit,
      wallet,
      asset,
      amount,
      feeCap,
      fee,
      priority: found.priority,
      // Its place among those that wait for a turn, and when that should come; null where it waits for none.
      turn: (await placeOf(house, client, id)) ?? null,
      // What people sign who approve it, and who did.
      approvals: asked && {
        intent: intentDigest(intent),
        quorum: asked.quorum,
        people: asked.people,
        given: (await givenApprovals(client, id)).map(({ person }) => person),
      },
      transaction: plan?.transaction ?? null,
      validUntil: plan?.valid_until ?? null,
      // Earlier ones are dead: see the history.
      plans: (await plansOf(client, id)).map(({ number, transaction }) => ({ number, transaction })),
      height,
      requestedAt: found.requested_at,
      expiry: found.expiry,
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
