/** Alarm: the hot share is above the policy's, or cannot be told. */
import type { Client } from '@kuramori/ledger';
import type { House } from '../house.ts';
import { notify } from '../notice.ts';
import { hotShare } from './limit.ts';
import type { Shares, Stand } from './standing.ts';

/** `swept`: whether what is too much is on its way to cold. Then it is told, and nobody need come. */
export async function alarm(house: House, client: Client, stand: Stand, swept: boolean): Promise<void> {
  const { shares, assets, at } = stand;
  const most = house.policy.hotShareBps;
  if (shares.stale.length > 0) {
    const { staleMinutes } = house.treasury.prices;
    const what = `no price of ${shares.stale.join(', ')} is younger than ${staleMinutes} minutes: until there is one, each asset keeps to ${percent(most)} by itself. Look at the price feed`;
    await notify(client, {
      key: `price-stale:${shares.stale.join()}`.slice(0, 200),
      severity: 'warning',
      what,
      at,
    });
  }
  const by = (['now', 'set'] as const).find((one) => (shares[one] ?? 0) > most);
  if (by === undefined) return;
  const cause = causeOf(shares, assets, most, by);
  const remedy = swept
    ? 'What is too much is on its way to cold.'
    : 'Nothing is being swept: look at the policy’s sweep rule, at the signers, and at what is promised.';
  const what = `${percent(shares[by] ?? 0)} of what customers are owed is hot, by value${by === 'set' ? ` at the prices of ${new Date(shares.moment).toISOString()}` : ''}, and ${percent(most)} may be. ${cause} ${remedy}`;
  const key = `hot-share:${swept ? 'swept' : 'stuck'}`;
  await notify(client, { key, severity: swept ? 'warning' : 'grave', what, at });
}

/** Whether the same coins were within the share by the other prices: then nothing was moved, and a price did it. */
function causeOf(
  { prices, setPrices }: Shares,
  assets: Stand['assets'],
  most: number,
  by: 'now' | 'set',
): string {
  const other = hotShare(assets, by === 'now' ? setPrices : prices);
  if (other === null || other > most) return 'More came in than left.';
  return by === 'now'
    ? `At the prices of the last set moment it would be ${percent(other)}: a price has moved, not the coins.`
    : `At the newest prices it is ${percent(other)} again.`;
}

function percent(bps: number): string {
  return `${(bps / 100).toFixed(2)} %`;
}
