/** Flow: what left and what came, hour by hour; how much is expected to leave; and how a wallet's coins will then stand. */
import type { Client } from '@kuramori/ledger';
import { rows } from '@kuramori/ledger';
import { z } from 'zod';

const hourMs = 3_600_000;
const week = 168;

/** One asset's hours, the newest first, as far back as a week; in its smallest units. */
export interface Flow {
  readonly out: readonly bigint[];
  readonly in: readonly bigint[];
  /** How many of these hours the house has been at work: at least 1, at most a week. */
  readonly hours: number;
}

const units = z.string().transform(BigInt);
const Hour = z.object({ asset: z.string(), ago: z.coerce.number().pipe(z.int()), out: units, in: units });
const Began = z.object({
  asset: z.string(),
  began: z.union([z.null(), z.coerce.number().pipe(z.int())]),
});

/** What customers were paid and what they brought, by the moment at which they asked and were credited. */
export async function readFlows(client: Client, now: number): Promise<ReadonlyMap<string, Flow>> {
  const hours = await rows(
    client,
    Hour,
    `with moved as (
       select asset, requested_at as at, amount + coalesce(fee, fee_cap) as out, 0 as in
         from custody.withdrawal where reason <> 'sweep' and state not in ('returned', 'refused') and requested_at > $1
       union all
       select asset, at, 0, units from custody.deposit where state = 'credited' and at > $1
     )
     select asset, ($2 - at) / 3600000 as ago, sum(out)::text as out, sum("in")::text as in
       from moved where at <= $2 group by 1, 2`,
    [now - week * hourMs, now],
  );
  const began = await rows(
    client,
    Began,
    `select asset, least(
        (select requested_at from custody.withdrawal w where w.asset = t.asset and reason <> 'sweep' order by requested_at limit 1),
        (select at from custody.deposit d where d.asset = t.asset and state = 'credited' order by at limit 1)) as began
       from ledger.total t`,
  );
  return new Map(
    began.map(({ asset, began: first }) => {
      const mine = hours.filter((one) => one.asset === asset);
      const of = (which: 'in' | 'out') => {
        const all = Array.from({ length: week }, () => 0n);
        for (const one of mine) all[one.ago] = one[which];
        return all;
      };
      const age = Math.ceil((now - (first ?? now)) / hourMs);
      return [asset, { out: of('out'), in: of('in'), hours: Math.min(week, Math.max(1, age)) }];
    }),
  );
}

/**
 * What leaves in an hour, as it is expected: the mean of the last day or of the last week, whichever is more. So a rush
 * counts on the day on which it comes, and a quiet Sunday does not empty the wallet for Monday. Rounded up.
 */
export function outflowAnHour({ out, hours }: Flow): bigint {
  const mean = (window: number) => {
    const many = BigInt(Math.min(window, hours));
    return (sum(out.slice(0, window)) + many - 1n) / many;
  };
  const [day, all] = [mean(24), mean(week)];
  return day > all ? day : all;
}

export interface ForecastHour {
  /** Milliseconds of Unix time at which the hour begins. */
  readonly from: number;
  readonly out: bigint;
  readonly in: bigint;
  /** What is left at its end; below zero, so much is missing. */
  readonly left: bigint;
}

/**
 * The next hours, each as the same hour of the days before was on average: exchanges have their evenings. Before a whole
 * day is known, as all hours were on average.
 */
export function forecast(flow: Flow, available: bigint, now: number, hours: number): readonly ForecastHour[] {
  const days = Math.floor(flow.hours / 24);
  let left = available;
  return Array.from({ length: hours }, (_, index) => {
    const of = (all: readonly bigint[]) => {
      if (days === 0) return sum(all) / BigInt(flow.hours);
      // The hour that begins in `index` hours ended 24 × day − index − 1 whole hours ago.
      const same = Array.from({ length: days }, (_day, day) => all[24 * (day + 1) - (index % 24) - 1] ?? 0n);
      return sum(same) / BigInt(days);
    };
    const [out, came] = [of(flow.out), of(flow.in)];
    left += came - out;
    return { from: now + index * hourMs, out, in: came, left };
  });
}

function sum(all: readonly bigint[]): bigint {
  return all.reduce((total, one) => total + one, 0n);
}
