/** Feed: events in their order, numbered once they are committed, and copied to each webhook. */
import { inTransaction, rows, type Client } from '@kuramori/ledger';
import type { Pool } from 'pg';
import { z } from 'zod';
import { eventData, type Event, type EventKind } from './event-data.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

/** How many are numbered in one transaction. */
const batch = 1000;

/** Gives the newest events their numbers, and each webhook its copies. Returns how many there were. */
export async function number(pool: Pool, webhooks: readonly string[], now: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    // One at a time, whoever does it: numbers have no gaps, and none appears below one that was seen.
    await client.query("select pg_advisory_xact_lock(hashtextextended('kuramori events', 0))");
    const numbered = await rows(
      client,
      z.object({ number: integer }),
      `with open as (
         select seq, row_number() over (order by seq) as place from custody.event where number is null order by seq limit $1
       ), last as (select coalesce(max(number), 0) as number from custody.event)
       update custody.event set number = last.number + open.place, at = coalesce(at, $2) from open, last
         where event.seq = open.seq returning event.number`,
      [batch, now],
    );
    if (numbered.length > 0 && webhooks.length > 0) {
      // Behind a parked event of its object nothing may be sent: it is parked too, and replayed with it.
      await client.query(
        `insert into custody.delivery (webhook, event, object, state, next_at)
           select webhook, number, kind || ':' || object,
             case when exists (select 1 from custody.delivery before where before.webhook = to_all.webhook
               and before.object = kind || ':' || event.object and before.state = 'parked') then 'parked' else 'due' end, $3
           from custody.event, unnest($1::text[]) as to_all (webhook) where number = any($2)`,
        [webhooks, numbered.map((event) => event.number), now],
      );
    }
    return numbered.length;
  });
}

export const EventRow = z.object({
  number: integer,
  id: z.string(),
  kind: z.string().refine((kind): kind is EventKind => Object.hasOwn(eventData, kind)),
  state: z.string(),
  object: z.string(),
  data: z.unknown(),
  at: integer,
});
export type EventRow = z.infer<typeof EventRow>;

export const eventColumns = 'number, id, kind, state, object, data, at';

/** The event as it is told: always the same text, so that a repetition is one. */
export function toldOf({ number: place, kind, state, object, data, at }: EventRow): z.input<typeof Event> {
  return {
    number: place,
    kind,
    type: `${kind}.${state}`,
    object: `${kind}:${object}`,
    timestamp: new Date(at).toISOString(),
    data: data,
  } as z.input<typeof Event>;
}

/** At most `limit` events after a number, the oldest first. */
export function eventsAfter(client: Client, after: number, limit: number): Promise<EventRow[]> {
  return rows(
    client,
    EventRow,
    `select ${eventColumns} from custody.event where number > $1 order by number limit $2`,
    [after, limit],
  );
}
