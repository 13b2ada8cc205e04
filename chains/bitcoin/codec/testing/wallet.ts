/** A wallet of test keys, and coins that it never had. */
import type { BitcoinWallet, ChainKey, Network } from '@kuramori/core';
import { addressAt, bitcoin, descriptorKeyOf, writeDescriptor, type BitcoinChain } from '../index.ts';

export interface Held {
  readonly wallet: BitcoinWallet;
  readonly keys: readonly ChainKey[];
  readonly chain: BitcoinChain;
  readonly network: Network;
}

/** `threshold` of as many keys as there are seeds, each seed a byte that fills a secret. */
export function heldWallet(
  threshold: number,
  seeds: readonly number[],
  chain: BitcoinChain = 'litecoin',
  network: Network = 'devnet',
): Held {
  const secret = (seed: number) => new Uint8Array(32).fill(seed);
  const keys = seeds.map((seed) => bitcoin.keyOf(secret(seed), chain, network));
  const descriptor = writeDescriptor(
    threshold,
    seeds.map((seed) => descriptorKeyOf(secret(seed), chain, network)),
  );
  const wallet: BitcoinWallet = {
    id: 'hot',
    role: 'hot',
    chain,
    descriptor,
    threshold,
    address: addressAt({ chain, descriptor }, network, 0, 0),
    cosigners: keys.map(({ publicKey }, at) => ({ publicKey, signer: `signer-${at + 1}` })),
    evacuateTo: 'cold',
  };
  return { wallet, keys, chain, network };
}
