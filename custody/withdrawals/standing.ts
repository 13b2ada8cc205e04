/**
 * Standing: plans of a payment that another stands beside, and that may still pay it. A payment that waits too long for its block is
 * planned once more, with every coin of the one before and a higher fee; of the two the chain takes one alone, whichever that is.
 */
import type { Intent } from '@kuramori/core';
import type { Branch } from '../branch.ts';
import { batchOf } from './batch.ts';
import { fateOf } from './fate.ts';
import { isLate } from './give-up.ts';
import { mostPlanBytes, planAll } from './planning.ts';
import { intentOf, planOf, plansOf, type KeptPlan, type Withdrawal } from './row.ts';
import { signedPlans } from './signature.ts';
import { keysThatSign } from './signing.ts';
import type { State } from './states.ts';

/**
 * A transaction is not planned once more beside so many that are not dead: nodes that replace nothing take none of them, and signers
 * count them, too (judge-payment.ts).
 */
const mostStanding = 8;

/** All of them, and those that are dead, but the newest of each. */
export async function plansBefore(house: Branch, all: readonly Withdrawal[]): Promise<readonly KeptPlan[]> {
  const found = await Promise.all(
    all.map(async (one) => {
      const { number } = planOf(one);
      const plans = number === 1 ? [] : await plansOf(house.pool, one.id);
      return plans.filter((plan) => plan.number < number);
    }),
  );
  return [...new Map(found.flat().map((plan) => [plan.digest, plan])).values()];
}

export async function standingPlans(house: Branch, withdrawal: Withdrawal): Promise<readonly KeptPlan[]> {
  return (await plansBefore(house, [withdrawal])).filter(({ dead }) => !dead);
}

/** Where no node has the newest that is signed any more, it is sent again, as long as what shall take its place is not. */
export async function announceStanding(house: Branch, withdrawal: Withdrawal): Promise<void> {
  const standing = await standingPlans(house, withdrawal);
  const signed = await signedPlans(house.pool, withdrawal.id);
  const last = standing.findLast(({ number }) => signed.has(number));
  if (!last) return;
  const fate = await fateOf(house, last.plan.plan);
  if (fate.kind === 'unseen') await house.chain.announce(house, withdrawal.id, last, true);
}

/** While its signatures are kept here and the chain has not spoken. */
const replaceable: ReadonlySet<State> = new Set(['signed', 'sent', 'unknown']);

export type Hastened =
  | { readonly kind: 'planned' }
  /** It stays as it is: it is not slow, or another speaks for it, or it cannot be now, for `why`. */
  | { readonly kind: 'stays'; readonly why?: string };

/** Plans what takes the place of a transaction that is slow. */
export async function hasten(house: Branch, withdrawal: Withdrawal): Promise<Hastened> {
  const { batch: batching } = house.chain;
  const current = planOf(withdrawal);
  if (!batching || withdrawal.paid !== null || !(await batching.isSlow(house, current))) return stays();
  const batch = await batchOf(house, withdrawal, (state) => replaceable.has(state));
  if (batch.kind !== 'leads') return stays();
  const { all } = batch;
  // Each of them: whoever is late could not be paid by it, and whoever is paid is paid by what it takes the place of.
  if (all.some((one) => one.paid !== null)) return stays();
  if (all.some((one) => isLate(house, one)))
    return stays('the chain; one that it pays is too late for another transaction to take its place');
  const keys = await keysThatSign(house);
  if (typeof keys === 'string')
    return stays(`the chain; what would take its place is not signed now: ${keys}`);
  const standing = await standingPlans(house, withdrawal);
  if (standing.length >= mostStanding)
    return stays(`the chain; ${standing.length} transactions were to take its place`);
  for (const one of [...standing, current]) {
    const fate = await fateOf(house, one.plan.plan);
    if (fate.kind !== 'unseen' && fate.kind !== 'pending') return stays();
  }
  const [first, ...others] = all.map((one) => intentOf(house, one));
  const made = await batching.hasten(
    house,
    [first as Intent, ...others],
    current,
    keys,
    mostPlanBytes(house, all),
  );
  if (made.kind !== 'planned') return stays(`the chain; no transaction takes its place: ${made.why}`);
  const beside = [...standing, current].map(({ digest }) => digest);
  return (await planAll(house, all, made.plans, beside)) === 'taken' ? { kind: 'planned' } : stays();
}

function stays(why?: string): Hastened {
  return why === undefined ? { kind: 'stays' } : { kind: 'stays', why };
}
