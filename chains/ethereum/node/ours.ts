/**
 * Ours: what of a chain is our wallets': their Safes, the forwarders that customers were shown, the owners' keys, and the tokens
 * that count. A forwarder's address follows from a customer's name, so it is known as soon as somebody tells of it.
 */
import { chainKeys, type Asset, type EthereumWallet, type Network } from '@kuramori/core';
import { bareOf, forwarderOf, isAddress, tokenOf, type Address } from '../codec/index.ts';

/** An address of a wallet's: the Safe itself, or the forwarder of a salt. */
export interface OurPlace {
  /** The wallet's id. */
  readonly wallet: string;
  readonly address: Address;
  /** Hex; null: the Safe itself. */
  readonly salt: string | null;
}

export interface OurToken {
  readonly asset: Asset;
  readonly address: Address;
}

export interface Ours {
  readonly network: Network;
  readonly wallets: readonly EthereumWallet[];
  readonly wallet: (id: string) => EthereumWallet;
  /** By 40 digits without 0x, as are all addresses that are asked for here. */
  readonly placeOf: (bare: string) => OurPlace | undefined;
  readonly places: () => readonly OurPlace[];
  readonly tokenOf: (bare: string) => OurToken | undefined;
  readonly tokens: readonly OurToken[];
  /** The wallets that a key of theirs, or a spare of theirs, is at this address. */
  readonly keyOf: (bare: string) => readonly EthereumWallet[];
  /** Coins may come to this forwarder: it was shown to a customer. */
  readonly know: (wallet: string, salt: string) => Address;
}

/** Wallets of one chain, and the tokens of the policy's list. Throws where one's address or asset is none. */
export function openOurs(
  wallets: readonly EthereumWallet[],
  network: Network,
  assets: readonly Asset[] = [],
): Ours {
  const places = new Map<string, OurPlace>();
  const byId = new Map(wallets.map((wallet) => [wallet.id, wallet]));
  if (byId.size < wallets.length) throw new RangeError('openOurs: two wallets have one id');
  const keys = new Map<string, EthereumWallet[]>();
  for (const wallet of wallets) {
    const { id, address } = wallet;
    if (!isAddress(address)) throw new RangeError(`openOurs: ${address} is no Safe’s address`);
    places.set(bareOf(address), { wallet: id, address, salt: null });
    for (const key of chainKeys(wallet)) {
      const bare = bareOf(key as Address);
      keys.set(bare, [...(keys.get(bare) ?? []), wallet]);
    }
  }
  const tokens = assets.map((asset): OurToken => {
    const address = tokenOf(asset);
    if (!address) throw new RangeError(`openOurs: ${asset} is no token of Ethereum`);
    return { asset, address };
  });
  const tokenAt = new Map(tokens.map((token) => [bareOf(token.address), token]));
  const walletOf = (id: string): EthereumWallet => {
    const found = byId.get(id);
    if (!found) throw new RangeError(`openOurs: ${id} is no wallet here`);
    return found;
  };
  return {
    network,
    wallets,
    wallet: walletOf,
    placeOf: (bare) => places.get(bare),
    places: () => [...places.values()],
    tokenOf: (bare) => tokenAt.get(bare),
    tokens,
    keyOf: (bare) => keys.get(bare) ?? [],
    know(wallet, salt) {
      const address = forwarderOf(walletOf(wallet).address as Address, salt);
      places.set(bareOf(address), { wallet, address, salt });
      return address;
    },
  };
}
