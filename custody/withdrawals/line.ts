/** Line: those that wait for a turn, in fair order, and when each one's turn will come. The order itself is in 0002-withdrawals.sql. */
import { row, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { capacity } from './capacity.ts';
import { enqueueAll } from '../jobs/enqueue.ts';
import type { Branch } from '../branch.ts';
import { findWithdrawal, integer, type Departing, type Withdrawal } from './row.ts';

/** The withdrawal, under its wallet's lock: nobody gets a turn meanwhile. In the caller's transaction. */
export async function holdInLine(client: Client, id: string): Promise<Withdrawal | undefined> {
  await client.query('select custody.hold_lanes(wallet) from custody.withdrawal where id = $1', [id]);
  return findWithdrawal(client, id);
}

export async function joinLine(client: Client, id: string, now: number): Promise<void> {
  await client.query('select custody.join_line($1, $2)', [id, now]);
}

/** Whether somebody waits for a turn of the wallet. Under its lock. */
export async function anyWaits(client: Client, wallet: string): Promise<boolean> {
  const found = await client.query(
    'select from custody.withdrawal where wallet = $1 and line is not null limit 1',
    [wallet],
  );
  return found.rowCount === 1;
}

/** Gives the turns that are free, and sees to it that whoever has one goes on. In the caller's transaction. */
export function giveTurns(house: Departing, client: Client): Promise<void> {
  return giveTurnsBut(house, client, []);
}

/** The same; of those who go on by themselves nobody is called. */
export async function giveTurnsBut(
  house: Departing,
  client: Client,
  present: readonly string[],
): Promise<void> {
  const given = await rows(
    client,
    z.object({ id: z.string() }),
    'select id from custody.give_turns($1, $2, $3) as id',
    [house.hot.id, capacity(house), house.clock.now()],
  );
  await enqueueAll(
    client,
    given.filter(({ id }) => !present.includes(id)).map(({ id }) => ({ id, ms: 0 })),
  );
}

/** Who waits for a turn and will get none in time: somebody must look at them. In the caller's transaction. */
export async function callLate(house: Branch, client: Client, until: number): Promise<void> {
  const late = await rows(
    client,
    z.object({ id: z.string() }),
    `select id from custody.withdrawal
       where wallet = $1 and queued_at is not null and turn_at is null and expiry <= $2 order by expiry limit 100`,
    [house.hot.id, until],
  );
  await enqueueAll(
    client,
    late.map(({ id }) => ({ id, ms: 0 })),
  );
}

export interface Place {
  /** How many have their turn before it, of those that wait now. */
  readonly ahead: number;
  /** Milliseconds of Unix time, by the pace of blocks: when it has its turn, and when a block should have it. */
  readonly turnAt: number;
  readonly confirmedAt: number;
}

const Counted = z.object({ ahead: integer });
const Lane = z.object({ priority: z.string(), stride: integer });

/**
 * The place of one that waits; undefined where it does not. In its lane: everyone's first comes before anybody's second,
 * and so on, in the order of the line. The other lanes take their share of the turns as long as somebody waits there.
 */
export async function placeOf(house: Branch, client: Client, id: string): Promise<Place | undefined> {
  const [mine] = await rows(
    client,
    z.object({ priority: z.string() }),
    'select priority from custody.withdrawal where id = $1 and queued_at is not null and turn_at is null',
    [id],
  );
  if (!mine) return undefined;
  const { ahead } = await row(
    client,
    Counted,
    `with flow as (
       select coalesce(customer, '') as name, count(*) as waiting, max(line) as line from custody.withdrawal
         where wallet = $1 and priority = $2 and queued_at is not null and turn_at is null group by 1
     ), mine as (
       select coalesce(w.customer, '') as name, count(*) as round from custody.withdrawal w, custody.withdrawal me
         where me.id = $3 and w.wallet = $1 and w.priority = $2 and w.queued_at is not null and w.turn_at is null
           and coalesce(w.customer, '') = coalesce(me.customer, '') and w.arrival <= me.arrival group by 1
     )
     select coalesce(sum(least(flow.waiting, mine.round - 1)
         + case when flow.waiting >= mine.round and flow.line < own.line then 1 else 0 end), 0) as ahead
       from mine join flow own using (name), flow`,
    [house.hot.id, mine.priority, id],
  );
  const lanes = await rows(
    client,
    Lane,
    `select priority, stride from custody.lane l where wallet = $1 and exists (
       select from custody.withdrawal w where w.wallet = l.wallet and w.priority = l.priority and w.line is not null)`,
    [house.hot.id],
  );
  const weight = ({ stride }: { stride: number }) => 1 / stride;
  const all = lanes.reduce((sum, lane) => sum + weight(lane), 0);
  const own = lanes.find(({ priority }) => priority === mine.priority);
  const share = own && all > 0 ? weight(own) / all : 1;
  const { inFlight } = await row(
    client,
    z.object({ inFlight: integer }),
    'select custody.in_flight($1) as "inFlight"',
    [house.hot.id],
  );
  return estimate(house, Math.floor(ahead / share), inFlight);
}

/** A block takes so many; those under way go first. */
function estimate(house: Branch, ahead: number, inFlight: number): Place {
  const perBlock = Math.min(capacity(house), house.chain.pace.perBlock);
  const blockSeconds = house.rules.pace.blockSeconds ?? house.chain.pace.blockSeconds;
  const blocks = Math.floor((ahead + Math.min(inFlight, capacity(house))) / perBlock);
  const turnAt = house.clock.now() + Math.ceil(blocks * blockSeconds * 1000);
  return { ahead, turnAt, confirmedAt: turnAt + Math.ceil(blockSeconds * 1000) };
}
