/** Alarm: the hot share is above the policy's, or cannot be told. */
import type { House } from '../house.ts';
import type { Lasting } from '../notice.ts';
import { hotShare } from './limit.ts';
import type { Shares, Stand } from './standing.ts';

/** `swept`: whether what is too much is on its way to cold. Then it is told, and nobody need come. */
export async function alarm(
  house: House,
  { shares, assets }: Stand,
  swept: boolean,
  { raise }: Pick<Lasting, 'raise'>,
): Promise<void> {
  const most = house.policy.hotShareBps;
  const { staleMinutes } = house.treasury.prices;
  const apart = `Until there is one, each asset keeps to ${percent(most)} by itself`;
  if (shares.stale.length > 0) {
    const what = `no price of ${shares.stale.join(', ')} is younger than ${staleMinutes} minutes. ${apart}. Look at the price feed`;
    await raise({ key: 'price-stale', severity: 'warning', what });
  }
  if (shares.unset.length > 0) {
    const what = `at the set moment, ${new Date(shares.moment).toISOString()}, no price of ${shares.unset.join(', ')} was younger than ${staleMinutes} minutes: the day has none, and its share cannot be told. ${apart}`;
    await raise({ key: `price-unset:${shares.moment}`, severity: 'warning', what });
  }
  const breach = breachOf(shares, assets, most);
  if (!breach) return;
  const remedy = swept
    ? 'What is too much is on its way to cold.'
    : 'Nothing is being swept: look at the policy’s sweep rule, at the signers, and at what is promised.';
  const what = `${percent(breach.share)} of what customers are owed is hot, ${breach.by}, and ${percent(most)} may be. ${breach.cause} ${remedy}`;
  const key = `hot-share:${swept ? 'swept' : 'stuck'}`;
  await raise({ key, severity: swept ? 'warning' : 'grave', what });
}

interface Breach {
  readonly share: number;
  readonly by: string;
  /** Whether the same coins are within the share by the other prices: then nothing was moved, and a price did it. */
  readonly cause: string;
}

function breachOf(shares: Shares, assets: Stand['assets'], most: number): Breach | undefined {
  const { now, set, apart, prices, setPrices, moment } = shares;
  const within = (other: Shares['prices']) => {
    const share = hotShare(assets, other);
    return share !== null && share <= most ? share : null;
  };
  const moved = 'More came in than left.';
  if (now !== null && now > most) {
    const then = within(setPrices);
    const cause =
      then === null
        ? moved
        : `At the prices of the last set moment it would be ${percent(then)}: a price has moved, not the coins.`;
    return { share: now, by: 'by value', cause };
  }
  if (set !== null && set > most) {
    const later = within(prices);
    const by = `by value at the prices of ${new Date(moment).toISOString()}`;
    return {
      share: set,
      by,
      cause: later === null ? moved : `At the newest prices it is ${percent(later)}.`,
    };
  }
  // Without prices an asset may be beyond its share and all together within it; nobody can tell.
  if (now === null && apart > most)
    return { share: apart, by: 'in one asset of itself, since there is no price to go by', cause: moved };
  return undefined;
}

function percent(bps: number): string {
  return `${(bps / 100).toFixed(2)} %`;
}
