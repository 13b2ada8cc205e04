/** Services and stops as they are kept. They change only by the functions of 0006-services.sql. */
import { inTransaction, LedgerError, row, rows, type Client } from '@kuramori/ledger';
import { DatabaseError, type Pool } from 'pg';
import { z } from 'zod';
import { ServiceName, type Order } from './runbook.ts';
import type { Frozen } from './sight.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
export const ServiceState = z.enum(['open', 'stopped']);

export const Service = z.object({
  asset: z.string(),
  service: ServiceName,
  state: ServiceState,
  why: z.string().nullable(),
  stop: integer.nullable(),
  changed_at: z.date(),
});
export type Service = z.infer<typeof Service>;

export function listServices(client: Client): Promise<Service[]> {
  return rows(
    client,
    Service,
    'select asset, service, state, why, stop, changed_at from custody.service order by asset, service',
  );
}

export const Stop = z.object({
  id: integer,
  asset: z.string(),
  why: z.string(),
  steps: z.array(z.object({ service: ServiceName, waitSeconds: z.number() })),
  frozen_by: z.array(z.string()),
  began_at: z.date(),
  stopped_at: z.date().nullable(),
  thawed_at: z.date().nullable(),
  /** What comes next; null before all is stopped and nobody is frozen. */
  next: ServiceName.nullable(),
  people: z.int().nullable(),
  opens_at: z.date().nullable(),
  confirmed: z.array(z.object({ person: z.string(), why: z.string() })),
});
export type Stop = z.infer<typeof Stop>;

/** A person says that the next stage of a stop may be opened. Gives how many have; throws a LedgerError where they may not. */
export async function confirmReopening(
  client: Client,
  said: { readonly stop: number; readonly asset: string; readonly service: string; readonly why: string },
): Promise<number> {
  try {
    const { count } = await row(
      client,
      z.object({ count: integer }),
      'select custody.confirm_reopening($1, $2, $3, $4) as count',
      [said.stop, said.asset, said.service, said.why],
    );
    return count;
  } catch (cause) {
    // What the database refuses in a sentence of ours is passed on as it is.
    if (cause instanceof DatabaseError) throw new LedgerError(cause.message, { cause });
    throw cause;
  }
}

export function openStops(client: Client): Promise<Stop[]> {
  return rows(
    client,
    Stop,
    `select s.id, s.asset, s.why, s.steps, s.frozen_by, s.began_at, s.stopped_at, s.thawed_at, n.service as next, n.people,
         n.opens_at, coalesce((select json_agg(json_build_object('person', r.person, 'why', r.why) order by r.at)
           from custody.reopening r where r.stop = s.id and r.service = n.service), '[]') as confirmed
       from custody.stop s left join lateral custody.next_stage(s.id) n on true where s.ended_at is null order by s.id`,
  );
}

export async function knowAssets(client: Client, assets: readonly string[]): Promise<void> {
  await client.query('select custody.know_assets($1)', [assets]);
}

/** In the caller's transaction. */
export async function seeFrozen(
  client: Client,
  asset: string,
  { why, by, freezes }: Frozen,
  { stop, reopen }: Order,
): Promise<void> {
  await client.query('select custody.see_frozen($1, $2, $3, $4, $5, $6)', [
    asset,
    why.slice(0, 1000).replaceAll('\0', '\uFFFD'),
    by,
    freezes,
    JSON.stringify(stop),
    JSON.stringify(reopen),
  ]);
}

/** Whether an asset was stopped for this freeze already. */
export async function isSeen(client: Client, asset: string, freeze: string): Promise<boolean> {
  const { seen } = await row(
    client,
    z.object({ seen: z.boolean() }),
    'select exists (select from custody.stop where asset = $1 and $2 = any(freezes)) as seen',
    [asset, freeze],
  );
  return seen;
}

export async function seeThawed(client: Client, stop: number): Promise<void> {
  await client.query('select custody.see_thawed($1)', [stop]);
}

/** False where somebody else has done it. */
export function stopService(pool: Pool, stop: number, service: ServiceName): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const Done = z.object({ done: z.boolean() });
    return (await row(client, Done, 'select custody.stop_service($1, $2) as done', [stop, service])).done;
  });
}

/** The service that is open now; null where people have not said so, or its time has not come. */
export function openService(pool: Pool, stop: number): Promise<ServiceName | null> {
  return inTransaction(pool, async (client) => {
    const Opened = z.object({ service: ServiceName.nullable() });
    return (await row(client, Opened, 'select custody.open_service($1) as service', [stop])).service;
  });
}

const Heard = z.object({ heard: z.boolean() });

/** Whether each of these webhooks has accepted the newest word of a stopped service, or it has been waited for long enough. */
export async function isHeard(
  client: Client,
  asset: string,
  { service, waitSeconds }: Stop['steps'][number],
  webhooks: readonly string[],
): Promise<boolean> {
  const { heard } = await row(
    client,
    Heard,
    `select clock_timestamp() - changed_at >= $4 * interval '1 second' or not exists (
         select from unnest($3::text[]) hook left join custody.delivery d on d.webhook = hook and d.event = (
           select number from custody.event where kind = 'service' and object = asset || ':' || service
             order by seq desc limit 1)
         where d.state is distinct from 'accepted') as heard
       from custody.service where asset = $1 and service = $2`,
    [asset, service, webhooks, waitSeconds],
  );
  return heard;
}

const Told = z.object({
  asset: z.string(),
  service: ServiceName,
  state: ServiceState,
  why: z.string().nullable(),
  stop: integer.nullable(),
  at: integer,
});

/** Every word of every service, in the order of telling. */
export function serviceHistory(client: Client): Promise<z.infer<typeof Told>[]> {
  return rows(
    client,
    Told,
    `select data->>'asset' as asset, data->>'service' as service, state, data->>'why' as why, data->>'stop' as stop, at
       from custody.event where kind = 'service' order by seq`,
  );
}
