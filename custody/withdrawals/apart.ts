/**
 * Apart: a batch that is refused. Nobody says for which of its payments, so each is planned alone, with a coin of the batch: a plan
 * that some have recorded already can then never confirm beside it.
 */
import type { Branch } from '../branch.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { giveUp, isLate } from './give-up.ts';
import { planAll } from './planning.ts';
import { intentOf, planOf, type Withdrawal } from './row.ts';
import { keysThatSign } from './signing.ts';
import { slowly, wait, type Next } from './step.ts';

/** The first that can go apart does; the others see it, and follow. */
export async function partBatch(
  house: Branch,
  all: readonly [Withdrawal, ...Withdrawal[]],
  why: string,
): Promise<Next> {
  const [lead] = all;
  for (const one of all) {
    if ((await planApart(house, one)) !== null) continue;
    await enqueue(house.pool, one.id);
    return 'on';
  }
  if (isLate(house, lead)) return giveUp(house, lead, 'refused', `${why}; and its time is over`);
  return wait(house, lead, `${why}; none of the ${all.length} that it pays can be planned alone now`, slowly);
}

/** One of a batch of which another has gone apart. */
export async function goApart(house: Branch, withdrawal: Withdrawal): Promise<Next> {
  if (isLate(house, withdrawal))
    return giveUp(house, withdrawal, 'refused', 'its batch was refused, and its time is over');
  const why = await planApart(house, withdrawal);
  return why === null ? 'on' : wait(house, withdrawal, `its batch went apart: ${why}`, slowly);
}

/** Null where it is planned, or moved by somebody else; else why not now. */
async function planApart(house: Branch, withdrawal: Withdrawal): Promise<string | null> {
  const { batch } = house.chain;
  if (!batch) throw new Error(`${withdrawal.id} has a plan that pays others, on a chain without batches`);
  const keys = await keysThatSign(house);
  if (typeof keys === 'string') return keys;
  const { plan, digest } = planOf(withdrawal);
  const made = await batch.part(house, intentOf(house, withdrawal), { plan, digest }, keys);
  if (made.kind !== 'planned') return made.why;
  const taken = await planAll(house, [withdrawal], made.plans, [digest]);
  // One that looks like it went before: with the next block these bytes are others.
  return taken === 'same-bytes' ? 'another payment looks like it, or was quicker' : null;
}
