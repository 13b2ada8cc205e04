/**
 * The treasury, top to bottom. How each asset stands is read from the books (treasury/standing.ts): what may be hot is
 * what is expected to leave in the time that a refill takes, and by value no more than the policy's share of what
 * customers are owed (treasury/limit.ts). What is too much is swept to a pinned cold wallet: a payment like any other,
 * that signers and watchtowers judge by the policy's caps. What is missing is asked of the vaults: a request, no more.
 * A share above the policy's, prices that are old, a wallet that cannot pay what is promised: people are told. Every
 * custody may do this; one at a time does.
 */
import { XEM } from '@kuramori/core';
import { inTransaction, row } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import { z } from 'zod';
import type { House } from './house.ts';
import { alarm } from './treasury/alarm.ts';
import { httpFeed, type PriceFeed } from './treasury/feed.ts';
import { keepPrices } from './treasury/price.ts';
import { refillMissing } from './treasury/refill.ts';
import { standing } from './treasury/standing.ts';
import { sweepExcess } from './treasury/sweep.ts';

/** Looks again and again, until it is disposed of. What fails is told and tried again. */
export function startTreasury(house: House): AsyncDisposable {
  const over = new AbortController();
  const { url } = house.treasury.prices;
  const feed = url === null ? null : httpFeed(url);
  const life = (async () => {
    while (!over.signal.aborted) {
      await (feed && readFeed(house, feed, over.signal));
      await tendTreasury(house).catch((cause: unknown) => log('treasury failed', { why: reasonOf(cause) }));
      await pause(house.treasury.everySeconds * 1000, over.signal);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await life;
    },
  };
}

async function readFeed(house: House, feed: PriceFeed, over: AbortSignal): Promise<void> {
  const read = await feed(over);
  if (read.kind === 'failed') return log('prices not read', { why: read.why });
  const { url } = house.treasury.prices;
  const kept = await keepPrices(house.pool, read.body, url ?? '', house.clock.now()).catch(
    (cause: unknown) => ({ status: 500, body: { detail: reasonOf(cause) } }),
  );
  if (kept.status !== 200) log('prices not kept', { why: JSON.stringify(kept.body) });
}

/** One round, under a lock, so that no other custody sweeps or asks between looking and deciding. All of it is written, or nothing. */
export async function tendTreasury(house: House): Promise<void> {
  // Yesterday's database knows neither what was swept since nor what was promised.
  if (!house.journals.state().read) return;
  await inTransaction(house.pool, async (client) => {
    const { mine } = await row(
      client,
      z.object({ mine: z.boolean() }),
      "select pg_try_advisory_xact_lock(hashtextextended('treasury', 0)) as mine",
    );
    if (!mine) return;
    const stand = await standing(house);
    // The house pays out of one hot wallet, in one asset; others are shown, and have their limits.
    const xem = stand.assets.find(({ asset }) => asset === XEM);
    const swept = xem !== undefined && (await sweepExcess(house, client, xem));
    if (xem && !swept) await refillMissing(house, client, xem, stand.at);
    await alarm(house, client, stand, swept || (xem?.sweeping ?? 0n) > 0n);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
