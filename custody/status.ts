/** Status: the whole house at a glance, and whether there is anything to do at this moment. */
import { call } from '@kuramori/chains/http';
import { signerRoutes, watchtowerRoutes } from '@kuramori/core';
import { houseBalances, inTransaction, row, rows, totals, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { Branch } from './branch.ts';
import type { House } from './house.ts';
import { openNotices } from './notice.ts';
import { otherOutgoing } from './chain/outgoing.ts';
import type { Scans } from './chain/scan.ts';
import { capacity } from './withdrawals/capacity.ts';
import { backlogOf } from './webhooks/delivery.ts';
import { countBusy, countStates } from './withdrawals/row.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Held = z.object({ count: integer });

/** For operators. What is silent is shown as silent; nothing here is believed by anything that pays. */
export async function status(house: House, scans: Scans): Promise<object> {
  const [signers, watchtowers] = await Promise.all([
    Promise.all(
      Array.from(house.signers, async ([id, at]) => ({
        id,
        says: await call(at, signerRoutes.status, {}),
      })),
    ),
    Promise.all(
      house.watchtowers.map(async ({ key, at }) => ({
        key,
        says: await call(at, watchtowerRoutes.status, {}),
      })),
    ),
  ]);
  const books = await inTransaction(house.pool, async (client) => ({
    withdrawals: Object.fromEntries((await countStates(client)).map(({ state, count }) => [state, count])),
    heldDeposits: (
      await row(client, Held, "select count(*) as count from custody.deposit where state = 'held'")
    ).count,
    totals: await totalsOf(house, client),
    accounts: await houseBalances(client),
    otherSpends: await otherOutgoing(client),
    catchingUp: await catchingUp(house, scans, client),
    chains: await chainsOf(house, scans, client),
    notices: await openNotices(client),
  }));
  return {
    network: house.policy.network,
    exchange: house.exchange.id,
    policy: house.policyDigest,
    at: house.clock.now(),
    webhooks: await Promise.all(
      house.webhooks.map(async ({ id }) => ({ webhook: id, ...(await backlogOf(house.pool, id)) })),
    ),
    ...books,
    code: house.statements.code(house)?.statement.code ?? null,
    signers,
    watchtowers,
  };
}

const Forgotten = z.object({ intent: z.string(), why: z.string().nullable() });
const Disputed = z.object({ id: z.string(), why: z.string().nullable() });

/** What a database that may be yesterday's needs before it is today's. All empty, and `done`, in a house in order. */
async function catchingUp(house: House, scans: Scans, client: Client): Promise<object> {
  const { read, journals } = house.journals.state();
  const behind = scans
    .states()
    .values()
    .map(({ height, target }) => (target === null ? null : Math.max(0, target - height)))
    .toArray();
  return {
    done: read && behind.every((blocks) => blocks === 0),
    // Entries of each signer that are not read yet, and why.
    journals: journals.map(({ signer, seq, of, why }) => ({
      signer,
      unread: of === null ? null : of - seq,
      why,
    })),
    // Of all chains; null where one of them is not known.
    blocks: behind.reduce((sum, blocks) => (sum === null || blocks === null ? null : sum + blocks), 0),
    // Payments in the journals that are not in this database, and what is missing to learn them again.
    forgotten: await rows(
      client,
      Forgotten,
      'select intent, why from custody.forgotten where learned_at is null order by at limit 100',
    ),
    disputed: await rows(
      client,
      Disputed,
      "select id, why from custody.withdrawal where state = 'disputed' order by arrival limit 100",
    ),
  };
}

const Waiting = z.object({ priority: z.string(), waiting: integer, customers: integer });

/** What of the house is a chain's. */
async function chainsOf(house: House, scans: Scans, client: Client): Promise<object> {
  const shown: Record<string, object> = {};
  for (const branch of house.branches) {
    const { confirmations, hot } = branch;
    const scan = scans.states().get(hot.chain);
    shown[hot.chain] = { wallet: hot.id, confirmations, scan, line: await lineOf(branch, client) };
  }
  return shown;
}

async function totalsOf({ branches }: House, client: Client): Promise<object> {
  const shown: Record<string, object> = {};
  for (const asset of branches.flatMap(({ assets }) => assets)) shown[asset] = await totals(client, asset);
  return shown;
}

async function lineOf(house: Branch, client: Client): Promise<object> {
  const lanes = await rows(
    client,
    Waiting,
    `select priority, count(*) as waiting, count(distinct customer) as customers from custody.withdrawal
       where wallet = $1 and queued_at is not null and turn_at is null group by priority order by priority`,
    [house.hot.id],
  );
  return { capacity: capacity(house), lanes };
}

/** Nothing to decide, sign or send at this moment: what is open waits for somebody else or for the chain. */
export async function isIdle(house: House, scans: Scans, answering: number): Promise<boolean> {
  const states = scans.states().values().toArray();
  const busy = states.some(
    ({ height, target, stopped }) => stopped !== null || target === null || height < target,
  );
  if (answering > 0 || busy) return false;
  return (await countBusy(house)) === 0;
}
