/** A refill as it is kept: what a vault is asked to send. It holds no money; the coins are booked when a block has them. */
import {
  AssetName,
  intentDigest,
  refillIntent,
  refillMemo,
  Units,
  type Asset,
  type Intent,
} from '@kuramori/core';
import { row, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import type { Branch } from '../branch.ts';

export const RefillState = z.enum(['asked', 'arrived', 'expired']);

const integer = z.coerce.number().pipe(z.int());
const Refill = z.object({
  id: z.string(),
  number: integer,
  cold: z.string(),
  hot: z.string(),
  hotAddress: z.string(),
  asset: AssetName,
  amount: Units,
  feeCap: Units,
  expiry: integer,
  why: z.string(),
  askedAt: integer,
  state: RefillState,
  endedAt: integer.nullable(),
  /** The transaction that brought it. */
  endedBy: z.string().nullable(),
});
export type Refill = z.output<typeof Refill>;

const columns = `id, number, cold, hot, hot_address as "hotAddress", asset, amount::text, fee_cap::text as "feeCap", expiry, why,
  asked_at as "askedAt", state, ended_at as "endedAt", ended_by as "endedBy"`;

/** The newest first. */
export function listRefills(client: Client, limit: number): Promise<Refill[]> {
  return rows(
    client,
    Refill,
    `select ${columns} from custody.refill order by asked_at desc, number desc limit $1`,
    [limit],
  );
}

/** Those that a vault may still sign, or has signed and no block has yet. */
export function openRefills(client: Client, hot: string, asset: string): Promise<Refill[]> {
  return rows(
    client,
    Refill,
    `select ${columns} from custody.refill where hot = $1 and asset = $2 and state = 'asked' order by asked_at`,
    [hot, asset],
  );
}

/** How long a vault may take: two people must come to it, and signing must be planned around their days. Seconds. */
const lifetime = 72 * 3600;

/** Asks, and gives the number: the cold wallet's next one. In the caller's transaction. */
export async function askRefill(
  house: Branch,
  client: Client,
  {
    asset,
    cold,
    amount,
    feeCap,
    why,
  }: {
    readonly asset: Asset;
    readonly cold: string;
    readonly amount: bigint;
    readonly feeCap: bigint;
    readonly why: string;
  },
): Promise<number> {
  const now = house.clock.now();
  const { number } = await row(
    client,
    z.object({ number: integer }),
    'select coalesce(max(number), 0) + 1 as number from custody.refill where cold = $1',
    [cold],
  );
  const moved = { number, asset, amount, feeCap, expiry: Math.floor(now / 1000) + lifetime };
  const { id } = refillIntent({ id: cold }, house.hot, moved);
  await client.query(
    `insert into custody.refill (id, number, cold, hot, hot_address, asset, amount, fee_cap, expiry, why, asked_at, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'asked')`,
    [
      id,
      number,
      cold,
      house.hot.id,
      house.hot.address,
      asset,
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

/** No vault signs them any more, and every block is read in which they could have come. `read`: Unix seconds. */
export async function expireRefills(client: Client, hot: string, read: number, now: number): Promise<void> {
  await client.query(
    "update custody.refill set state = 'expired', ended_at = $2 where state = 'asked' and hot = $3 and expiry < $1",
    [read, now, hot],
  );
}

interface Arrived {
  readonly transaction: string;
  readonly cold: string;
  readonly hot: string;
  readonly asset: Asset;
  readonly memo: string;
  readonly units: bigint;
}

/** Coins came from a cold wallet into a hot one: what was asked is there, if it is just that. In the transaction that books them. */
export async function refillArrived(
  client: Client,
  { transaction, cold, hot, asset, memo, units }: Arrived,
  now: number,
): Promise<void> {
  const waiting = await rows(
    client,
    z.object({ id: z.string(), number: integer }),
    "select id, number from custody.refill where cold = $1 and hot = $2 and asset = $3 and amount = $4 and state <> 'arrived' order by state <> 'asked', number",
    [cold, hot, asset, units.toString()],
  );
  const asked = waiting.find(({ number }) => refillMemo({ asset, number }) === memo);
  if (asked)
    await client.query(
      "update custody.refill set state = 'arrived', ended_at = $2, ended_by = $3 where id = $1",
      [asked.id, now, transaction],
    );
}

/** Its block is gone, and it did not come again: it is still asked, and can still come. */
export async function refillGone(client: Client, transaction: string): Promise<void> {
  await client.query(
    "update custody.refill set state = 'asked', ended_at = null, ended_by = null where ended_by = $1",
    [transaction],
  );
}

/** What the vault is given: the intent, and the digest that its people compare. */
export function refillAsked(refill: Refill): { readonly intent: Intent; readonly digest: string } {
  const { cold, hotAddress: address, number, asset, amount, feeCap, expiry } = refill;
  const intent = refillIntent({ id: cold }, { address }, { number, asset, amount, feeCap, expiry });
  return { intent, digest: intentDigest(intent) };
}
