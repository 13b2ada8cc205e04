/**
 * A withdrawal, top to bottom. The exchange's signed request has the money held (withdrawals/request.ts); the destination is
 * screened, people approve where the policy asks them, and it waits for its turn; one transaction is planned; signers
 * record it and watchtowers countersign; signatures are kept before anything is sent; the chain's word settles it. What is
 * proven dead is planned anew while there is time, else the money is the customer's again. Each step commits its state,
 * its money and its next job in one transaction, can be killed anywhere, and does no harm when it is done twice, by
 * whichever custody. The states stand in withdrawals/states.ts.
 */
import { waitsBy } from '@kuramori/core';
import {
  inTransaction,
  LedgerError,
  paymentOf,
  settle as settleHold,
  voidHold,
  type Client,
} from '@kuramori/ledger';
import { notTooMuch } from './treasury/sweep.ts';
import { everOnline } from './withdrawals/acting.ts';
import { approvalsFor, givenApprovals, lacksApprovals } from './withdrawals/approval.ts';
import { enqueue } from './jobs/enqueue.ts';
import { fateOf } from './withdrawals/fate.ts';
import { branchOf, type Branch } from './branch.ts';
import type { House } from './house.ts';
import { anyWaits, giveTurns, holdInLine, joinLine } from './withdrawals/line.ts';
import { freeCoinsOf } from './withdrawals/reservation.ts';
import { endReturn } from './withdrawals/return.ts';
import { witnessedParts } from './withdrawals/signature.ts';
import { readySigners, release, witness, type Share } from './withdrawals/signing.ts';
import { note, planStep, rather, slowly, step, wait, type Next } from './withdrawals/step.ts';
import { timeOf } from './withdrawals/time.ts';
import {
  authorityOf,
  change,
  findWithdrawal,
  intentOf,
  planOf,
  plansOf,
  type Planned,
  type Withdrawal,
} from './withdrawals/row.ts';

/** Too little time left to sign, send and confirm. Seconds. */
export const tooLate = 120;

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

/** → planned: one transaction, over the keys of those who would sign now. */
async function makePlan(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { read, forgotten } = house.journals.state();
  // A restored database could plan what was paid yesterday: the signers would refuse it, and it is learned instead.
  if (!read) {
    const why = `the signers' journals, of which ${forgotten} payments must be learned again`;
    return wait(house, withdrawal, why);
  }
  const stopped = whyStopped(house, withdrawal);
  if (stopped !== null) return wait(house, withdrawal, stopped, slowly);
  const intent = intentOf(house, withdrawal);
  const [{ ready, not }, time] = await Promise.all([readySigners(house), timeOf(house)]);
  if (time.kind !== 'right') return wait(house, withdrawal, time.why);
  const keys = ready.slice(0, house.hot.threshold).map(({ key }) => key);
  if (keys.length < house.hot.threshold) return wait(house, withdrawal, not.join('; '));
  const needless = withdrawal.reason === 'sweep' ? await notTooMuch(house, withdrawal) : null;
  if (needless !== null) return giveUp(house, withdrawal, 'returned', needless);
  const early = waitsBy(house.policy, intent, withdrawal.request?.created ?? null, house.clock.now());
  if (early !== null) return wait(house, withdrawal, early, slowly);
  const full = await house.room.lacks(house, intent);
  if (full !== null) return wait(house, withdrawal, full, slowly);
  // Again where another intent has the same bytes, or what these would spend: on NEM a second earlier, since it takes a time that is past.
  for (let attempt = 0; attempt < house.chain.attempts; attempt += 1) {
    const made = await house.chain.plan(house, intent, keys, attempt);
    if (made.kind === 'wait')
      return made.soon === true ? wait(house, withdrawal, made.why) : standBack(house, withdrawal, made.why);
    if (made.kind === 'refused') return giveUp(house, withdrawal, 'refused', made.why);
    const { fees } = made.plan.planned;
    if (fees > intent.feeCap)
      return giveUp(house, withdrawal, 'refused', `the network takes ${fees} of at most ${intent.feeCap}`);
    const taken = await planStep(house, withdrawal, made.plan);
    if (taken !== 'same-bytes') return taken;
  }
  const why = `${house.chain.attempts} times another payment was quicker, or looks like this one`;
  return giveUp(house, withdrawal, 'refused', why);
}

