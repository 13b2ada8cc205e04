/**
 * Room: whether the policy's rolling limit lets a payment leave now. Signers and watchtowers judge it by their own
 * counters; asked here first, a payment for which there is no room waits in the line, where it can still be taken back,
 * and is not refused for what an hour changes.
 */
import { Units, type Intent } from '@kuramori/core';
import { row, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from '../house.ts';
import { notify } from '../notice.ts';

export interface Room {
  /** Why there is no room now; null where there is, and then it counts as taken. */
  readonly lacks: (house: House, intent: Intent) => Promise<string | null>;
}

/** How long what was read is good for, in milliseconds: a day's payments are not added up for each of them. */
const freshMs = 5_000;

export function openRoom(): Room {
  let [readAt, used, taken] = [-Infinity, 0n, 0n];
  return {
    async lacks(house, intent) {
      const { wallet, asset, amount, feeCap, reason } = intent;
      const rule = house.policy.rules.find((one) => one.wallet === wallet && one.asset === asset);
      if (!rule || reason === 'sweep') return null;
      const { hours, units } = rule.rolling;
      const at = house.clock.now();
      const fits = () => used + taken + amount + feeCap <= units;
      // Where what is remembered leaves no room, or is old, it is read: no payment waits for what was planned elsewhere.
      if (Math.abs(at - readAt) > freshMs || !fits()) {
        used = await usedWithin(house.pool, intent, at - hours * 3_600_000);
        [readAt, taken] = [at, 0n];
      }
      if (fits()) {
        taken += amount + feeCap;
        return null;
      }
      const why = `${used} of ${units} left ${wallet} within ${hours} h, and the policy lets no more leave`;
      const what = `payments wait: ${why}. They go on as the hours pass, or under another policy`;
      await notify(house.pool, { key: `no-room:${wallet}`, severity: 'warning', what, at });
      return why;
    },
  };
}

/** As signers count: each payment once, from its newest plan on, whatever became of it; the one that asks is not in its own way. */
async function usedWithin(client: Client, { id, wallet, asset }: Intent, since: number): Promise<bigint> {
  const { used } = await row(
    client,
    z.object({ used: Units }),
    `select coalesce(sum(w.amount + w.fee_cap), 0)::text as used
       from custody.plan p join custody.withdrawal w on w.id = p.withdrawal and w.plan = p.number
       where p.at > $1 and w.wallet = $2 and w.asset = $3 and w.reason <> 'sweep' and w.id <> $4`,
    [since, wallet, asset, id],
  );
  return used;
}
