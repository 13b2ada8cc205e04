/** Amounts and names of assets as people read them. */
import { AssetName, formatAmount, type Asset } from '@kuramori/core';

/** `12.5`; what is no asset of this house's is shown in whole units. */
export function shownAmount(units: bigint, asset: string): string {
  const known = AssetName.safeParse(asset);
  return known.success ? formatAmount(units, known.data).replace(/ units$/, '') : `${units}`;
}

/** `XEM`; of a token the beginning of its contract, since a contract may call itself anything. */
export function symbolOf(asset: string): string {
  const name = asset.slice(asset.indexOf(':') + 1);
  return name.startsWith('0x') ? `${name.slice(0, 6)}…${name.slice(-4)}` : name.toUpperCase();
}

export const chainOf = (asset: string) => asset.slice(0, asset.indexOf(':'));

/** The coin in which a payment's fees are told. */
export function feeAssetOf(asset: string): Asset {
  const coins: Readonly<Record<string, string>> = {
    nem: 'nem:xem',
    bitcoin: 'bitcoin:btc',
    litecoin: 'litecoin:ltc',
    ethereum: 'ethereum:eth',
  };
  return (coins[chainOf(asset)] ?? asset) as Asset;
}
