/** Standing: how each asset stands against its limit at this moment, from the books alone. What the treasury decides by, and shows. */
import { inTransaction, rows, stocks, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from '../house.ts';
import { lastStates } from '../withdrawals/states.ts';
import { outflowAnHour, readFlows, type Flow } from './flow.ts';
import { hotLimits, hotShare, type HotLimit, type Needed } from './limit.ts';
import { freshPrices, lastMoment, pricesAt, type Told } from './price.ts';

export interface Standing extends Needed {
  /** Of the hot coins, what accepted payments will take, fee caps among it. */
  readonly promised: bigint;
  /** Of the hot coins, what is on its way to cold. */
  readonly sweeping: bigint;
  /** What is expected to leave in an hour. */
  readonly anHour: bigint;
  readonly limit: HotLimit;
  readonly flow: Flow;
}

export interface Shares {
  /** Hundredths of a percent; null where it cannot be told for want of prices. */
  readonly now: number | null;
  /** By the prices of the newest set moment, of which the rules speak. */
  readonly set: number | null;
  readonly moment: number;
  readonly prices: ReadonlyMap<string, Told>;
  readonly setPrices: ReadonlyMap<string, Told>;
  /** Assets whose newest price is too old, or that have none. Empty where no price is needed. */
  readonly stale: readonly string[];
}

export interface Stand {
  readonly at: number;
  readonly assets: readonly Standing[];
  readonly shares: Shares;
}

/** To which the wallet is brought: where the share limits it, so many percent below, that the next deposit does not breach it. */
export function targetOf({ limit }: Standing, slack: bigint): bigint {
  return limit.by === 'share' ? (limit.units * (100n - slack)) / 100n : limit.units;
}

const units = z.string().transform(BigInt);
const Open = z.object({ asset: z.string(), promised: units, sweeping: units });

/** All of it at one moment: a payment that is settled meanwhile must not be hot and no longer promised. */
export function standing(house: House): Promise<Stand> {
  return inTransaction(house.pool, async (client) => {
    await client.query('set transaction isolation level repeatable read read only');
    return read(house, client);
  });
}

async function read(house: House, client: Client): Promise<Stand> {
  const at = house.clock.now();
  const books = await stocks(client);
  const flows = await readFlows(client, at);
  const open = await rows(
    client,
    Open,
    `select asset, coalesce(sum(amount + fee_cap) filter (where reason <> 'sweep'), 0)::text as promised,
        coalesce(sum(amount + fee_cap) filter (where reason = 'sweep'), 0)::text as sweeping
       from custody.withdrawal where not state = any($1) group by asset`,
    [lastStates],
  );
  const needed = books.map((stock) => {
    const flow = flows.get(stock.asset) ?? { out: [], in: [], hours: 1 };
    const least = house.treasury.leastOutflow.find(({ asset }) => asset === stock.asset)?.perHour ?? 0n;
    const expected = outflowAnHour(flow);
    const anHour = expected > least ? expected : least;
    return { ...stock, flow, anHour, need: overRefill(anHour, house.treasury.refillHours) };
  });
  const shares = await readShares(house, client, needed, at);
  const usable = shares.stale.length === 0 ? shares.prices : null;
  const limits = hotLimits(needed, usable, house.policy.hotShareBps);
  return {
    at,
    shares,
    assets: needed.map((one, index) => {
      const mine = open.find(({ asset }) => asset === one.asset);
      const limit = limits[index] ?? { asset: one.asset, units: 0n, by: 'share' };
      return { ...one, promised: mine?.promised ?? 0n, sweeping: mine?.sweeping ?? 0n, limit };
    }),
  };
}

/** Expected outflow × refill time, rounded up; hours may be a fraction. */
function overRefill(anHour: bigint, hours: number): bigint {
  const seconds = BigInt(Math.ceil(hours * 3600));
  return (anHour * seconds + 3599n) / 3600n;
}

async function readShares(
  house: House,
  client: Client,
  coins: readonly Needed[],
  at: number,
): Promise<Shares> {
  const { moment: when, staleMinutes } = house.treasury.prices;
  const moment = lastMoment(when, at);
  const there = coins
    .filter(({ hot, claims, need }) => hot > 0n || claims > 0n || need > 0n)
    .map(({ asset }) => asset);
  // One asset alone is the same share of itself at any price.
  const assets = there.length > 1 ? there : [];
  const [prices, setPrices] = [await pricesAt(client, at), await pricesAt(client, moment)];
  const share = (told: ReadonlyMap<string, Told>, by: number): number | null => {
    const fresh = freshPrices(told, assets, by, staleMinutes * 60_000);
    return fresh.stale.length > 0 ? null : hotShare(coins, told);
  };
  return {
    now: share(prices, at),
    set: share(setPrices, moment),
    moment,
    prices,
    setPrices,
    stale: freshPrices(prices, assets, at, staleMinutes * 60_000).stale,
  };
}