/**
 * It cannot be planned at this moment, for a reason of its own: a cap below what the network takes, no coin that is enough. Where
 * others wait, its turn is one of theirs; it is not given on here but when the house is tended, so that no two hand one to each
 * other as fast as they can.
 */
async function standBack(house: Branch, withdrawal: Withdrawal, why: string): Promise<Next> {
  const { id, state } = withdrawal;
  const back = await inTransaction(house.pool, async (client) => {
    const now = await holdInLine(client, id);
    if (now?.state !== state || now.turn_at === null || !(await anyWaits(client, house.hot.id))) return false;
    await joinLine(client, id, house.clock.now());
    await note(house, client, withdrawal, why);
    return true;
  });
  return back ? 'rests' : wait(house, withdrawal, why, slowly);
}

/** planned → witnessed: every signer has it in its journal and the watchtowers know of it. No signature exists yet. */
async function gather(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { id } = withdrawal;
  const { number, plan: planned, valid_until: validUntil } = planOf(withdrawal);
  if (await isOver(house, withdrawal)) return 'on';
  if (validUntil !== null && house.clock.now() >= validUntil * 1000)
    return wait(house, withdrawal, 'nobody signed it in time: until it is proven dead');
  const stopped = whyStopped(house, withdrawal);
  if (stopped !== null) return wait(house, withdrawal, stopped, rather);
  const intent = intentOf(house, withdrawal);
  const before = number === 1 ? [] : await plansOf(house.pool, id);
  const outcome = await witness(house, {
    intent,
    authority: authorityOf(withdrawal),
    approvals: approvalsFor(house, intent).length > 0 ? await givenApprovals(house.pool, id) : [],
    plan: planned.plan,
    previous: await house.chain.proof(house, planned.plan),
    shares: await sharesOf(house, planned),
    before: before.filter((one) => one.number < number).map(({ plan: { plan: bytes } }) => bytes),
  });
  if (outcome.kind === 'wait') return wait(house, withdrawal, outcome.why);
  if (outcome.kind === 'refused') return giveUp(house, withdrawal, 'refused', outcome.why);
  if (outcome.kind === 'disputed') return step(house, withdrawal, 'disputed', { why: outcome.why });
  return step(house, withdrawal, 'witnessed', { parts: outcome.value });
}

/** witnessed → signed: the signatures are let go, checked, and kept before anybody hears of them. */
async function sign(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { number, plan: planned } = planOf(withdrawal);
  const parts = await witnessedParts(house.pool, withdrawal.id, number);
  const stopped = whyStopped(house, withdrawal);
  const outcomes =
    stopped === null ? await Promise.all(parts.map((part) => release(house, part, planned.plan))) : [];
  const signatures = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? outcome.value : []));
  if (signatures.length === parts.length) return step(house, withdrawal, 'signed', { signatures });
  // Some signature may be out already, so only the chain can say that it is over.
  if (await isOver(house, withdrawal)) return 'on';
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
  const announced = await house.chain.announce(house, id, current, fate.kind === 'unseen');
  if (announced.kind === 'taken' && state !== 'sent') return step(house, withdrawal, 'sent');
  if (announced.kind === 'silence' && state === 'signed')
    return step(house, withdrawal, 'unknown', { why: announced.why });
  // A block is far away, and the scan calls when it has it.
  if (announced.kind === 'taken') return wait(house, withdrawal, 'the chain', rather);
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
  const { plan: planned, valid_until: validUntil } = planOf(withdrawal);
  // Where no time ends it, another transaction that spends the same may have, at any time.
  const late = validUntil === null || house.clock.now() > validUntil * 1000;
  if (!late || paid) return false;
  const fate = await fateOf(house, planned.plan);
  if (fate.kind !== 'dead') return false;
  if (!(await house.chain.isPast(house, planOf(withdrawal)))) return false;
  const why = 'by the watchtowers it can never confirm any more';
  await step(house, withdrawal, 'expired', { why, dead: why, joins: true });
  return true;
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

/**
 * Given up before anything was signed, by what is written here. That can be yesterday's backup, so the signers are asked:
 * where as many as the chain asks for may have recorded a plan that is not dead, only the chain can say that it is over.
 */
