/** Sweep: what is too much for a hot wallet goes to a cold one that the policy pins. From there it is a payment like any other. */
import { sweepIntent, XEM, type Intent, type Rule } from '@kuramori/core';
import { row, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { enqueue } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { notify } from '../notice.ts';
import { feesOf } from '../withdrawals/check.ts';
import { joinLine } from '../withdrawals/line.ts';
import { addStep } from '../withdrawals/row.ts';
import { coldWallets } from './cold.ts';
import { targetOf, type Standing } from './standing.ts';

/** How long a sweep may still confirm, in seconds; and how long none is tried after one was refused, in milliseconds. */
const lifetime = 24 * 3600;
const refusedPause = 3_600_000;
const day = 24 * 3_600_000;

/** One sweep at a time, within the policy's caps. True where one is made now. In the caller's transaction. */
export async function sweepExcess(house: House, client: Client, stand: Standing): Promise<boolean> {
  const rule = house.policy.rules.find((one) => one.wallet === house.hot.id && one.asset === XEM)?.sweep;
  const [cold] = await coldWallets(house, client);
  const excess = excessOf(stand, BigInt(house.treasury.sweep.slack));
  if (!rule || !cold || stand.sweeping > 0n || excess <= 0n) return false;
  const now = house.clock.now();
  const expiry = Math.floor(now / 1000) + lifetime;
  const destination = { address: cold.wallet.address, memo: '' };
  const fees = feesOf(house, { destination, amount: stand.hot, expiry });
  if (typeof fees !== 'bigint') throw new Error(`a sweep cannot be planned: ${JSON.stringify(fees.body)}`);
  const most = stand.hot - rule.leave - fees;
  const amount = excess - fees < most ? excess - fees : most;
  const least = house.treasury.sweep.least.find(({ asset }) => asset === XEM)?.units ?? 0n;
  if (amount <= 0n || (stand.limit.by === 'need' && amount < least)) return false;
  const made = await sweepsOf(client, house.hot.id, now);
  if (await isInTheWay(house, client, rule, made, amount, fees)) return false;
  const number = made.last + 1;
  const moved = { number, asset: XEM, amount, feeCap: fees, expiry };
  const intent = sweepIntent(house.hot, cold.wallet, moved);
  const { hot, promised, limit } = stand;
  const why = `${hot} are hot, ${promised} of them promised; ${limit.units} may be, by ${limit.by}`;
  await insertSweep(house, client, { intent, number, cold: cold.wallet.id, why });
  await joinLine(client, intent.id, now);
  await enqueue(client, intent.id);
  log('sweep', { id: intent.id, number, cold: cold.wallet.id, amount: amount.toString(), why });
  return true;
}

/**
 * By the share every hot coin counts, and the wallet is brought so far below it that the next deposit does not breach it
 * again; but what is promised is never swept. By need, what is promised is as good as gone, and a little more is no harm.
 */
function excessOf(stand: Standing, slack: bigint): bigint {
  const { hot, promised, limit } = stand;
  const free = hot - promised;
  if (limit.by === 'need') return free > limit.units + (limit.units * slack) / 100n ? free - limit.units : 0n;
  if (hot <= limit.units) return 0n;
  const over = hot - targetOf(stand, slack);
  return over < free ? over : free;
}

/** Asked for all the same it would be refused by every signer; and somebody should know why it is not. */
async function isInTheWay(
  { hot, clock }: House,
  client: Client,
  { perDay }: NonNullable<Rule['sweep']>,
  made: z.output<typeof Made>,
  amount: bigint,
  fees: bigint,
): Promise<boolean> {
  const at = clock.now();
  if (made.today >= perDay.count || made.fees + fees > perDay.fees) {
    const what = `${amount} of ${XEM} in ${hot.id} are too much, and the policy allows no more sweeps within 24 hours: ${made.today} of ${perDay.count} are made, for ${made.fees} of ${perDay.fees} in fees`;
    await notify(client, { key: 'sweeps-used-up', severity: 'warning', what, at });
    return true;
  }
  if (made.refusedAt <= at - refusedPause) return false;
  const what = `a sweep from ${hot.id} was refused: ${made.why}. The next one is tried an hour after it was made`;
  await notify(client, { key: 'sweep-refused', severity: 'warning', what, at });
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

/** What was swept already. Refused ones count too: a signer may have recorded one. */
function sweepsOf(client: Client, wallet: string, now: number): Promise<z.output<typeof Made>> {
  return row(
    client,
    Made,
    `select coalesce(max(number), 0) as last, count(*) filter (where requested_at > $2) as today,
        coalesce(sum(fee_cap) filter (where requested_at > $2), 0)::text as fees,
        coalesce(max(requested_at) filter (where state = 'refused'), 0) as "refusedAt",
        (array_agg(why order by number desc) filter (where state = 'refused'))[1] as why
       from custody.withdrawal where reason = 'sweep' and wallet = $1`,
    [wallet, now - day],
  );
}

export interface Sweep {
  readonly intent: Intent;
  readonly number: number;
  /** The cold wallet's name. */
  readonly cold: string;
  readonly why: string;
}

/** The payment, screened: nobody's money is held, and nobody chose where it goes. In the caller's transaction. */
export async function insertSweep(
  house: House,
  client: Client,
  { intent, number, cold, why }: Sweep,
): Promise<void> {
  const { id, wallet, asset, amount, feeCap, expiry } = intent;
  const now = house.clock.now();
  await client.query(
    `insert into custody.withdrawal
         (id, reason, wallet, asset, amount, fee_cap, number, cold, requested_at, expiry, priority, state)
       values ($1, 'sweep', $2, $3, $4, $5, $6, $7, $8, $9, 'low', 'screened')`,
    [id, wallet, asset, amount.toString(), feeCap.toString(), number, cold, now, expiry],
  );
  await addStep(client, id, 'requested', why, now);
  await addStep(client, id, 'screened', null, now);
}
