/**
 * A withdrawal, top to bottom. The exchange's signed request has the money held (withdrawals/request.ts); the destination is
 * screened, people approve where the policy asks them, and it waits for its turn; one transaction is planned, where the chain
 * has them for others as well; signers record it and watchtowers countersign; signatures are kept before anything is sent; the
 * chain's word settles it. What is slow has another transaction take its place, of which the chain takes one; what is proven dead
 * is planned anew while there is time, else the money is the customer's again. Each step commits its state,
 * its money and its next job in one transaction, can be killed anywhere, and does no harm when it is done twice, by
 * whichever custody. The states stand in withdrawals/states.ts.
 */
import { inTransaction, LedgerError, paymentOf, settle as settleHold, type Client } from '@kuramori/ledger';
import { enqueue } from './jobs/enqueue.ts';
import { branchOf, type Branch } from './branch.ts';
import type { House } from './house.ts';
import { goApart, partBatch } from './withdrawals/apart.ts';
import { approvalsFor, lacksApprovals } from './withdrawals/approval.ts';
import { batchOf, partsOf, stepTogether, waitInBatch } from './withdrawals/batch.ts';
import { fateOf } from './withdrawals/fate.ts';
import { giveUp, giveUpLate, isLate } from './withdrawals/give-up.ts';
import { giveTurns, joinLine } from './withdrawals/line.ts';
import { makePlan } from './withdrawals/planning.ts';
import { endReturn } from './withdrawals/return.ts';
import { sharesOf } from './withdrawals/shares.ts';
import { witnessedParts } from './withdrawals/signature.ts';
import { release, witness } from './withdrawals/signing.ts';
import { announceStanding, hasten, plansBefore, standingPlans } from './withdrawals/standing.ts';
import { note, rather, slowly, step, wait, type Next } from './withdrawals/step.ts';
import { whyStopped } from './withdrawals/stopped.ts';
import {
  change,
  findWithdrawal,
  intentOf,
  keepDead,
  planOf,
  type Plan,
  type Withdrawal,
} from './withdrawals/row.ts';

/** One step further. A job runs it, again and again until its story rests (jobs/job.ts). */
export async function advance(all: House, id: string): Promise<Next> {
  const withdrawal = await all.convoy.find(id);
  if (!withdrawal) throw new LedgerError(`a job is about withdrawal ${id}, which is not there`);
  const house = branchOf(all, withdrawal.wallet);
  switch (withdrawal.state) {
    case 'requested':
      throw new LedgerError(`withdrawal ${id} was left between request and hold`);
    case 'held':
      return screen(house, withdrawal);
    case 'screened':
    case 'awaiting-approval':
    case 'expired':
      return takeTurn(house, withdrawal);
    case 'planned':
      return gather(house, withdrawal);
    case 'witnessed':
      return sign(house, withdrawal);
    case 'signed':
    case 'sent':
    case 'unknown':
    case 'confirmed':
      return follow(house, withdrawal);
    case 'final':
    case 'refused':
    case 'returned':
    case 'disputed':
      return 'rests';
    default:
      return withdrawal.state satisfies never;
  }
}

/** held → screened: the destination may be paid. It joins the line, unless people must approve it first. */
async function screen(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  if (isLate(house, withdrawal)) return giveUpLate(house, withdrawal);
  const intent = intentOf(house, withdrawal);
  const verdict = await house.screen.look(intent);
  switch (verdict.kind) {
    case 'refuse':
      return giveUp(house, withdrawal, 'refused', verdict.why);
    case 'hold':
      // A person's answer moves it: see withdrawals/person.ts.
      return wait(house, withdrawal, verdict.why, slowly);
    case 'pass':
      if (approvalsFor(house, intent).length === 0)
        return step(house, withdrawal, 'screened', { joins: true });
      await inTransaction(house.pool, (client) => passScreen(house, client, withdrawal));
      return 'rests';
    default:
      return verdict satisfies never;
  }
}

/** In the caller's transaction, where people have a say: in the screening, or in an approval. */
export async function passScreen(
  house: Branch,
  client: Client,
  withdrawal: Withdrawal,
  why?: string,
): Promise<void> {
  const { id } = withdrawal;
  const lacks = await lacksApprovals(house, client, intentOf(house, withdrawal));
  const given = { ...(why === undefined ? {} : { why }), joins: lacks === null };
  if (!(await change(house, client, withdrawal, 'screened', given))) return;
  if (lacks !== null) await change(house, client, { ...withdrawal, state: 'screened' }, 'awaiting-approval');
  await enqueue(client, id);
}