export async function giveUp(
  house: Branch,
  withdrawal: Withdrawal,
  as: 'refused' | 'returned',
  why: string,
): Promise<Next> {
  const { plans, silent: unheard } = await house.journals.of(house, withdrawal.id);
  const silent = unheard.filter((id) => everOnline(house.hot).some(({ signer }) => signer === id));
  const ours = await plansOf(house.pool, withdrawal.id);
  const dead = new Set(
    ours.slice(0, withdrawal.state === 'expired' ? undefined : -1).map(({ digest }) => digest),
  );
  const alive = plans.filter(({ plan }) => !dead.has(plan));
  const unknown = alive.find(({ plan }) => !ours.some(({ digest }) => digest === plan));
  if (unknown)
    return wait(
      house,
      withdrawal,
      `${why}; the money stays held: ${unknown.signer} has recorded a plan that is not known here`,
    );
  const may = new Set([...alive.map(({ signer }) => signer), ...silent]);
  if (may.size < house.hot.threshold) return giveBack(house, withdrawal, as, why);
  const open = silent.length > 0 ? `${silent.join(', ')} cannot be asked` : 'the chain could still take it';
  return wait(house, withdrawal, `${why}; the money stays held, since ${open}`);
}

/** Late by our clock: where the watchtowers tell another time, it is not believed. */
async function giveUpLate(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const time = await timeOf(house);
  return time.kind === 'wrong'
    ? wait(house, withdrawal, time.why)
    : giveUp(house, withdrawal, 'returned', 'its time is over');
}

async function giveBack(
  house: Branch,
  withdrawal: Withdrawal,
  as: 'refused' | 'returned',
  why: string,
): Promise<Next> {
  await inTransaction(house.pool, (client) => freeMoney(house, client, withdrawal, as, why));
  return 'rests';
}

/** The money is the customer's to use again. False where somebody else was quicker. */
export async function freeMoney(
  house: Branch,
  client: Client,
  withdrawal: Withdrawal,
  as: 'refused' | 'returned',
  why: string,
): Promise<boolean> {
  if (!(await change(house, client, withdrawal, as, { why }))) return false;
  await freeCoinsOf(client, withdrawal.id);
  if (withdrawal.reason === 'sweep') return giveTurns(house, client).then(() => true);
  const voided = await voidHold(client, withdrawal.id, as);
  if (voided.kind === 'refused')
    throw new LedgerError(
      `withdrawal ${withdrawal.id} is ${as}, and the ledger refuses to void it: ${voided.why}`,
    );
  await endReturn(client, withdrawal.deposit, 'held');
  await giveTurns(house, client);
  return true;
}

/** Stopped, nothing is planned, signed or sent for customers. What goes home, to cold, goes as long as signers sign it. */
function whyStopped({ board }: Branch, { reason, asset }: Withdrawal): string | null {
  const why = reason === 'sweep' ? null : board.whyStopped(asset, 'withdrawals');
  return why && `withdrawals of ${asset} are stopped: ${why}`;
}

function isLate(house: Branch, { expiry }: Withdrawal): boolean {
  return house.clock.now() >= (expiry - tooLate) * 1000;
}

/**
 * Of those it was planned for; where the chain does not mind who signs, others stand in for the silent ones, so that what is
 * planned next does not wait for them as well.
 */
async function sharesOf(house: Branch, planned: Planned): Promise<readonly Share[]> {
  const { shareOf } = house.chain;
  const chosen = sharesPlanned(house, planned);
  if (!shareOf) return chosen;
  const { ready } = await readySigners(house);
  const isReady = ({ key }: { readonly key: string }) => ready.some((one) => one.key === key);
  if (chosen.every(isReady)) return chosen;
  const others = ready
    .filter(({ key }) => !chosen.some((one) => one.key === key))
    .map((one) => ({ ...one, share: shareOf(planned.plan, one.key) }));
  const shares = [...chosen.filter(isReady), ...others].slice(0, chosen.length);
  return shares.length === chosen.length ? shares : chosen;
}

function sharesPlanned(house: Branch, planned: Planned): readonly Share[] {
  return planned.shares.map(({ key, share }) => {
    const held = everOnline(house.hot).find((one) => one.key === key);
    if (!held) throw new Error(`the plan asks for the key ${key}, which no signer of ${house.hot.id} holds`);
    return { ...held, share };
  });
}
