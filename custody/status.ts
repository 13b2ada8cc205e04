/** Status: the whole house at a glance, and whether there is anything to do at this moment. */
import { call } from '@kuramori/chains/http';
import { signerRoutes, watchtowerRoutes, XEM } from '@kuramori/core';
import { houseBalances, inTransaction, row, rows, totals, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from './house.ts';
import { openNotices } from './notice.ts';
import { otherOutgoing } from './chain/outgoing.ts';
import type { Scan } from './chain/scan.ts';
import { capacity } from './withdrawals/capacity.ts';
import { backlogOf } from './webhooks/delivery.ts';
import { countBusy, countStates } from './withdrawals/row.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Held = z.object({ count: integer });

/** For operators. What is silent is shown as silent; nothing here is believed by anything that pays. */
export async function status(house: House, scan: Scan): Promise<object> {
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
    totals: { [XEM]: await totals(client, XEM) },
    accounts: await houseBalances(client),
    otherSpends: await otherOutgoing(client),
    catchingUp: await catchingUp(house, scan, client),
    line: await lineOf(house, client),
    notices: await openNotices(client),
  }));
  return {
    network: house.policy.network,
    exchange: house.exchange.id,
    policy: house.policyDigest,
    at: house.clock.now(),
    confirmations: house.confirmations,
    scan: scan.state(),
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
async function catchingUp(house: House, scan: Scan, client: Client): Promise<object> {
  const { read, journals } = house.journals.state();
  const { height, target } = scan.state();
  return {
    done: read && target !== null && height >= target,
    // Entries of each signer that are not read yet, and why.
    journals: journals.map(({ signer, seq, of, why }) => ({
      signer,
      unread: of === null ? null : of - seq,
      why,
    })),
    blocks: target === null ? null : Math.max(0, target - height),
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

async function lineOf(house: House, client: Client): Promise<object> {
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
export async function isIdle(house: House, scan: Scan, answering: number): Promise<boolean> {
  const { height, target, stopped } = scan.state();
  if (answering > 0 || stopped !== null || target === null || height < target) return false;
  return (await countBusy(house)) === 0;
}
