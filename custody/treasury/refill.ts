/** Refill: what is missing in a hot wallet is asked of the vaults; what is asked already may still come, and is not asked again. */
import { ruleFor, type Asset } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import { readCursor } from '../chain/cursor.ts';
import type { Branch } from '../branch.ts';
import { notify, type Lasting } from '../notice.ts';
import { coldWallets } from './cold.ts';
import { forecast } from './flow.ts';
import { askRefill, expireRefills, openRefills, type Refill } from './refill-row.ts';
import { boundOf, type Standing } from './standing.ts';

/** In the caller's transaction. */
export async function refillMissing(
  house: Branch,
  client: Client,
  stand: Standing & { readonly asset: Asset },
  now: number,
  { raise }: Pick<Lasting, 'raise'>,
): Promise<void> {
  const { asset, hot, promised, sweeping, limit, flow } = stand;
  await expireRefills(client, house.hot.id, (await readCursor(client, house.hot.chain)).time, now);
  // It is looked at again before it is planned, and given up where what it takes is needed.
  if (sweeping > 0n) return;
  const open = await openRefills(client, house.hot.id, asset);
  const asked = open.reduce((sum, { amount }) => sum + amount, 0n);
  const missing = boundOf(stand, BigInt(house.treasury.sweep.slack)) - hot - asked;
  const coming = hot - promised + asked;
  const hours = Math.ceil(house.treasury.refillHours);
  const dry = forecast(flow, coming, now, hours).find(({ left }) => left < 0n);
  const low = coming * 100n < limit.units * BigInt(house.treasury.refillBelow);
  if (missing <= 0n || (!low && !dry)) return;
  const short = promised > hot;
  const left = short
    ? `${promised} are promised to customers, and ${hot} are there`
    : `${hot - promised} are left of ${limit.units} that may be hot`;
  const waiting = asked > 0n ? `, and ${asked} are asked for already` : '';
  const expected =
    dry && !short ? `; as it is expected, nothing will be left by ${new Date(dry.from).toISOString()}` : '';
  await askVault(
    house,
    client,
    asset,
    open,
    missing,
    left + waiting + expected,
    short ? 'grave' : 'warning',
    raise,
  );
}

async function askVault(
  house: Branch,
  client: Client,
  asset: Asset,
  open: readonly Refill[],
  missing: bigint,
  why: string,
  severity: 'warning' | 'grave',
  raise: Lasting['raise'],
): Promise<void> {
  const at = house.clock.now();
  const feeCap = ruleFor(house.policy, house.hot.id, asset)?.feeCap ?? 0n;
  const cold = await coldWallets(house, client, asset);
  const held = cold.map(({ wallet, holds }) => ({ wallet, left: holds - askedOf(open, wallet.id) }));
  // The smallest that has enough, so that the large ones are opened seldom.
  const sorted = held.toSorted((a, b) => (a.left < b.left ? -1 : a.left > b.left ? 1 : 0));
  const from = sorted.find(({ left }) => left >= missing + feeCap) ?? sorted.at(-1);
  const most = (from?.left ?? 0n) - feeCap;
  const amount = missing < most ? missing : most;
  if (!from || amount <= 0n) {
    const what = `${missing} of ${asset} are missing in ${house.hot.id} (${why}), and no cold wallet of its has any that is not asked for: bring in coins`;
    return raise({ key: 'cold-empty', severity: 'grave', what });
  }
  const number = await askRefill(house, client, { asset, cold: from.wallet.id, amount, feeCap, why });
  const what = `the vaults of ${from.wallet.id} are asked for ${amount} of ${asset}, refill ${number}: ${why}`;
  await notify(client, { key: `refill:${from.wallet.id}:${number}`, severity, what, at });
}

/** What the wallet was asked for and has not sent, fee caps among it. */
function askedOf(open: readonly Refill[], cold: string): bigint {
  return open
    .filter((one) => one.cold === cold)
    .reduce((sum, { amount, feeCap }) => sum + amount + feeCap, 0n);
}
