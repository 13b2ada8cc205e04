/** Money: integer units of one asset, never a floating number. One parse, one format. */
import { z } from 'zod';
import type { ChainName } from './chain.ts';

/** The chain's own name of an asset: `nem:xem`; of a token on Ethereum, `ethereum:` and its contract's address in lower case. */
export type Asset = string & { readonly asset: unique symbol };

/** How many decimal places an asset's usual unit has (NEM: `divisibility`). */
const decimals: ReadonlyMap<string, number> = new Map([
  ['nem:xem', 6],
  ['bitcoin:btc', 8],
  ['litecoin:ltc', 8],
  ['ethereum:eth', 18],
]);

/** Lower case alone, so that one contract has one name; which of them the house holds is the policy's to say. */
const tokenName = /^ethereum:0x[0-9a-f]{40}$/;

export const XEM = 'nem:xem' as Asset;
export const BTC = 'bitcoin:btc' as Asset;
export const LTC = 'litecoin:ltc' as Asset;
export const ETH = 'ethereum:eth' as Asset;

/** Chain → the coin in which it takes its fees. */
const coins: ReadonlyMap<string, Asset> = new Map([
  ['nem', XEM],
  ['bitcoin', BTC],
  ['litecoin', LTC],
  ['ethereum', ETH],
]);

/** The coin of an asset's chain. */
export function coinOf(asset: Asset): Asset {
  const coin = coins.get(asset.slice(0, asset.indexOf(':')));
  if (coin === undefined) throw new RangeError(`${asset} is not an asset that this house holds`);
  return coin;
}

/** The coin of a chain. */
export function coinOn(chain: ChainName): Asset {
  return coinOf(`${chain}:` as Asset);
}

export interface Amount {
  readonly asset: Asset;
  /** In the asset's smallest unit: micro-XEM for XEM. */
  readonly units: bigint;
}

/** 78 decimal digits: what Postgres keeps as numeric(78,0), and any uint256. */
const unitsText = /^(?:0|[1-9][0-9]{0,77})$/;

/** Units on the wire: a decimal string without sign, point or leading zero. */
export const Units = z
  .string()
  .regex(unitsText, 'must be a whole number of smallest units, as a decimal string')
  .transform(BigInt);

/** Where the books may be short: own funds, holdings that the chain has taken, differences. */
export const SignedUnits = z
  .string()
  .regex(
    /^(?:0|-?[1-9][0-9]{0,77})$/,
    'must be a whole number of smallest units, as a decimal string, below 0 with -',
  )
  .transform(BigInt);

export const AssetName = z
  .string()
  .refine((name) => decimals.has(name) || tokenName.test(name), 'is not an asset that this house holds')
  .transform((name) => name as Asset);

/**
 * What stands behind the digits of a token's amount, read and written. How many decimal places its usual unit has says a
 * contract, which may lie or change its mind, so its units are whole and never pass for coins.
 */
const wholeUnits = ' units';

/** Reads `12.5` as units of the asset; a token's as `1250000 units`. Throws a RangeError that says what is wrong. */
export function parseAmount(text: string, asset: Asset): bigint {
  if (tokenName.test(asset)) {
    const digits = text.endsWith(wholeUnits) ? text.slice(0, -wholeUnits.length) : '';
    if (!unitsText.test(digits))
      throw new RangeError(`'${text}' is not an amount of ${asset}: write a whole number and${wholeUnits}`);
    return BigInt(digits);
  }
  const places = placesOf(asset);
  const match = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (!match)
    throw new RangeError(`'${text}' is not an amount of ${asset}: write digits with at most one point`);
  const fraction = match[2] ?? '';
  if (fraction.length > places) throw new RangeError(`'${text}' has more than ${places} decimal places`);
  return BigInt((match[1] ?? '0') + fraction.padEnd(places, '0'));
}

/** Writes units as the asset's usual number, without trailing zeros: 12500000 micro-XEM is `12.5`. A token's as `1250000 units`. */
export function formatAmount(units: bigint, asset: Asset): string {
  if (tokenName.test(asset)) return `${units}${wholeUnits}`;
  const places = placesOf(asset);
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}

function placesOf(asset: Asset): number {
  const places = decimals.get(asset);
  if (places === undefined) throw new RangeError(`${asset} is not an asset that this house holds`);
  return places;
}
