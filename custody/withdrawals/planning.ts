/** Planning: one transaction for the payment whose turn it is; and, on a chain where one transaction makes several, for others that have theirs. */
import { mostLeafBytes, waitsBy, type Intent } from '@kuramori/core';
import { inTransaction, rows } from '@kuramori/ledger';
import { jsonText } from '@kuramori/program';
import { z } from 'zod';
import type { Branch } from '../branch.ts';
import type { NewPlanned } from '../chains/chain.ts';
import { notTooMuch } from '../treasury/sweep.ts';
import { approvalsFor } from './approval.ts';
import { stepAll } from './batch.ts';
import type { Outcome } from './convoy.ts';
import { giveUp, isLate } from './give-up.ts';
import { anyWaits, holdInLine, joinLine } from './line.ts';
import { findWithdrawals, intentOf, type NewPlan, type Withdrawal } from './row.ts';
import { keysThatSign } from './signing.ts';
import { note, planStep, slowly, wait, waitFor, type Next } from './step.ts';
import { whyStopped } from './stopped.ts';
import { timeOf } from './time.ts';

/** → planned: over the keys of those who would sign now. */
export async function makePlan(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  const { read, forgotten } = house.journals.state();
  // A restored database could plan what was paid yesterday: the signers would refuse it, and it is learned instead.
  if (!read) {
    const why = `the signers' journals, of which ${forgotten} payments must be learned again`;
    return wait(house, withdrawal, why);
  }
  const stopped = whyStopped(house, withdrawal);
  if (stopped !== null) return wait(house, withdrawal, stopped, slowly);
  const [keys, time] = await Promise.all([keysThatSign(house), timeOf(house)]);
  if (time.kind !== 'right') return wait(house, withdrawal, time.why);
  if (typeof keys === 'string') return wait(house, withdrawal, keys);
  const needless = withdrawal.reason === 'sweep' ? await notTooMuch(house, withdrawal) : null;
  if (needless !== null) return giveUp(house, withdrawal, 'returned', needless);
  const closed = await whyNotNow(house, withdrawal);
  if (closed !== null) return wait(house, withdrawal, closed, slowly);
  const alone = !isForMany(house, withdrawal);
  const others = alone ? [] : await othersOf(house, withdrawal);
  const left = alone ? 0 : leftToGather(house, withdrawal, others.length);
  if (left > 0) return waitFor(house, withdrawal, 'for others that its transaction can pay as well', left);
  return planFor(house, [withdrawal, ...others], keys);
}

/** By the policy's clock and its rolling limit. */
async function whyNotNow(house: Branch, withdrawal: Withdrawal): Promise<string | null> {
  const intent = intentOf(house, withdrawal);
  return (
    waitsBy(house.policy, intent, withdrawal.request?.created ?? null, house.clock.now()) ??
    (await house.room.lacks(house, intent))
  );
}

export type Crew = readonly [Withdrawal, ...Withdrawal[]];

async function planFor(house: Branch, everybody: Crew, keys: readonly string[]): Promise<Next> {
  const [withdrawal] = everybody;
  let crew = everybody;
  // Again where another intent has the same bytes, or what these would spend: on NEM a second earlier, since it takes a time that is past.
  for (let attempt = 0; attempt < house.chain.attempts; attempt += 1) {
    let made = await planned(house, crew, keys, attempt);
    // Fewer, where so many are too much: for the coins that there are, or for what one of them may cost.
    while (made.kind !== 'planned' && crew.length > 1) {
      crew = [withdrawal, ...crew.slice(1, (crew.length + 1) >> 1)];
      made = await planned(house, crew, keys, attempt);
    }
    if (made.kind === 'wait')
      return made.soon === true ? wait(house, withdrawal, made.why) : standBack(house, withdrawal, made.why);
    if (made.kind === 'refused') return giveUp(house, withdrawal, 'refused', made.why);
    const [first] = made.plans;
    if (crew.length === 1 && first) {
      const taken = await planStep(house, withdrawal, first);
      if (taken !== 'same-bytes') return taken;
    } else if ((await planAll(house, crew, made.plans)) !== 'same-bytes') return 'on';
  }
  const why = `${house.chain.attempts} times another payment was quicker, or looks like this one`;
  return house.chain.batch ? wait(house, withdrawal, why, slowly) : giveUp(house, withdrawal, 'refused', why);
}

