/** Price: what assets cost in yen, as the exchange or a feed tells it; the newest, and that of the day's set moment. */
import { Units } from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { unprocessable, type Reply } from '../api/problem.ts';
import type { Price } from './limit.ts';

const trillion = 12;

/** A decimal number of yen → trillionths of one. */
const Yen = z
  .string()
  .regex(
    /^(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,12})?$/,
    'must be a decimal number of yen, with at most 12 places',
  )
  .transform((text) => {
    const [yen = '0', places = ''] = text.split('.');
    return BigInt(yen + places.padEnd(trillion, '0'));
  })
  .refine((yen) => yen > 0n, 'must be more than 0');

/** What a feed answers, and what POST /v1/prices takes. */
export const PricesBody = z.strictObject({
  at: z.int().positive().meta({ description: 'When these were the prices, ms of Unix time.' }),
  prices: z
    .array(
      z.strictObject({
        asset: z.string().regex(/^[a-z0-9:._-]{1,64}$/, 'must be an asset’s name, as nem:xem'),
        yen: Yen,
        per: Units.refine(
          (units) => units > 0n && units <= 10n ** 36n,
          'must be more than 0 and have at most 36 zeros',
        ).meta({
          description: 'For how many smallest units: 1000000 for one XEM.',
        }),
      }),
    )
    .min(1)
    .max(1000),
});
export type PricesBody = z.output<typeof PricesBody>;

/** How far a teller's clock may be ahead of ours, in milliseconds. */
const skew = 60_000;

/** Kept for ever. A price of the past is kept too, and changes nothing that is newer; what was said once stays said. */
export async function keepPrices(
  client: Client,
  { at, prices }: PricesBody,
  source: string,
  now: number,
): Promise<Reply> {
  if (at > now + skew)
    return unprocessable('future-price', 'at', `is later than now, ${now}: correct the clock`);
  const kept = await client.query(
    `insert into custody.price (asset, at, yen, per, source, kept_at)
       select asset, $2, yen, per, $5, $6 from unnest($1::text[], $3::numeric[], $4::numeric[]) as told (asset, yen, per)
       on conflict do nothing`,
    [
      prices.map(({ asset }) => asset),
      at,
      prices.map(({ yen }) => yen.toString()),
      prices.map(({ per }) => per.toString()),
      source,
      now,
    ],
  );
  return { status: 200, body: { at, kept: kept.rowCount ?? 0 } };
}

export interface Told extends Price {
  readonly asset: string;
  readonly at: number;
}

const units = z.string().transform(BigInt);
const Kept = z.object({ asset: z.string(), at: z.coerce.number().pipe(z.int()), yen: units, per: units });

/** Of each asset the newest price of a moment or before it, of those that were told by then: what is told later changes no day. */
export async function pricesAt(client: Client, moment: number): Promise<ReadonlyMap<string, Told>> {
  const found = await rows(
    client,
    Kept,
    `select distinct on (asset) asset, at, yen::text, per::text from custody.price
       where at <= $1 and kept_at <= $1 order by asset, at desc`,
    [moment],
  );
  return new Map(found.map((one) => [one.asset, one]));
}

const minute = 60_000;
const day = 1440 * minute;

export const Moment = z.strictObject({
  /** The time of day at which a day's prices are set, as on a clock there. */
  time: z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time of day as 15:00'),
  /** What that clock is ahead of UTC. Japan: +09:00, all year. */
  offset: z.string().regex(/^[+-](?:0[0-9]|1[0-4]):[0-5][0-9]$/, 'must be an offset as +09:00'),
});
export type Moment = z.infer<typeof Moment>;

/** The newest set moment that is past, in milliseconds of Unix time. */
export function lastMoment({ time, offset }: Moment, now: number): number {
  const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
  const ahead = minutes(offset.slice(1)) * (offset.startsWith('-') ? -1 : 1);
  const first = (minutes(time) - ahead) * minute;
  return Math.floor((now - first) / day) * day + first;
}

/** Only prices that are not too old at a moment; null where one of the assets has none. */
export function freshPrices(
  told: ReadonlyMap<string, Told>,
  assets: readonly string[],
  moment: number,
  staleMs: number,
): { readonly prices: ReadonlyMap<string, Price> | null; readonly stale: readonly string[] } {
  const stale = assets.filter((asset) => (told.get(asset)?.at ?? -Infinity) < moment - staleMs);
  return { prices: stale.length > 0 ? null : told, stale };
}
