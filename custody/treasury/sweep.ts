/** Sweep: what is too much for a hot wallet goes to a cold one that the policy pins. From there it is a payment like any other. */
import { ruleFor, successorOf, sweepIntent, type Asset, type Intent, type Rule } from '@kuramori/core';
import { holdingOf, row, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { enqueue } from '../jobs/enqueue.ts';
import type { Branch } from '../branch.ts';
import type { Lasting } from '../notice.ts';
import { joinLine } from '../withdrawals/line.ts';
import type { Withdrawal } from '../withdrawals/row.ts';
import { coldWallets } from './cold.ts';
import { allowedOf, boundOf, standing, type Standing } from './standing.ts';

/** How long a sweep may still confirm, in seconds; and how long none is tried after one was refused, in milliseconds. */
const lifetime = 24 * 3600;
const refusedPause = 3_600_000;
const day = 24 * 3_600_000;

/** Less than so many times its fee is not worth a sweep, and would let strangers use up the day's with dust. */
export const worthFees = 10n;

/** One sweep at a time, within the policy's caps. True where one is made now. In the caller's transaction. */
export async function sweepExcess(
  house: Branch,
  client: Client,
  stand: Standing & { readonly asset: Asset },
  { raise }: Pick<Lasting, 'raise'>,
): Promise<boolean> {
  const { asset } = stand;
  const rules = ruleFor(house.policy, house.hot.id, asset);
  const rule = rules?.sweep;
  const [cold] = await coldWallets(house, client, asset);
  const excess = excessOf(house, stand);
  if (!rules || !rule || !cold || stand.sweeping > 0n || excess <= 0n) return false;
  const now = house.clock.now();
  const expiry = Math.floor(now / 1000) + lifetime;
  const destination = { address: cold.wallet.address, memo: '' };
  const told = house.chain.fees(house, { asset, destination, amount: stand.hot, expiry });
  if (told.kind === 'refused') throw new Error(`a sweep of ${asset} cannot be planned: ${told.why}`);
  // It is looked at again soon, and customers wait for the same.
  if (told.kind === 'unknown') return false;
  // Where coins decide what it takes: up to what the policy lets one transaction take.
  const fees = told.exact ? told.units : rules.feeCap;
  // The books still hold what is paid and not settled; signers see the chain, where it is gone.
  const held = await holdingOf(client, { kind: 'hot', wallet: house.hot.id }, asset);
  const most = held - stand.promised - rule.leave - fees;
  const amount = excess - fees < most ? excess - fees : most;
  const least = house.treasury.sweep.least.find((one) => one.asset === asset)?.units ?? 0n;
  if (stand.limit.by === 'share' && rule.leave > stand.limit.units) {
    const what = `a sweep must leave ${rule.leave} in ${house.hot.id}, and ${stand.limit.units} may be hot: have the policy leave less`;
    await raise({ key: 'leave-above-limit', severity: 'warning', what });
  }
  if (amount < least || amount < worthFees * told.units) return false;
  // No customer pays for a move of ours, and what nobody can pay would leave more claims than coins.
  const own = stand.hot + stand.cold - stand.claims;
  if (own < fees) {
    const what = `own funds are ${own} of ${asset}, less than the ${fees} that a sweep of ${amount} costs: claim what is the house's own, or bring in more`;
    await raise({ key: 'no-own-funds', severity: 'grave', what });
    return false;
  }
  const made = await sweepsOf(client, house.hot.id, now);
  if (await isInTheWay(house, raise, rule, made, { asset, amount, fees })) return false;
  const number = made.last + 1;
  const moved = { number, asset, amount, feeCap: fees, expiry };
  const intent = sweepIntent(house.hot, cold.wallet, moved);
  const { hot, promised, limit } = stand;
  const why = `${hot} are hot, ${promised} of them promised; ${limit.units} may be, by ${limit.by}`;
  await insertSweep(house, client, { intent, number, cold: cold.wallet.id, why });
  await joinLine(client, intent.id, now);
  await enqueue(client, intent.id);
  log('sweep', { id: intent.id, number, cold: cold.wallet.id, amount: amount.toString(), why });
  return true;
}

/** What is promised is never swept. */
function excessOf(house: Branch, stand: Standing): bigint {
  const slack = BigInt(house.treasury.sweep.slack);
  const { hot } = stand;
  return hot > allowedOf(stand, slack) ? hot - boundOf(stand, slack) : 0n;
}

/**
 * Why a sweep that was made a while ago is not to be planned any more; null where it still is. It may have waited behind
 * a rush, and what was too much then may be promised now.
 */
export async function notTooMuch(
  house: Branch,
  { asset, amount, fee_cap: fee }: Swept,
): Promise<string | null> {
  // What follows to the wallet that took this one's place stays as hot as it was.
  if (successorOf(house.hot) !== undefined) return null;
  const { assets } = await standing(house);
  const stand = assets.find((one) => one.asset === asset);
  if (!stand) return 'nothing of it is in the books';
  const left = stand.hot - amount - fee;
  return left >= stand.promised
    ? null
    : `${stand.promised} are promised to customers by now, and ${left} would be left`;
}

type Swept = Pick<Withdrawal, 'asset' | 'amount' | 'fee_cap'>;

/** Asked for all the same it would be refused by every signer; and somebody should know why it is not. */
export async function isInTheWay(
  { hot, clock }: Branch,
  raise: Lasting['raise'],
  { perDay }: NonNullable<Rule['sweep']>,
  made: z.output<typeof Made>,
  { asset, amount, fees }: { readonly asset: Asset; readonly amount: bigint; readonly fees: bigint },
): Promise<boolean> {
  const at = clock.now();
  if (made.today >= perDay.count || made.fees + fees > perDay.fees) {
    const what = `${amount} of ${asset} in ${hot.id} are too much, and the policy allows no more sweeps within 24 hours: ${made.today} of ${perDay.count} are made, for ${made.fees} of ${perDay.fees} in fees`;
    await raise({ key: 'sweeps-used-up', severity: 'warning', what });
    return true;
  }
  if (made.refusedAt <= at - refusedPause) return false;
  const what = `a sweep from ${hot.id} was refused: ${made.why}. The next one is tried an hour after it was made`;
  await raise({ key: 'sweep-refused', severity: 'warning', what });
  return true;
}

const count = z.coerce.number().pipe(z.int());
const Made = z.object({
  last: count,
  today: count,
  fees: z.string().transform(BigInt),
  refusedAt: count,
  why: z.string().nullable(),
});

/** What was swept already: what was planned counts for the policy's caps, since a signer may have recorded it. */
export function sweepsOf(client: Client, wallet: string, now: number): Promise<z.output<typeof Made>> {
  return row(
    client,
    Made,
    `select coalesce(max(number), 0) as last, count(*) filter (where plan > 0 and requested_at > $2) as today,
        coalesce(sum(fee_cap) filter (where plan > 0 and requested_at > $2), 0)::text as fees,
        coalesce(max(requested_at) filter (where state = 'refused'), 0) as "refusedAt",
        (array_agg(why order by number desc) filter (where state = 'refused'))[1] as why
       from custody.withdrawal where reason = 'sweep' and wallet = $1`,
    [wallet, now - day],
  );
}

export interface Sweep {
  readonly intent: Intent;
  readonly number: number;
  /** The name of the cold wallet, or of the one that took the place of this. */
  readonly cold: string;
  readonly why: string;
}

/** The payment, screened: nobody's money is held, and nobody chose where it goes. In the caller's transaction. */
export async function insertSweep(
  house: Branch,
  client: Client,
  { intent, number, cold, why }: Sweep,
): Promise<void> {
  const { id, wallet, asset, amount, feeCap, expiry, destination } = intent;
  const now = house.clock.now();
  await client.query(
    `insert into custody.withdrawal
         (id, reason, wallet, asset, amount, fee_cap, number, cold, cold_address, requested_at, expiry, priority, state)
       values ($1, 'sweep', $2, $3, $4, $5, $6, $7, $8, $9, $10, 'low', 'screened')`,
    [id, wallet, asset, amount.toString(), feeCap.toString(), number, cold, destination.address, now, expiry],
  );
  await client.query(
    `insert into custody.withdrawal_step (withdrawal, number, state, why, at)
       values ($1, 1, 'requested', $2, $3), ($1, 2, 'screened', null, $3)`,
    [id, why, now],
  );
}
