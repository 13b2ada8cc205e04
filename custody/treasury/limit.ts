/**
 * Limit: how much of each asset may be hot. What is expected to leave in the time that a refill takes, and of everything
 * that customers are owed no more than the policy's share by value. Pure, in whole numbers, exact or to the careful side.
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

/**
 * Each asset may always have what it needs up to the share of itself: then all together keep to the share at whatever
 * prices there are. What the prices say is left of the share of all together is divided among those that need more. So a
 * price that lies can raise a limit, as far as the need, and never lower one: nothing is swept away by it.
 */
export function hotLimits(
  coins: readonly Needed[],
  prices: ReadonlyMap<string, Price> | null,
  shareBps: number,
): readonly HotLimit[] {
  const bps = BigInt(shareBps);
  const own = coins.map(({ need, claims }) => lesser(need, (claims * bps) / whole));
  const weights = weigh(coins, prices);
  if (weights === null) return coins.map((one, index) => limit(one, own[index] ?? 0n));
  const value = (of: (one: Needed, index: number) => bigint) =>
    coins.reduce((sum, one, index) => sum + of(one, index) * (weights[index] ?? 0n), 0n);
  const budget = (value(({ claims }) => claims) * bps) / whole;
  const left = budget - value((_one, index) => own[index] ?? 0n);
  const wanted = value(({ need }, index) => need - (own[index] ?? 0n));
  return coins.map((one, index) => {
    const mine = own[index] ?? 0n;
    const more = one.need - mine;
    return limit(one, mine + (wanted <= left ? more : (more * left) / wanted));
  });
}

/** What one smallest unit of each is worth, all over one denominator, so that sums are exact; null where a price is missing. */
function weigh(
  coins: readonly Needed[],
  prices: ReadonlyMap<string, Price> | null,
): readonly bigint[] | null {
  const counting = coins.map((one) => one.claims > 0n || one.need > 0n);
  const common = coins.reduce(
    (product, { asset }, index) => product * (counting[index] ? (prices?.get(asset)?.per ?? 1n) : 1n),
    1n,
  );
  const weights: bigint[] = [];
  for (const [index, { asset }] of coins.entries()) {
    const price = prices?.get(asset);
    if (!counting[index]) weights.push(0n);
    else if (!price) return null;
    else weights.push(price.yen * (common / price.per));
  }
  return weights;
}

function limit({ asset, need }: Needed, units: bigint): HotLimit {
  return { asset, units, by: units < need ? 'share' : 'need' };
}

/** The lower one of two for each asset. */
export function lowerLimits(one: readonly HotLimit[], other: readonly HotLimit[]): readonly HotLimit[] {
  return one.map((first, index) => {
    const second = other[index] ?? first;
    return second.units < first.units ? second : first;
  });
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
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