/** screened | awaiting-approval | expired → planned, when its turn has come. Nobody asks again and again: a turn calls. */
async function takeTurn(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { id, state } = withdrawal;
  if (await isPaidAfterAll(house, withdrawal)) return 'on';
  if (isLate(house, withdrawal)) return giveUpLate(house, withdrawal);
  if (withdrawal.turn_at !== null) return makePlan(house, withdrawal);
  return inTransaction(house.pool, async (client) => {
    const lacks = await lacksApprovals(house, client, intentOf(house, withdrawal));
    const queued = withdrawal.queued_at !== null;
    if (!queued && lacks !== null) await note(house, client, withdrawal, lacks);
    if (!queued && lacks !== null) return 'rests';
    // Under the lanes' lock, and only if nobody was quicker: it must not lose a turn that it was given meanwhile.
    await client.query('select custody.hold_lanes($1)', [withdrawal.wallet]);
    const now = await findWithdrawal(client, id);
    if (now?.state !== state || now.turn_at !== null) return 'on';
    if (now.queued_at === null) await joinLine(client, id, house.clock.now());
    await note(house, client, withdrawal, 'its turn');
    await giveTurns(house, client);
    return 'rests';
  });
}

/** planned → witnessed: every signer has it in its journal and the watchtowers know of it. No signature of it exists yet. */
async function gather(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { plan: planned, valid_until: validUntil } = planOf(withdrawal);
  if (await isOver(house, withdrawal)) return 'on';
  if (validUntil !== null && house.clock.now() >= validUntil * 1000)
    return wait(house, withdrawal, 'nobody signed it in time: until it is proven dead');
  const stopped = whyStopped(house, withdrawal);
  if (stopped !== null) return wait(house, withdrawal, stopped, rather);
  const batch = await batchOf(house, withdrawal);
  if (batch.kind === 'parted') return goApart(house, withdrawal);
  if (batch.kind !== 'leads') return waitInBatch(house, withdrawal, batch);
  const { all } = batch;
  const before = await plansBefore(house, all);
  const outcome = await witness(house, {
    parts: await partsOf(house, all),
    plan: planned.plan,
    previous: await house.chain.proof(house, planned.plan),
    shares: await sharesOf(house, planned),
    before: before.map(({ plan: { plan: bytes } }) => bytes),
  });
  if (outcome.kind === 'done') return stepTogether(house, all, 'witnessed', { parts: outcome.value });
  // What it stands beside may be signed, and must not be lost while this one waits.
  const standing = before.some(({ dead }) => !dead);
  if (standing) await announceStanding(house, withdrawal);
  const judged = outcome.kind !== 'wait' || outcome.judged === true;
  // Of several nobody says which one it is.
  if (all.length > 1 && judged && !standing) return partBatch(house, all, outcome.why);
  if (all.length > 1 || outcome.kind === 'wait') return wait(house, withdrawal, outcome.why);
  if (outcome.kind === 'refused') return giveUp(house, withdrawal, 'refused', outcome.why);
  return step(house, withdrawal, 'disputed', { why: outcome.why });
}

/** witnessed → signed: the signatures are let go, checked, and kept before anybody hears of them. */
async function sign(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { number, plan: planned } = planOf(withdrawal);
  const batch = await batchOf(house, withdrawal);
  const parts = batch.kind === 'leads' ? await witnessedParts(house.pool, withdrawal.id, number) : [];
  const stopped = whyStopped(house, withdrawal);
  const outcomes =
    stopped === null ? await Promise.all(parts.map((part) => release(house, part, planned.plan))) : [];
  const signatures = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? outcome.value : []));
  if (batch.kind === 'leads' && signatures.length === parts.length)
    return stepTogether(house, batch.all, 'signed', { signatures });
  // Some signature may be out already, so only the chain can say that it is over.
  if (await isOver(house, withdrawal)) return 'on';
  if (number > 1) await announceStanding(house, withdrawal);
  if (batch.kind !== 'leads') return waitInBatch(house, withdrawal, batch);
  return wait(
    house,
    withdrawal,
    stopped ?? outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [] : outcome.why)).join('; '),
  );
}

