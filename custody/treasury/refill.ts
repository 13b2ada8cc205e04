/** Refill: what is missing in a hot wallet is asked of the vaults. Once, and anew where much more is missing, or it took too long. */
import { XEM } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import type { House } from '../house.ts';
import { notify } from '../notice.ts';
import { coldWallets } from './cold.ts';
import { forecast } from './flow.ts';
import { askRefill, openRefill, withdrawRefill } from './refill-row.ts';
import { targetOf, type Standing } from './standing.ts';

/** In the caller's transaction. */
export async function refillMissing(
  house: House,
  client: Client,
  stand: Standing,
  now: number,
): Promise<void> {
  const { hot, promised, sweeping, limit, flow } = stand;
  const available = hot - promised - sweeping;
  const missing = targetOf(stand, BigInt(house.treasury.sweep.slack)) - available;
  const open = await openRefill(client, house.hot.id, XEM);
  if (open) {
    const over = overBy(missing, open.amount, now >= open.expiry * 1000);
    if (over === null) return;
    await withdrawRefill(client, open, over, now);
  }
  const hours = Math.ceil(house.treasury.refillHours);
  const dry = forecast(flow, available, now, hours).find(({ left }) => left < 0n);
  const low = available * 100n < limit.units * BigInt(house.treasury.refillBelow);
  if (missing <= 0n || (!low && !dry)) return;
  const left = `${available} are left of ${limit.units} that may be hot`;
  const expected = dry ? `, and nothing by ${new Date(dry.from).toISOString()}, as it is expected` : '';
  const short = promised > hot;
  const why = short ? `${promised} are promised to customers, and ${hot} are there` : left + expected;
  await askVault(house, client, missing, why, short ? 'grave' : 'warning');
}

/** Why an open request is not what is needed any more; null where it is. */
function overBy(missing: bigint, asked: bigint, late: boolean): string | null {
  if (missing <= 0n) return 'not needed any more';
  if (late) return 'it took too long, and the vault signs it no more';
  return missing >= 2n * asked ? 'much more is missing by now' : null;
}

async function askVault(
  house: House,
  client: Client,
  missing: bigint,
  why: string,
  severity: 'warning' | 'grave',
): Promise<void> {
  const at = house.clock.now();
  const feeCap = house.policy.rules.find(({ wallet }) => wallet === house.hot.id)?.feeCap ?? 0n;
  const held = await coldWallets(house, client);
  // The smallest that has enough: a refill that empties an account leaves no key that was used and is still needed.
  const from = held.find(({ holds }) => holds >= missing + feeCap) ?? held.at(-1);
  const most = (from?.holds ?? 0n) - feeCap;
  const amount = missing < most ? missing : most;
  if (!from || amount <= 0n) {
    const what = `${missing} of ${XEM} are missing in ${house.hot.id} (${why}), and no cold wallet of its has any: bring in coins`;
    return notify(client, { key: `cold-empty:${XEM}`, severity: 'grave', what, at });
  }
  const number = await askRefill(house, client, { cold: from.wallet.id, amount, feeCap, why });
  const what = `the vaults of ${from.wallet.id} are asked for ${amount} of ${XEM}, refill ${number}: ${why}`;
  await notify(client, { key: `refill:${from.wallet.id}:${number}`, severity, what, at });
}
