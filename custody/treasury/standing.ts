/** Standing: how each asset stands against its limit at this moment, from the books alone. What the treasury decides by, and shows. */
import { inTransaction, rows, stocks, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from '../house.ts';
import { outflowAnHour, readFlows, type Flow } from './flow.ts';
import { hotLimits, hotShare, lowerLimits, type HotLimit, type Needed } from './limit.ts';
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
  /** The highest share of one asset of itself: what counts where prices are missing. */
  readonly apart: number;
  readonly moment: number;
  readonly prices: ReadonlyMap<string, Told>;
  readonly setPrices: ReadonlyMap<string, Told>;
  /** Assets whose newest price is too old, or that have none; and those that had none at the set moment. Empty where no price is needed. */
  readonly stale: readonly string[];
  readonly unset: readonly string[];
}

export interface Stand {
  readonly at: number;
  readonly assets: readonly Standing[];
  readonly shares: Shares;
}

/**
 * What the wallet may hold: by need, what is promised beside it, which is as good as gone; where the share limits it, every
 * hot coin counts, and yet what is promised must be there to be paid.
 */
export function boundOf({ limit, promised }: Standing, slack: bigint): bigint {
  if (limit.by === 'need') return limit.units + promised;
  // So many percent below, that the next deposit does not breach it.
  const target = (limit.units * (100n - slack)) / 100n;
  return target > promised ? target : promised;
}

/** More than this is too much, and what is beyond the bound is swept. By need a little more is no harm; by the share it is a breach. */
export function allowedOf(stand: Standing, slack: bigint): bigint {
  const { limit } = stand;
  return limit.by === 'need' ? boundOf(stand, slack) + (limit.units * slack) / 100n : limit.units;
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
    // A sweep that a block has is not hot any more, though its own story has not ended. States as in the partial index.
    `select asset, coalesce(sum(amount + fee_cap) filter (where reason <> 'sweep'), 0)::text as promised,
        coalesce(sum(amount + fee_cap) filter (where reason = 'sweep' and cold = any ($1) and not exists (
          select from custody.outgoing o where o.withdrawal = w.id and not o.gone)), 0)::text as sweeping
       from custody.withdrawal w where open group by asset`,
    [house.policy.wallets.flatMap(({ id, role }) => (role === 'cold' ? id : []))],
  );
  const needed = books.map((stock) => {
    const flow = flows.get(stock.asset) ?? { out: [], in: [], hours: 1 };
    const least = house.treasury.leastOutflow.find(({ asset }) => asset === stock.asset)?.perHour ?? 0n;
    const expected = outflowAnHour(flow);
    const anHour = expected > least ? expected : least;
    return { ...stock, flow, anHour, need: overRefill(anHour, house.treasury.refillHours) };
  });
  const { shares, limits } = await bound(house, client, needed, at);
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

/** By the newest prices and by those of the set moment: the lower limit counts, since neither may be breached. */
async function bound(
  house: House,
  client: Client,
  coins: readonly Needed[],
  at: number,
): Promise<{ readonly shares: Shares; readonly limits: readonly HotLimit[] }> {
  const { moment: when, staleMinutes } = house.treasury.prices;
  const moment = lastMoment(when, at);
  const there = coins.filter(({ hot, claims, need }) => hot > 0n || claims > 0n || need > 0n);
  // One asset alone is the same share of itself at any price.
  const assets = there.length > 1 ? there.map(({ asset }) => asset) : [];
  const [prices, setPrices] = [await pricesAt(client, at), await pricesAt(client, moment)];
  const fresh = freshPrices(prices, assets, at, staleMinutes * 60_000);
  const set = freshPrices(setPrices, assets, moment, staleMinutes * 60_000);
  const most = house.policy.hotShareBps;
  return {
    limits: lowerLimits(hotLimits(coins, fresh.prices, most), hotLimits(coins, set.prices, most)),
    shares: {
      now: fresh.prices && hotShare(coins, prices),
      set: set.prices && hotShare(coins, setPrices),
      apart: Math.max(0, ...there.map((one) => hotShare([one], null) ?? 0)),
      moment,
      prices,
      setPrices,
      stale: fresh.stale,
      unset: set.stale,
    },
  };
}