/** signed → sent | unknown → confirmed → final: sent to every node, and followed until the chain has spoken. */
async function follow(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { id, state } = withdrawal;
  const current = planOf(withdrawal);
  if (await isOver(house, withdrawal)) return 'on';
  // Signed just now: nobody can have seen it.
  const fresh = state === 'signed' && withdrawal.waiting === null;
  const fate = fresh ? ({ kind: 'unseen' } as const) : await fateOf(house, current.plan.plan);
  if (fate.kind === 'confirmed' && state === 'confirmed')
    return wait(house, withdrawal, `${house.confirmations} confirmations`, slowly);
  if (fate.kind === 'confirmed') return step(house, withdrawal, 'confirmed', { height: fate.height });
  if (state === 'confirmed' && fate.kind === 'untold')
    return wait(house, withdrawal, `the watchtowers: ${fate.why}`);
  if (state === 'confirmed')
    return step(house, withdrawal, 'sent', { why: 'the chain was rewritten: its block is gone' });
  // What a node has already may be paid all the same; nothing more is done for it.
  const stopped = whyStopped(house, withdrawal);
  if (stopped !== null) return wait(house, withdrawal, stopped, rather);
  const hastened = fresh ? null : await hasten(house, withdrawal);
  if (hastened?.kind === 'planned') return 'on';
  const announced = await house.chain.announce(house, id, current, fate.kind === 'unseen');
  if (announced.kind === 'taken' && state !== 'sent') return step(house, withdrawal, 'sent');
  if (announced.kind === 'silence' && state === 'signed')
    return step(house, withdrawal, 'unknown', { why: announced.why });
  // A block is far away, and the scan calls when it has it.
  if (announced.kind === 'taken') return wait(house, withdrawal, hastened?.why ?? 'the chain', rather);
  return wait(house, withdrawal, announced.why);
}

/**
 * The two ends that the chain can give. Paid: in a block that our own nodes agree on, deep enough, and confirmed by the
 * watchtowers. Dead: by the watchtowers it can never confirm, and we have read every block in which it could have been
 * paid, be it in a wrapper that a thief made for it.
 */
async function isOver(house: Branch, withdrawal: Withdrawal): Promise<boolean> {
  if (await isPaidAfterAll(house, withdrawal)) return true;
  const { paid } = withdrawal;
  if (paid && withdrawal.state === 'confirmed') {
    await settle(house, withdrawal, paid);
    return true;
  }
  const current = planOf(withdrawal);
  const { number, valid_until: validUntil } = current;
  // Where no time ends it, another transaction that spends the same may have, at any time.
  const late = validUntil === null || house.clock.now() > validUntil * 1000;
  if (!late || paid) return false;
  if (!(await isDead(house, current))) return false;
  // What the newest stands beside may pay all the same.
  for (const one of number === 1 ? [] : await standingPlans(house, withdrawal)) {
    if (!(await isDead(house, one))) return false;
    await keepDead(house.pool, withdrawal.id, one.number, theirWord, house.clock.now());
  }
  await step(house, withdrawal, 'expired', { why: theirWord, dead: theirWord, joins: true });
  return true;
}

const theirWord = 'by the watchtowers it can never confirm any more';

async function isDead(house: Branch, plan: Plan): Promise<boolean> {
  const fate = await fateOf(house, plan.plan.plan);
  return fate.kind === 'dead' && (await house.chain.isPast(house, plan));
}

/** Its payment is in the blocks that we read, and we did not know of it: made by a thief's wrapper, or before a restore. */
async function isPaidAfterAll(house: Branch, withdrawal: Withdrawal): Promise<boolean> {
  const { state, plan: current, paid } = withdrawal;
  if (!current || state === 'confirmed' || !paid) return false;
  const known = paid.transaction === current.transaction && ['sent', 'unknown', 'signed'].includes(state);
  if (known) return false;
  const why = `found paid, by ${paid.transaction}`;
  await step(house, withdrawal, 'confirmed', { height: paid.height, why });
  return true;
}

/** confirmed → final: the customer pays what the network really took, up to the agreed cap; what goes beyond is ours. */
async function settle(
  house: Branch,
  withdrawal: Withdrawal,
  { fee, height }: { readonly fee: bigint; readonly height: number },
): Promise<void> {
  const { id, wallet, asset, amount, fee_cap: cap, customer, reason } = withdrawal;
  const kept = { fee, height };
  // Nobody's money was held for a sweep, and its coins were moved in the books with its block: see chain/outgoing.ts.
  if (reason === 'sweep') {
    await step(house, withdrawal, 'final', kept);
    return;
  }
  const from = { kind: 'hot', wallet } as const;
  const common = { id: `withdrawal:${id}`, hold: id, asset, amount, from, fee };
  if (customer !== null) {
    const paid = { ...common, of: { kind: 'customer', owner: customer }, charged: fee > cap ? cap : fee };
    await step(house, withdrawal, 'final', kept, paymentOf({ ...paid, kind: 'withdrawal' }));
    return;
  }
  await inTransaction(house.pool, async (client) => {
    if (!(await change(house, client, withdrawal, 'final', kept))) return;
    // Of a deposit that went back nothing is left over: nobody would claim the rest of its fee cap.
    const settled = await settleHold(client, { hold: id, id: common.id, wallet, fee, charged: cap });
    if (settled.kind === 'refused')
      throw new LedgerError(`withdrawal ${id} is paid, and the ledger refuses to settle it: ${settled.why}`);
    await endReturn(client, withdrawal.deposit, 'returned');
  });
}
