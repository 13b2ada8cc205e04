/** Give up: the money of a payment that is never made is the customer's again, once it is certain that nobody can make it. */
import { inTransaction, LedgerError, voidHold, type Client } from '@kuramori/ledger';
import { everOnline } from './acting.ts';
import type { Branch } from '../branch.ts';
import { giveTurns } from './line.ts';
import { freeCoinsOf } from './reservation.ts';
import { endReturn } from './return.ts';
import { change, plansOf, type Withdrawal } from './row.ts';
import { signedPlans } from './signature.ts';
import { wait, type Next } from './step.ts';
import { timeOf } from './time.ts';

/** Too little time left to sign, send and confirm. Seconds. */
export const tooLate = 120;

export function isLate(house: Branch, { expiry }: Withdrawal): boolean {
  return house.clock.now() >= (expiry - tooLate) * 1000;
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
  const signed = await signedPlans(house.pool, withdrawal.id);
  // What takes the place of it is refused: that says nothing of the one that is signed.
  if (ours.some((one) => !one.dead && signed.has(one.number)))
    return wait(
      house,
      withdrawal,
      `${why}; the money stays held, since one is signed that may still confirm`,
    );
  const dead = new Set(ours.flatMap((one) => (one.dead ? one.digest : [])));
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
  // Whoever spends them ends this one; kept, they would be nobody's for as long as nobody may say that it is over.
  if (house.chain.batch) await inTransaction(house.pool, (client) => freeCoinsOf(client, withdrawal.id));
  const open = silent.length > 0 ? `${silent.join(', ')} cannot be asked` : 'the chain could still take it';
  return wait(house, withdrawal, `${why}; the money stays held, since ${open}`);
}

/** Late by our clock: where the watchtowers tell another time, it is not believed. */
export async function giveUpLate(house: Branch, withdrawal: Withdrawal): Promise<Next> {
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
  await inTransaction(house.pool, async (client) => {
    // Before row and coins, as whoever plans and gives turns.
    await client.query('select custody.hold_lanes($1)', [withdrawal.wallet]);
    await freeMoney(house, client, withdrawal, as, why);
  });
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
