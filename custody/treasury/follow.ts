/**
 * Follow: what is left in a wallet whose place another took goes there, all of it, once nothing is under way; and what customers
 * still send to its addresses goes after it. To signers and watchtowers each is a sweep, within the policy's caps.
 */
import { ruleFor, successorOf, sweepIntent } from '@kuramori/core';
import { log } from '@kuramori/program';
import type { Client } from '@kuramori/ledger';
import { enqueue } from '../jobs/enqueue.ts';
import type { Branch } from '../branch.ts';
import type { Lasting } from '../notice.ts';
import { joinLine } from '../withdrawals/line.ts';
import type { Stand } from './standing.ts';
import { insertSweep, isInTheWay, sweepsOf, worthFees } from './sweep.ts';

/** How long one waits to be signed, in seconds: where fees rise meanwhile, the next is made for what they are then. */
const lifetime = 3_600;

/** Sends on what there is, if it can be now. In the caller's transaction. */
export async function follow(
  branch: Branch,
  client: Client,
  { assets, at }: Pick<Stand, 'assets' | 'at'>,
  told: Pick<Lasting, 'raise'>,
): Promise<void> {
  const { hot, coin, policy } = branch;
  const heir = policy.wallets.find(({ id }) => id === successorOf(hot));
  const rules = ruleFor(policy, hot.id, coin);
  if (!heir || !rules?.sweep) throw new Error(`follow: ${hot.id} has no successor that it may sweep to`);
  // Whoever was to be paid out of it still is, and one sweep at a time.
  const busy = await client.query('select from custody.withdrawal where open and wallet = $1 limit 1', [
    hot.id,
  ]);
  if (busy.rowCount !== 0) return;
  const whole = await branch.chain.whole?.(branch, client, heir.address);
  if (!whole || whole.amount < worthFees * whole.fees) return;
  const raise: Lasting['raise'] = (notice) => told.raise({ ...notice, key: `${notice.key}:${hot.id}` });
  const { amount, fees } = whole;
  if (fees > rules.feeCap) {
    const what = `${amount} of ${coin} shall follow from ${hot.id} to ${heir.id}, for ${fees} in fees, and the policy lets one transaction cost ${rules.feeCap}: it waits for lower fees`;
    await raise({ key: 'fees-too-high', severity: 'warning', what });
    return;
  }
  // No customer pays for a move of ours, and what nobody can pay would leave more claims than coins.
  const stand = assets.find(({ asset }) => asset === coin);
  const own = stand ? stand.hot + stand.cold - stand.claims : 0n;
  if (own < fees) {
    const what = `own funds are ${own} of ${coin}, less than the ${fees} that it costs to have ${amount} follow from ${hot.id}: claim what is the house's own, or bring in more`;
    await raise({ key: 'no-own-funds', severity: 'grave', what });
    return;
  }
  const made = await sweepsOf(client, hot.id, at);
  if (await isInTheWay(branch, raise, rules.sweep, made, { asset: coin, amount, fees })) return;
  const number = made.last + 1;
  const expiry = Math.floor(at / 1000) + lifetime;
  const intent = sweepIntent(hot, heir, { number, asset: coin, amount, feeCap: fees, expiry });
  const why = `${heir.id} has its place`;
  await insertSweep(branch, client, { intent, number, cold: heir.id, why });
  await joinLine(client, intent.id, at);
  await enqueue(client, intent.id);
  log('follows', {
    id: intent.id,
    number,
    from: hot.id,
    to: heir.id,
    amount: amount.toString(),
    fees: fees.toString(),
  });
}
