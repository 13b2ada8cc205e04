/** Whatever prices and coins: no limit is above the need, and all limits together are within the share, to the last fraction. */
import { array, assert, bigInt, integer, option, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hotLimits, hotShare, type Needed, type Price } from './limit.ts';

const units = bigInt({ min: 0n, max: 10n ** 27n });
const anAsset = record({
  hot: units,
  cold: units,
  claims: units,
  need: units,
  price: record({ yen: bigInt({ min: 1n, max: 10n ** 30n }), per: bigInt({ min: 1n, max: 10n ** 18n }) }),
});
const assets = array(anAsset, { minLength: 1, maxLength: 6 }).map((all) =>
  all.map((one, index) => ({ ...one, asset: `asset-${index}` })),
);
type Priced = Needed & { readonly price: Price };
const pricesOf = (all: readonly Priced[]) => new Map(all.map(({ asset, price }) => [asset, price]));

/** Σ units × yen ÷ per of all, over one common denominator. */
function value(all: readonly Priced[], of: (one: Priced, index: number) => bigint): bigint {
  const common = all.reduce((product, { price }) => product * price.per, 1n);
  return all.reduce((sum, one, index) => sum + of(one, index) * one.price.yen * (common / one.price.per), 0n);
}

describe('limits', () => {
  const bps = integer({ min: 0, max: 10_000 });

  it('with prices: together within the share by value, each within its need', () => {
    assert(
      property(assets, bps, (all, share) => {
        const limits = hotLimits(all, pricesOf(all), share);
        for (const [index, { units: limit }] of limits.entries())
          expect(limit).toBeLessThanOrEqual(all[index]?.need ?? -1n);
        const hot = value(all, (_, index) => limits[index]?.units ?? 0n) * 10_000n;
        expect(hot).toBeLessThanOrEqual(value(all, ({ claims }) => claims) * BigInt(share));
      }),
    );
  });

  it('without prices: within the share by value at whatever prices there are', () => {
    assert(
      property(assets, bps, (all, share) => {
        const limits = hotLimits(all, null, share);
        const hot = value(all, (_, index) => limits[index]?.units ?? 0n) * 10_000n;
        expect(hot).toBeLessThanOrEqual(value(all, ({ claims }) => claims) * BigInt(share));
      }),
    );
  });

  it('a feed that lies can raise a limit as far as the need, and lower none below its own share', () => {
    assert(
      property(assets, assets, (all, lies) => {
        const prices = new Map(all.map(({ asset, price }, index) => [asset, lies[index]?.price ?? price]));
        const own = hotLimits(all, null, 500);
        for (const [index, { units: limit }] of hotLimits(all, prices, 500).entries()) {
          expect(limit).toBeLessThanOrEqual(all[index]?.need ?? -1n);
          expect(limit).toBeGreaterThanOrEqual(own[index]?.units ?? -1n);
        }
      }),
    );
  });

  it('what one asset leaves of the share, another may have', () => {
    const a = { asset: 'a', hot: 0n, cold: 0n, claims: 1_000n, need: 90n };
    const b = { asset: 'b', hot: 0n, cold: 0n, claims: 1_000n, need: 0n };
    const price = { yen: 1n, per: 1n };
    const prices = new Map([
      ['a', price],
      ['b', price],
    ]);
    expect(hotLimits([a, b], null, 500).map(({ units: limit }) => limit)).toEqual([50n, 0n]);
    expect(hotLimits([a, b], prices, 500)).toMatchObject([{ units: 90n, by: 'need' }, { units: 0n }]);
    expect(hotLimits([{ ...a, need: 110n }, b], prices, 500)).toMatchObject([
      { units: 100n, by: 'share' },
      {},
    ]);
  });

  it('one asset without a price that counts: each keeps to the share by itself', () => {
    assert(
      property(assets, (all) => {
        const prices = pricesOf(all.slice(1));
        const [first] = all;
        if (!first || (first.claims === 0n && first.need === 0n)) return;
        expect(hotLimits(all, prices, 500)).toEqual(hotLimits(all, null, 500));
      }),
    );
  });

  it('what is needed, where the share allows it: expected outflow × refill time and no more', () => {
    const one = { asset: 'a', hot: 9n, cold: 0n, claims: 100_000n, need: 4_000n };
    expect(hotLimits([one], null, 500)).toEqual([{ asset: 'a', units: 4_000n, by: 'need' }]);
    expect(hotLimits([{ ...one, need: 5_001n }], null, 500)).toEqual([
      { asset: 'a', units: 5_000n, by: 'share' },
    ]);
  });
});

describe('the share', () => {
  it('is told to the careful side, and exactly above or below the limit', () => {
    assert(
      property(assets, option(integer({ min: 1, max: 9_999 })), (all, limit) => {
        const told = hotShare(all, pricesOf(all));
        const [hot, claims] = [value(all, (one) => one.hot), value(all, (one) => one.claims)];
        if (told === null || claims === 0n || told === Number.MAX_SAFE_INTEGER) return;
        // Never less than it is; and what is truly above a limit is told to be above it.
        expect(BigInt(told) * claims).toBeGreaterThanOrEqual(hot * 10_000n);
        if (limit !== null && hot * 10_000n > claims * BigInt(limit)) expect(told).toBeGreaterThan(limit);
      }),
    );
  });

  it('of one asset alone needs no price; of two it is unknown without', () => {
    const one = { asset: 'a', hot: 5n, cold: 0n, claims: 100n };
    expect(hotShare([one], null)).toBe(500);
    const other = { asset: 'b', hot: 0n, cold: 0n, claims: 1n };
    expect(hotShare([one, other], null)).toBeNull();
    expect(hotShare([one, other], new Map([['a', { yen: 1n, per: 1n }]]))).toBeNull();
    expect(hotShare([one, { ...other, claims: 0n }], null)).toBe(500);
  });

  it('something hot and nothing owed is all of it', () => {
    expect(hotShare([{ asset: 'a', hot: 5n, cold: 0n, claims: 0n }], null)).toBe(10_000);
    expect(hotShare([{ asset: 'a', hot: 0n, cold: 5n, claims: 0n }], null)).toBe(0);
  });
});
