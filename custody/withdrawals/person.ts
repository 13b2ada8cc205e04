/** What people decide about a payment through the exchange: let it pass the screen or not, and take it back while there is time. */
import type { Client } from '@kuramori/ledger';
import { z } from 'zod';
import { branchOf } from '../branch.ts';
import type { House } from '../house.ts';
import { unknownWithdrawal, unprocessable, type Reply } from '../api/problem.ts';
import { holdInLine } from './line.ts';
import { findWithdrawal } from './row.ts';
import { cancellable, type State } from './states.ts';
import { passScreen } from '../withdrawal.ts';
import { freeMoney } from './give-up.ts';

const Said = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be text, without U+0000');

export const ScreeningBody = z.strictObject({
  verdict: z.enum(['pass', 'refuse']),
  /** Who looked, and why: kept with the step. */
  by: Said,
  why: Said,
});

/** A person's word on a payment that the screen holds. */
export async function decideScreening(
  house: House,
  client: Client,
  id: string,
  { verdict, by, why }: z.infer<typeof ScreeningBody>,
): Promise<Reply> {
  const found = await findWithdrawal(client, id);
  if (!found) return unknownWithdrawal(id);
  if (found.state !== 'held')
    return unprocessable('too-late', 'id', `is ${found.state}: only one that is held is screened`);
  const branch = branchOf(house, found.wallet);
  if (verdict === 'pass') await passScreen(branch, client, found, `${by}: ${why}`);
  else await freeMoney(branch, client, found, 'refused', `${by}: ${why}`);
  return stateNow(client, id);
}

/**
 * Taken back, until it is planned. Planning at the same moment is decided by the row: one of the two finds it changed.
 * After a restore the signers' journals must be read first: it may have been planned before.
 */
export async function cancel(house: House, client: Client, id: string): Promise<Reply> {
  const found = await holdInLine(client, id);
  // A sweep is nobody's but the treasury's.
  if (!found || found.reason === 'sweep') return unknownWithdrawal(id);
  if (!cancellable.includes(found.state)) return tooLate(found.state);
  const { read } = house.journals.state();
  if (!read)
    return unprocessable(
      'catching-up',
      'id',
      'cannot be taken back before the signers’ journals are read: it may be paid already',
    );
  if (await freeMoney(branchOf(house, found.wallet), client, found, 'returned', 'cancelled by the exchange'))
    return stateNow(client, id);
  return tooLate((await findWithdrawal(client, id))?.state ?? 'planned');
}

function tooLate(state: State): Reply {
  return unprocessable('too-late', 'id', `is ${state}: it can be taken back only before it is planned`);
}

async function stateNow(client: Client, id: string): Promise<Reply> {
  const found = await findWithdrawal(client, id);
  return { status: 200, body: { id, state: found?.state ?? null } };
}
