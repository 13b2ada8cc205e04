/** Observe: what the benchmark sees of a house from outside, as the administrator of its database and its machine. */
import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { z } from 'zod';
import { must, until } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import type { Counts } from './counted.ts';

const Count = z.object({ count: z.coerce.number() });

async function count(database: Client, sql: string): Promise<number> {
  const { rows } = await database.query(`select count(*) as count from ${sql}`);
  return Count.parse(rows[0]).count;
}

/** Withdrawals that are accepted and not yet announced. */
export const countOpen = (database: Client) =>
  count(
    database,
    `custody.withdrawal where state in
       ('requested', 'held', 'screened', 'awaiting-approval', 'planned', 'witnessed', 'signed', 'unknown', 'expired')`,
  );

export const countCredited = (database: Client) =>
  count(database, "custody.deposit where state = 'credited'");

/** Until every withdrawal has come to its end. */
export function settled(database: Client): Promise<true> {
  return until(
    'every withdrawal to be final',
    async () =>
      (await count(database, "custody.withdrawal where state not in ('final', 'returned', 'refused')")) === 0
        ? true
        : undefined,
    180_000,
  );
}

const Time = z.object({ ms: z.coerce.number() });

/**
 * Accepted to announced, in milliseconds, of every withdrawal that was announced between two moments: from the step
 * `held`, of the transaction that the exchange's 201 follows, to the step `sent`, when a node had taken every part.
 */
export async function timesOf(database: Client, since: number, till: number): Promise<readonly number[]> {
  const { rows } = await database.query(
    `select sent.at - held.at as ms from custody.withdrawal_step sent
       join custody.withdrawal_step held on held.withdrawal = sent.withdrawal and held.state = 'held'
       where sent.state = 'sent' and sent.at >= $1 and sent.at < $2`,
    [since, till],
  );
  return rows.map((row) => Time.parse(row).ms);
}

/** How long a withdrawal stood before each step, on average, of those that took it between two moments. Milliseconds. */
export async function stepsBetween(
  database: Client,
  since: number,
  till: number,
): Promise<readonly { readonly state: string; readonly ms: number }[]> {
  const { rows } = await database.query(
    `select step.state, round(avg(step.at - before.at)) as ms from custody.withdrawal_step step
       join custody.withdrawal_step before on before.withdrawal = step.withdrawal and before.number = step.number - 1
       where step.at >= $1 and step.at < $2 group by step.state order by min(step.number)`,
    [since, till],
  );
  return rows.map((row) => Time.extend({ state: z.string() }).parse(row));
}

export async function heightOf({ nodes: [node] }: House): Promise<number> {
  return must(await node.height());
}

const Pid = z.object({ pid: z.int() });
/** Linux counts processor time in hundredths of a second (sysconf _SC_CLK_TCK). */
const tickMs = 10;

/** Processor time so far of every process, in milliseconds; Postgres is all of its processes. */
export async function processorOf(counts: Counts, database: Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query('select pid from pg_stat_activity');
  const postgres = rows.map((row) => ticksOf(Pid.parse(row).pid) * tickMs).reduce((sum, one) => sum + one, 0);
  return new Map([
    ...Array.from(counts, ([name, { cpuMs }]) => [name, cpuMs] as const),
    ['postgres', postgres],
  ]);
}

function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