/** With the transaction's fee held against what the payments allow. */
async function planned(
  house: Branch,
  crew: Crew,
  keys: readonly string[],
  attempt: number,
): Promise<NewPlanned> {
  const intents = crew.map((one) => intentOf(house, one)) as [Intent, ...Intent[]];
  const made = await house.chain.plan(house, intents, keys, attempt, mostPlanBytes(house, crew));
  if (made.kind !== 'planned') return made;
  const fees = made.plans[0]?.planned.fees ?? 0n;
  const cap = intents.reduce((sum, { feeCap }) => sum + feeCap, 0n);
  return fees > cap ? { kind: 'refused', why: `the network takes ${fees} of at most ${cap}` } : made;
}

/**
 * How long the plan of several may be for a signer's record of it to fit a leaf of its log: beside requests, intents and what each
 * watchtower states. Plan and share both stand there, as hex. Beside one alone there is room for any plan.
 */
export function mostPlanBytes({ policy, ...house }: Branch, crew: Crew): number | undefined {
  if (crew.length === 1) return undefined;
  const [beside, eachFact, eachPart] = [2_000, 2_000, 300];
  const parts = crew.reduce((sum, one) => {
    return sum + eachPart + jsonText([one.request, intentOf(house, one)]).length;
  }, 0);
  const facts = eachFact * policy.watchtowers.keys.length;
  return Math.max(0, Math.floor((mostLeafBytes - beside - facts - parts) / 4));
}

/** One transaction as the plan of each of them, or of none. `beside`: digests of what may still pay them. */
export function planAll(
  house: Branch,
  all: readonly Withdrawal[],
  plans: readonly NewPlan[],
  beside: readonly string[] = [],
): Promise<Outcome> {
  return stepAll(house, all, 'planned', (at) => {
    const plan = plans[at];
    if (!plan) throw new Error('a payment of a batch has no plan');
    return beside.length === 0 ? { plan } : { plan, beside };
  });
}

/**
 * Others that have their turn now and could be paid by the same transaction. Nobody who was in a batch that did not come through is
 * in another: one that signers refuse would hold up the others again.
 */
async function othersOf(house: Branch, withdrawal: Withdrawal): Promise<readonly Withdrawal[]> {
  const { id, wallet, asset } = withdrawal;
  const most = (house.chain.batch?.most ?? 1) - 1;
  const fees = house.chain.fees(house, intentOf(house, withdrawal));
  if (most === 0 || fees.kind !== 'fees') return [];
  const found = await rows(
    house.pool,
    z.object({ id: z.string() }),
    `select id from custody.withdrawal w
       where wallet = $1 and asset = $2 and id <> $3 and reason <> 'sweep' and turn_at is not null and pending
         and state in ('screened', 'awaiting-approval', 'expired') and plan = 0
         -- Who allows less stands back alone, and takes nobody's place.
         and fee_cap >= $5
       order by turn_at, arrival limit $4`,
    [wallet, asset, id, most, fees.units.toString()],
  );
  const ids = found.map((one) => one.id);
  const all = await findWithdrawals(house.pool, ids);
  const others: Withdrawal[] = [];
  for (const one of ids.flatMap((other) => all.get(other) ?? []))
    if (await mayCome(house, one)) others.push(one);
  return others;
}

/** A sweep is judged by what it leaves; and what people have a say in fills a record, and stays theirs alone. */
function isForMany(house: Branch, withdrawal: Withdrawal): boolean {
  if (withdrawal.reason === 'sweep' || withdrawal.plan !== null) return false;
  return approvalsFor(house, intentOf(house, withdrawal)).length === 0;
}

async function mayCome(house: Branch, other: Withdrawal): Promise<boolean> {
  // Read again since: it may be planned by now.
  if (!isForMany(house, other) || other.turn_at === null) return false;
  if (other.paid !== null || isLate(house, other) || whyStopped(house, other) !== null) return false;
  // Who allows less than it takes to be paid alone stands back alone.
  const fees = house.chain.fees(house, intentOf(house, other));
  if (fees.kind !== 'fees' || fees.units > other.fee_cap) return false;
  return (await whyNotNow(house, other)) === null;
}

/** How long it still waits for others, in milliseconds. Whoever is in a hurry waits for nobody. */
function leftToGather(house: Branch, { turn_at: turn, priority }: Withdrawal, others: number): number {
  const { batch } = house.chain;
  if (!batch || batch.most === 1 || turn === null || priority === 'high') return 0;
  return others + 1 < batch.most ? turn + batch.gatherMs - house.clock.now() : 0;
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
