/** Status: the whole house at a glance, and whether there is anything to do at this moment. */
import { call } from '@kuramori/chains/http';
import { signerRoutes, watchtowerRoutes, XEM } from '@kuramori/core';
import { houseBalances, inTransaction, row, totals } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from './house.ts';
import { openNotices } from './notice.ts';
import { otherOutgoing } from './outgoing.ts';
import type { Scan } from './scan.ts';
import { countBusy, countStates } from './withdrawal-row.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Held = z.object({ count: integer });

/** For operators. What is silent is shown as silent; nothing here is believed by anything that pays. */
export async function status(house: House, scan: Scan): Promise<object> {
  const [signers, watchtowers] = await Promise.all([
    Promise.all(
      Array.from(house.signers, async ([id, socket]) => ({
        id,
        says: await call(socket, signerRoutes.status, {}),
      })),
    ),
    Promise.all(
      house.watchtowers.map(async ({ key, socket }) => ({
        key,
        says: await call(socket, watchtowerRoutes.status, {}),
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
    notices: await openNotices(client),
  }));
  return {
    network: house.policy.network,
    exchange: house.exchange.id,
    policy: house.policyDigest,
    at: house.clock.now(),
    confirmations: house.confirmations,
    scan: scan.state(),
    ...books,
    signers,
    watchtowers,
  };
}

/** Nothing to decide, sign or send at this moment: what is open waits for somebody else or for the chain. */
export async function isIdle(house: House, scan: Scan, answering: number): Promise<boolean> {
  const { height, target, stopped } = scan.state();
  if (answering > 0 || stopped !== null || target === null || height < target) return false;
  return (await countBusy(house)) === 0;
}
