/** Approval: people's signatures and passkeys over an intent, collected for signers and watchtowers, who verify them by themselves. */
import {
  Approval,
  Assertion,
  approvalDigest,
  approvalOf,
  countApprovals,
  demandsOf,
  flawOfAssertion,
  verifyApproval,
  Person,
  ruleFor,
  SignatureHex,
  type Demand,
  type Intent,
} from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { enqueue } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { holdInLine, joinLine } from './line.ts';
import { unknownWithdrawal, unprocessable, type Reply } from '../api/problem.ts';
import { intentOf } from './row.ts';
import type { State } from './states.ts';

export const ApprovalBody = Approval;

/** While no signature for it can exist: what signers deny until people approve it is planned already. */
const approvable: ReadonlySet<State> = new Set([
  'held',
  'screened',
  'awaiting-approval',
  'planned',
  'expired',
]);

/** What the policy may ask of people for this intent: by its rule, and by denials that people lift. */
export function approvalsFor({ policy }: Pick<House, 'policy'>, intent: Intent): readonly Demand[] {
  const { wallet, asset, amount, reason } = intent;
  // To our own cold wallets coins may always go, a few times a day.
  const rule = reason === 'sweep' ? undefined : ruleFor(policy, wallet, asset)?.approvals;
  const byRule = rule && amount >= rule.from ? [{ ...rule, denial: null, certain: true }] : [];
  return [...byRule, ...demandsOf(policy, intent)];
}

const Kept = z
  .object({ person: Person, signature: SignatureHex.nullable(), assertion: Assertion.nullable() })
  .transform(({ person, signature, assertion }): Approval => {
    return { person, ...(signature !== null && { signature }), ...(assertion !== null && { assertion }) };
  });

export function givenApprovals(client: Client, id: string): Promise<Approval[]> {
  return rows(
    client,
    Kept,
    'select person, signature, assertion from custody.approval where withdrawal = $1 order by at, person, credential',
    [id],
  );
}

/** Why it still waits; null where enough people approved it, or nobody is asked. */
export async function lacksApprovals(house: House, client: Client, intent: Intent): Promise<string | null> {
  // Whether another one is asked only the signers know, who then refuse.
  const asked = approvalsFor(house, intent).filter(({ certain }) => certain);
  if (asked.length === 0) return null;
  const approvals = await givenApprovals(client, intent.id);
  const lacks = asked.flatMap(({ denial, ...one }) => {
    const { quorum } = one;
    const given = countApprovals(house.policy, one, intent, approvals);
    return given >= quorum ? [] : `${given} of ${quorum} approvals${denial === null ? '' : ` for ${denial}`}`;
  });
  return lacks.length === 0 ? null : lacks.join(', ');
}

export async function keepApproval(
  client: Client,
  id: string,
  { person, signature, assertion }: Approval,
  now: number,
): Promise<void> {
  await client.query(
    `insert into custody.approval (withdrawal, person, credential, signature, assertion, at) values ($1, $2, $3, $4, $5, $6)
       on conflict do nothing`,
    [id, person, assertion?.credential ?? '', signature ?? null, assertion ?? null, now],
  );
}

/** Which guard an assertion fails, for whoever wrote the page that asked for it. */
function flawIn({ policy: { passkeys } }: Pick<House, 'policy'>, intent: Intent, approval: Approval): string {
  const { person, assertion } = approval;
  if (!assertion || !passkeys) return '';
  return `: ${flawOfAssertion(passkeys, person, approvalDigest(intent), assertion)}`;
}

/** A person approves. With enough of them the payment waits for its turn, in the same transaction. */
export async function approve(
  house: House,
  client: Client,
  id: string,
  approval: z.infer<typeof ApprovalBody>,
): Promise<Reply> {
  const found = await holdInLine(client, id);
  if (!found) return unknownWithdrawal(id);
  const intent = intentOf(house, found);
  const asked = approvalsFor(house, intent);
  if (!asked.some(({ people }) => people.includes(approval.person)))
    return unprocessable('not-an-approver', 'person', 'is nobody whom the policy asks about this payment');
  if (!verifyApproval(house.policy, intent, approval))
    return unprocessable(
      'bad-approval',
      approval.assertion ? 'assertion' : 'signature',
      `is not this person's over the statement 'approval' of ${JSON.stringify(approvalOf(intent))}, whose digest is ${approvalDigest(intent)}${flawIn(house, intent, approval)}`,
    );
  if (!approvable.has(found.state))
    return unprocessable('too-late', 'id', `is ${found.state}: it is approved no more`);
  await keepApproval(client, id, approval, house.clock.now());
  const lacks = await lacksApprovals(house, client, intent);
  if (lacks === null && found.state === 'awaiting-approval' && found.queued_at === null) {
    await joinLine(client, id, house.clock.now());
    await enqueue(client, id);
  }
  return { status: 200, body: { id, approvals: lacks ?? 'enough' } };
}
