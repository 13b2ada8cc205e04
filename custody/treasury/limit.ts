/**
 * Limit: how much of each asset may be hot. What is expected to leave in the time that a refill takes, and of everything
 * that customers are owed no more than the policy's share by value. Pure, in whole numbers, rounded to the careful side.
 */

/** What so many smallest units cost: `yen` in trillionths of a yen, for `per` units. */
export interface Price {
  readonly yen: bigint;
  readonly per: bigint;
}

/** What the books say of an asset, in its smallest units. */
export interface Coins {
  readonly asset: string;
  /** In hot wallets, and between wallets. */
  readonly hot: bigint;
  readonly cold: bigint;
  /** What customers are owed, deposits that nobody has claimed among it. */
  readonly claims: bigint;
}

export interface Needed extends Coins {
  /** What is expected to leave in the time that a refill takes. */
  readonly need: bigint;
}

export interface HotLimit {
  readonly asset: string;
  readonly units: bigint;
  /** Which of the two is the lower one. */
  readonly by: 'need' | 'share';
}

const whole = 10_000n;
/** Beyond it a number is not whole any more; a share like that is an alarm however high. */
const most = BigInt(Number.MAX_SAFE_INTEGER);

/** In trillionths of a yen, rounded down. */
export function valueOf(units: bigint, { yen, per }: Price): bigint {
  return (units * yen) / per;
}

function valueUp(units: bigint, { yen, per }: Price): bigint {
  return (units * yen + per - 1n) / per;
}

/**
 * With a price for each asset, the share is of all assets together, and each gets of it what it needs; where that is
 * more than all may have, each gets less, in proportion. Without prices each asset keeps to the share by itself: then
 * all together keep to it, whatever the prices are.
 */
export function hotLimits(
  coins: readonly Needed[],
  prices: ReadonlyMap<string, Price> | null,
  shareBps: number,
): readonly HotLimit[] {
  const bps = BigInt(shareBps);
  const priced = coins.map((one) => ({ ...one, price: prices?.get(one.asset) }));
  if (prices === null || priced.some(({ price, claims, need }) => !price && (claims > 0n || need > 0n)))
    return coins.map(({ asset, claims, need }) => lower(asset, need, (claims * bps) / whole));
  const sum = (of: (one: (typeof priced)[number], price: Price) => bigint) =>
    priced.reduce((total, one) => total + (one.price ? of(one, one.price) : 0n), 0n);
  const budget = (sum(({ claims }, price) => valueOf(claims, price)) * bps) / whole;
  const wanted = sum(({ need }, price) => valueUp(need, price));
  return coins.map(({ asset, need }) =>
    lower(asset, need, wanted <= budget ? need : (need * budget) / wanted),
  );
}

function lower(asset: string, need: bigint, share: bigint): HotLimit {
  return share < need ? { asset, units: share, by: 'share' } : { asset, units: need, by: 'need' };
}

/**
 * How much of what customers are owed is hot, by value, in hundredths of a percent, rounded up. Null where an asset in
 * the books has no price, unless it is the only one: then no price is needed. Nothing owed and something hot is all of it.
 */
export function hotShare(coins: readonly Coins[], prices: ReadonlyMap<string, Price> | null): number | null {
  const there = coins.filter(({ hot, claims }) => hot > 0n || claims > 0n);
  const alone = there.length <= 1 ? { yen: 1n, per: 1n } : undefined;
  // Fractions of a trillionth of a yen decide at the limit, so both sums are over one denominator, and exact.
  let [hot, claims, per] = [0n, 0n, 1n];
  for (const one of there) {
    const price = prices?.get(one.asset) ?? alone;
    if (!price) return null;
    const weight = price.yen * per;
    hot = hot * price.per + (one.hot > 0n ? one.hot : 0n) * weight;
    claims = claims * price.per + one.claims * weight;
    per *= price.per;
  }
  if (hot === 0n) return 0;
  if (claims === 0n) return Number(whole);
  const bps = (hot * whole + claims - 1n) / claims;
  return bps > most ? Number(most) : Number(bps);
}
