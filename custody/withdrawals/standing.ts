/**
 * Standing: plans of a payment that another stands beside, and that may still pay it. A payment that waits too long for its block is
 * planned once more, with every coin of the one before and a higher fee; of the two the chain takes one alone, whichever that is.
 */
import type { Intent } from '@kuramori/core';
import { rows } from '@kuramori/ledger';
import { z } from 'zod';
import type { Branch } from '../branch.ts';
import { batchOf } from './batch.ts';
import { fateOf } from './fate.ts';
import { isLate } from './give-up.ts';
import { planAll } from './planning.ts';
import { intentOf, planOf, plansOf, type PlanOfMany, type Withdrawal } from './row.ts';
import { keysThatSign } from './signing.ts';
import type { State } from './states.ts';

/** A transaction is not planned once more beside so many that are not dead. Signers count them, too (judge-payment.ts). */
const mostStanding = 24;

/** All of them, and those that are dead, but the newest of each. */
export async function plansBefore(house: Branch, all: readonly Withdrawal[]): Promise<readonly PlanOfMany[]> {
  const found = await Promise.all(
    all.map(async (one) => {
      const { number } = planOf(one);
      const plans = number === 1 ? [] : await plansOf(house.pool, one.id);
      return plans.filter((plan) => plan.number < number);
    }),
  );
  return [...new Map(found.flat().map((plan) => [plan.digest, plan])).values()];
}

export async function standingPlans(house: Branch, withdrawal: Withdrawal): Promise<readonly PlanOfMany[]> {
  return (await plansBefore(house, [withdrawal])).filter(({ dead }) => !dead);
}

/** Where no node has the newest that is signed any more, it is sent again, as long as what shall take its place is not. */
export async function announceStanding(house: Branch, withdrawal: Withdrawal): Promise<void> {
  const standing = await standingPlans(house, withdrawal);
  const signed = await signedNumbers(house, withdrawal.id);
  const last = standing.findLast(({ number }) => signed.has(number));
  if (!last) return;
  const fate = await fateOf(house, last.plan.plan);
  if (fate.kind === 'unseen') await house.chain.announce(house, withdrawal.id, last, true);
}

async function signedNumbers({ pool }: Branch, id: string): Promise<ReadonlySet<number>> {
  const found = await rows(
    pool,
    z.object({ plan: z.int() }),
    `select plan from custody.signature where withdrawal = $1 group by plan having bool_and(signature is not null)`,
    [id],
  );
  return new Set(found.map(({ plan }) => plan));
}

/** While its signatures are kept here and the chain has not spoken. */
const hastened: ReadonlySet<State> = new Set(['signed', 'sent', 'unknown']);

/** Plans what takes the place of a transaction that is slow. Null where it need not be; else why it is not. */
export async function hasten(house: Branch, withdrawal: Withdrawal): Promise<'planned' | string | null> {
  const { batch: batching } = house.chain;
  const current = planOf(withdrawal);
  if (!batching || withdrawal.paid !== null || !(await batching.isSlow(house, current))) return null;
  const batch = await batchOf(house, withdrawal, (state) => hastened.has(state));
  if (batch.kind !== 'leads') return null;
  const { all } = batch;
  // Each of them: whoever is late could not be paid by it, and whoever is paid is paid by what it takes the place of.
  if (all.some((one) => one.paid !== null || isLate(house, one))) return null;
  const keys = await keysThatSign(house);
  if (typeof keys === 'string') return `the chain; what would take its place is not signed now: ${keys}`;
  const standing = await standingPlans(house, withdrawal);
  if (standing.length >= mostStanding)
    return `the chain; ${standing.length} transactions were to take its place`;
  for (const one of [...standing, current]) {
    const fate = await fateOf(house, one.plan.plan);
    if (fate.kind !== 'unseen' && fate.kind !== 'pending') return null;
  }
  const [first, ...others] = all.map((one) => intentOf(house, one));
  const made = await batching.hasten(house, [first as Intent, ...others], current, keys);
  if (made.kind !== 'planned') return `the chain; no transaction takes its place: ${made.why}`;
  const beside = [...standing, current].map(({ digest }) => digest);
  return (await planAll(house, all, made.plans, beside)) ? 'planned' : null;
}
