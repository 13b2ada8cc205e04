/**
 * Room: whether the policy's rolling limit lets a payment leave now. Signers and watchtowers judge it by their own
 * counters; asked here first, a payment for which there is no room waits in the line, where it can still be taken back,
 * and is not refused for what an hour changes.
 */
import { lineOf, ruleFor, Units, type Intent } from '@kuramori/core';
import { row, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { Branch } from '../branch.ts';
import { notify } from '../notice.ts';

export interface Room {
  /** Why there is no room now; null where there is, and then it counts as taken. */
  readonly lacks: (house: Branch, intent: Intent) => Promise<string | null>;
}

/** How long what was read is good for, in milliseconds: a day's payments are not added up for each of them. */
const freshMs = 5_000;
/** How long a place is kept for one that has found room and is not planned yet. */
const keptMs = 60_000;

interface Kept {
  readonly units: bigint;
  /** This machine's monotonic time. */
  readonly until: number;
}

export function openRoom(): Room {
  let [readAt, used] = [-Infinity, 0n];
  /** Those that found room since, and are not in what was read. */
  const kept = new Map<string, Kept>();
  let reading: Promise<void> | undefined;

  async function read(house: Branch, intent: Intent, since: number): Promise<void> {
    const line = lineOf(house.policy, intent.wallet);
    const found = await usedWithin(house.pool, { line, asset: intent.asset }, since, [...kept.keys()]);
    used = found.used;
    readAt = house.clock.now();
    for (const id of found.planned) kept.delete(id);
  }

  return {
    async lacks(house, intent) {
      const { id, wallet, asset, amount, feeCap, reason } = intent;
      const rule = ruleFor(house.policy, wallet, asset);
      if (!rule || reason === 'sweep') return null;
      const { hours, units } = rule.rolling;
      const at = house.clock.now();
      const since = at - hours * 3_600_000;
      const fits = (own = 0n) => used - own + reserved(kept, id) + amount + feeCap <= units;
      // Where what is remembered leaves no room, or is old, it is read: by one for all who ask at the moment.
      if (Math.abs(at - readAt) > freshMs || !fits()) {
        reading ??= read(house, intent, since).finally(() => (reading = undefined));
        await reading;
      }
      // Planned anew, its earlier plan being dead, a payment does not stand in its own way.
      if (fits() || fits(await ownWithin(house.pool, id, since))) {
        kept.set(id, { units: amount + feeCap, until: performance.now() + keptMs });
        return null;
      }
      const why = `${used} of ${units} left ${wallet} within ${hours} h, and the policy lets no more leave`;
      const what = `payments wait: ${why}. They go on as the hours pass, or under another policy`;
      await notify(house.pool, { key: `no-room:${wallet}`, severity: 'warning', what, at });
      return why;
    },
  };
}

function reserved(kept: Map<string, Kept>, but: string): bigint {
  let sum = 0n;
  for (const [id, { units, until }] of kept) {
    if (until < performance.now()) kept.delete(id);
    else if (id !== but) sum += units;
  }
  return sum;
}

const Used = z.object({ used: Units, planned: z.array(z.string()) });

/** As signers count, of all wallets that had one place: each payment once, from its newest plan on, whatever became of it. */
function usedWithin(
  client: Client,
  { line, asset }: { readonly line: readonly string[]; readonly asset: string },
  since: number,
  ids: readonly string[],
): Promise<z.output<typeof Used>> {
  return row(
    client,
    Used,
    `select coalesce(sum(w.amount + w.fee_cap), 0)::text as used,
        coalesce(array_agg(w.id) filter (where w.id = any($4)), '{}') as planned
       from custody.plan p join custody.withdrawal w on w.id = p.withdrawal and w.plan = p.number
       where p.at > $1 and w.wallet = any($2) and w.asset = $3 and w.reason <> 'sweep'`,
    [since, line, asset, ids],
  );
}

async function ownWithin(client: Client, id: string, since: number): Promise<bigint> {
  const { used } = await row(
    client,
    z.object({ used: Units }),
    `select coalesce(sum(w.amount + w.fee_cap), 0)::text as used
       from custody.withdrawal w join custody.plan p on p.withdrawal = w.id and p.number = w.plan
       where w.id = $1 and p.at > $2`,
    [id, since],
  );
  return used;
}
