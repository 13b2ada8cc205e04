/**
 * The treasury, top to bottom. How each asset stands is read from the books (treasury/standing.ts): what may be hot is
 * what is expected to leave in the time that a refill takes, and by value no more than the policy's share of what
 * customers are owed (treasury/limit.ts). What is too much is swept to a pinned cold wallet: a payment like any other,
 * that signers and watchtowers judge by the policy's caps. What is missing is asked of the vaults: a request, no more.
 * A share above the policy's, prices that are old, a wallet that cannot pay what is promised: people are told. Every
 * custody may do this; one at a time does.
 */
import { call } from '@kuramori/chains/http';
import { freezeOf, signerRoutes, watchtowerRoutes, type Asset } from '@kuramori/core';
import { inTransaction, row, type Client } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import { z } from 'zod';
import type { Branch } from './branch.ts';
import type { House } from './house.ts';
import { lasting, type Lasting, type Notice } from './notice.ts';
import { pause } from './pause.ts';
import { alarm } from './treasury/alarm.ts';
import { httpFeed, type PriceFeed } from './treasury/feed.ts';
import { keepPrices } from './treasury/price.ts';
import { refillMissing } from './treasury/refill.ts';
import { standing, type Stand } from './treasury/standing.ts';
import { follow } from './treasury/follow.ts';
import { tellTreasury } from './told.ts';
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

/** One round, under a lock, so that no other custody sweeps or asks between looking and deciding. */
export async function tendTreasury(house: House): Promise<void> {
  // Yesterday's database knows neither what was swept since nor what was promised, and would use a number again.
  if (!(await house.journals.read(house)).read) return;
  await inTransaction(house.pool, async (lock) => {
    const { mine } = await row(
      lock,
      z.object({ mine: z.boolean() }),
      "select pg_try_advisory_xact_lock(hashtextextended('treasury', 0)) as mine",
    );
    if (!mine) return;
    // What is on its way to the wallets is no decision of the treasury's, and one that fails is not the next one's.
    for (const branch of house.branches)
      await branch.chain
        .tend?.(branch, house.pool)
        .catch((cause: unknown) => log('not tended', { chain: branch.hot.chain, why: reasonOf(cause) }));
    await round(house);
  });
}

/** What it decides is written in one transaction, or nothing is; what people must know is told whatever became of that. */
async function round(house: House): Promise<void> {
  const stand = await standing(house);
  // What people look at must not keep the treasury from its work.
  await tellTreasury(house, stand).catch((cause: unknown) => log('not told', { why: reasonOf(cause) }));
  const heard = await whySilent(house);
  let swept = stand.assets.some(({ sweeping }) => sweeping > 0n);
  let failed: unknown;
  await inTransaction(house.pool, async (client) => {
    const { raise, end } = lasting(client, 'treasury-moves', stand.at);
    if (heard.notice !== null) await raise({ key: 'stands-still', ...heard.notice });
    for (const branch of house.branches)
      for (const asset of branch.assets)
        if (!heard.silent(asset)) swept = (await decide(branch, client, stand, asset, { raise })) || swept;
    for (const branch of house.retired)
      if (!heard.silent(branch.coin)) await follow(branch, client, stand, { raise });
    await end();
  }).catch((cause: unknown) => (failed = cause));
  await inTransaction(house.pool, async (client) => {
    const told = lasting(client, 'treasury', stand.at);
    if (failed !== undefined)
      await told.raise({
        key: 'failed',
        severity: 'grave',
        what: `the treasury could neither sweep nor ask for a refill: ${reasonOf(failed)}`,
      });
    await alarm(house, stand, swept && heard.notice === null, told);
    await told.end();
  });
  if (failed !== undefined) throw failed;
}

/** True where a sweep is made. */
async function decide(
  branch: Branch,
  client: Client,
  { assets, at }: Stand,
  asset: Asset,
  told: Pick<Lasting, 'raise'>,
): Promise<boolean> {
  const stand = assets.find((one) => one.asset === asset);
  if (!stand) return false;
  // Of two assets each has its own.
  const raise: Lasting['raise'] = (notice) => told.raise({ ...notice, key: `${notice.key}:${asset}` });
  if (await sweepExcess(branch, client, { ...stand, asset }, { raise })) return true;
  await refillMissing(branch, client, { ...stand, asset }, at, { raise });
  return false;
}

interface Heard {
  /** Whether nothing is moved of the asset. */
  readonly silent: (asset: Asset) => boolean;
  readonly notice: Omit<Notice, 'id' | 'key' | 'at'> | null;
}

/** Frozen, nothing is swept, and above all no vault is asked to fill a wallet whose key may be stolen. */
async function whySilent(house: House): Promise<Heard> {
  const answers = await Promise.all([
    ...house.signers.values().map((at) => call(at, signerRoutes.status, {})),
    ...house.watchtowers.map(({ at }) => call(at, watchtowerRoutes.status, {})),
  ]);
  const said = answers.flatMap((answer) => (answer.kind === 'status' ? answer.freezes : []));
  if (!answers.some(({ kind }) => kind === 'status'))
    return {
      silent: () => true,
      notice: {
        severity: 'warning',
        what: 'no signer and no watchtower answers: the treasury stands still',
      },
    };
  const all = house.branches.flatMap(({ assets }) => assets);
  const frozen = all.filter((asset) => freezeOf(said, asset) !== undefined);
  const [first] = frozen;
  const why = first && freezeOf(said, first)?.freeze.why;
  const of = frozen.length < all.length ? ` for ${frozen.join(', ')}` : '';
  return {
    silent: (asset) => frozen.includes(asset),
    notice:
      why === undefined
        ? null
        : {
            severity: 'grave',
            what: `frozen: ${why}. The treasury stands still${of}; no vault may sign a refill that it was asked for`,
          },
  };
}
