/** A refill as it is kept: what a vault is asked to send. It holds no money; the coins are booked when a block has them. */
import { intentDigest, refillIntent, Units, XEM, type Intent } from '@kuramori/core';
import { row, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import type { House } from '../house.ts';

export const RefillState = z.enum(['asked', 'arrived', 'withdrawn']);

const integer = z.coerce.number().pipe(z.int());
const Refill = z.object({
  id: z.string(),
  number: integer,
  cold: z.string(),
  hot: z.string(),
  asset: z.string(),
  amount: Units,
  feeCap: Units,
  expiry: integer,
  why: z.string(),
  askedAt: integer,
  state: RefillState,
  endedAt: integer.nullable(),
  /** The transaction that brought it, or why it is not needed any more. */
  endedBy: z.string().nullable(),
});
export type Refill = z.output<typeof Refill>;

const columns = `id, number, cold, hot, asset, amount::text, fee_cap::text as "feeCap", expiry, why, asked_at as "askedAt", state,
  ended_at as "endedAt", ended_by as "endedBy"`;

/** The newest first. */
export function listRefills(client: Client, limit: number): Promise<Refill[]> {
  return rows(
    client,
    Refill,
    `select ${columns} from custody.refill order by asked_at desc, number desc limit $1`,
    [limit],
  );
}

export async function openRefill(client: Client, hot: string, asset: string): Promise<Refill | undefined> {
  const [found] = await rows(
    client,
    Refill,
    `select ${columns} from custody.refill where hot = $1 and asset = $2 and state = 'asked'`,
    [hot, asset],
  );
  return found;
}

/** How long a vault may take: two people must come to it, and signing must be planned around their days. Seconds. */
const lifetime = 72 * 3600;

/** Asks, and gives the number: the cold wallet's next one. In the caller's transaction. */
export async function askRefill(
  house: House,
  client: Client,
  { cold, amount, feeCap, why }: { cold: string; amount: bigint; feeCap: bigint; why: string },
): Promise<number> {
  const now = house.clock.now();
  const { number } = await row(
    client,
    z.object({ number: integer }),
    'select coalesce(max(number), 0) + 1 as number from custody.refill where cold = $1',
    [cold],
  );
  const moved = { number, asset: XEM, amount, feeCap, expiry: Math.floor(now / 1000) + lifetime };
  const { id } = refillIntent({ id: cold }, house.hot, moved);
  await client.query(
    `insert into custody.refill (id, number, cold, hot, asset, amount, fee_cap, expiry, why, asked_at, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'asked')`,
    [
      id,
      number,
      cold,
      house.hot.id,
      XEM,
      amount.toString(),
      feeCap.toString(),
      moved.expiry,
      why.slice(0, 1000),
      now,
    ],
  );
  log('refill asked', { id, number, cold, amount: amount.toString(), why });
  return number;
}

export async function withdrawRefill(
  client: Client,
  { id }: Refill,
  why: string,
  now: number,
): Promise<void> {
  await client.query(
    "update custody.refill set state = 'withdrawn', ended_at = $2, ended_by = $3 where id = $1 and state = 'asked'",
    [id, now, why],
  );
  log('refill withdrawn', { id, why });
}

interface Arrived {
  readonly transaction: string;
  readonly cold: string;
  readonly hot: string;
  readonly asset: string;
  readonly units: bigint;
}

/**
 * Coins came from a cold wallet into a hot one: what was asked is there, if it is as much. Otherwise the request stays
 * open, and the treasury looks at what is still missing. In the transaction that books them.
 */
export async function refillArrived(
  client: Client,
  { transaction, cold, hot, asset, units }: Arrived,
  now: number,
): Promise<void> {
  await client.query(
    `update custody.refill set state = 'arrived', ended_at = $5, ended_by = $6
       where cold = $1 and hot = $2 and asset = $3 and amount <= $4 and state = 'asked'`,
    [cold, hot, asset, units.toString(), now, transaction],
  );
}

/** What the vault is given: the intent, and the digest that its people compare. */
export function refillAsked(
  house: House,
  refill: Refill,
): { readonly intent: Intent; readonly digest: string } {
  const { number, amount, feeCap, expiry } = refill;
  const to = house.policy.wallets.find(({ id, role }) => id === refill.hot && role === 'hot');
  if (!to) throw new Error(`refill ${refill.id}: the policy names no hot wallet ${refill.hot} any more`);
  const intent = refillIntent({ id: refill.cold }, to, { number, asset: XEM, amount, feeCap, expiry });
  return { intent, digest: intentDigest(intent) };
}
