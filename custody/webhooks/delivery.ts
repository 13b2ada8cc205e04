/** Delivery: an event on its way to a webhook. What is due, what an attempt came to, what is sent again. */
import { inTransaction, rows, type Client } from '@kuramori/ledger';
import type { Pool } from 'pg';
import { z } from 'zod';
import { eventColumns, EventRow } from './feed.ts';
import { nextAttempt } from './schedule.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

/** How long one attempt may take, with everything; after that whoever asks may try again. ms */
export const lease = 30_000;

const Due = EventRow.extend({ round: integer, tries: integer, first_at: integer.nullable() });
export type Due = z.infer<typeof Due>;

/**
 * Takes what is due now, at most `limit`: the first open event of each object. It is nobody else's for the lease, and
 * after a crash somebody's again.
 */
export function claimDue(pool: Pool, webhook: string, now: number, limit: number): Promise<Due[]> {
  return inTransaction(pool, (client) =>
    rows(
      client,
      Due,
      `with head as (
         select event from custody.delivery due where webhook = $1 and state = 'due' and next_at <= $2
           and not exists (select 1 from custody.delivery before where before.webhook = $1
             and before.object = due.object and before.event < due.event and before.state <> 'accepted')
         order by next_at, event limit $3 for update skip locked
       ), taken as (
         update custody.delivery set next_at = $2 + $4, tries = tries + 1, first_at = coalesce(first_at, $2)
           from head where webhook = $1 and delivery.event = head.event
           returning delivery.event, round, tries, first_at
       )
       select ${eventColumns}, round, tries, first_at from taken join custody.event on event.number = taken.event
         order by number`,
      [webhook, now, limit, lease],
    ),
  );
}

/** What an attempt came to. An answer to an attempt from before a replay changes nothing. */
export async function keepOutcome(
  pool: Pool,
  webhook: string,
  due: Due,
  outcome: { readonly accepted: boolean; readonly answer: string },
  now: number,
): Promise<'accepted' | 'due' | 'parked'> {
  const { number, round, tries, first_at: firstAt } = due;
  const next = nextAttempt(tries, firstAt ?? now, now, Math.random());
  const state = outcome.accepted ? 'accepted' : next === null ? 'parked' : 'due';
  await inTransaction(pool, async (client) => {
    const kept = await client.query(
      `update custody.delivery set state = $4, next_at = $5, answer = $6
         where webhook = $1 and event = $2 and round = $3`,
      [webhook, number, round, state, next ?? now, outcome.answer.slice(0, 500)],
    );
    if (kept.rowCount !== 1) return;
    // What comes after it cannot be sent before it: it waits as long, and is parked with it.
    await client.query(
      `update custody.delivery set state = $3, next_at = $4
         where webhook = $1 and event > $2 and state = 'due' and object = $5`,
      [
        webhook,
        number,
        outcome.accepted ? 'due' : state,
        outcome.accepted ? now : (next ?? now),
        `${due.kind}:${due.object}`,
      ],
    );
  });
  return state;
}

/** How many one replay sends again at most. */
export const longestReplay = 10_000;

export interface Replayed {
  readonly count: number;
  /** The first and the last number; null where there is none. */
  readonly from: number | null;
  readonly to: number | null;
  /** How many of them stay parked, since an earlier event of their object is parked and not among them. */
  readonly heldBack: number;
}

/** Sends again what lies between two numbers, both included, accepted or not, as if it were new: same ids, in order. */
export async function replay(
  client: Client,
  webhook: string,
  from: number,
  to: number | undefined,
  now: number,
): Promise<Replayed> {
  const chosen = await rows(
    client,
    z.object({ number: integer, object: z.string() }),
    `select number, kind || ':' || object as object from custody.event
       where number >= $1 and ($2::bigint is null or number <= $2) order by number limit $3`,
    [from, to ?? null, longestReplay],
  );
  const numbers = chosen.map((event) => event.number);
  const objects = chosen.map((event) => event.object);
  // A webhook that is younger than an event gets its copy now.
  await client.query(
    `insert into custody.delivery (webhook, event, object, state, next_at)
       select $1, number, object, 'due', $4 from unnest($2::bigint[], $3::text[]) as chosen (number, object)
       on conflict (webhook, event) do update
         set state = 'due', round = delivery.round + 1, tries = 0, first_at = null, next_at = $4, answer = null`,
    [webhook, numbers, objects, now],
  );
  // What was parked behind them goes on after them; what is parked before them still holds them back.
  await client.query(
    `update custody.delivery set next_at = $3,
         state = case when exists (select 1 from custody.delivery before where before.webhook = $1
           and before.object = delivery.object and before.event < $4 and before.state = 'parked') then 'parked' else 'due' end
       where webhook = $1 and state <> 'accepted' and object = any($2) and event >= $4`,
    [webhook, [...new Set(objects)], now, numbers[0] ?? 0],
  );
  const [held] = await rows(
    client,
    z.object({ count: integer }),
    "select count(*) as count from custody.delivery where webhook = $1 and event = any($2) and state = 'parked'",
    [webhook, numbers],
  );
  return {
    count: numbers.length,
    from: numbers[0] ?? null,
    to: numbers.at(-1) ?? null,
    heldBack: held?.count ?? 0,
  };
}

export const DeliveryState = z.enum(['due', 'accepted', 'parked']);

const Delivery = z.object({
  event: integer,
  object: z.string(),
  state: DeliveryState,
  tries: integer,
  next_at: integer,
  answer: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** The oldest first; at most `limit` after an event's number. */
export function listDeliveries(
  client: Client,
  webhook: string,
  state: z.infer<typeof DeliveryState> | undefined,
  after: number,
  limit: number,
): Promise<Delivery[]> {
  return rows(
    client,
    Delivery,
    `select event, object, state, tries, next_at, answer from custody.delivery
       where webhook = $1 and ($2::text is null or state = $2) and event > $3 order by event limit $4`,
    [webhook, state ?? null, after, limit],
  );
}

const Backlog = z.object({ due: integer, parked: integer, oldest: integer.nullable() });

/** What waits and what was given up; `oldest`: when the oldest of them happened, ms of Unix time. */
export async function backlogOf(client: Client, webhook: string): Promise<z.infer<typeof Backlog>> {
  const [found] = await rows(
    client,
    Backlog,
    `select count(*) filter (where delivery.state = 'due') as due,
            count(*) filter (where delivery.state = 'parked') as parked, min(at) as oldest
       from custody.delivery join custody.event on number = delivery.event
       where webhook = $1 and delivery.state <> 'accepted'`,
    [webhook],
  );
  return found ?? { due: 0, parked: 0, oldest: null };
}
