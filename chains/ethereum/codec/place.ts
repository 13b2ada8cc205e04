import { digest, type Network, type Place, type PlaceOf, type Wallet } from '@kuramori/core';
import { isAddress } from './address.ts';
import { forwarderOf } from './forwarder.ts';

/**
 * Where a customer's coins go on Ethereum: an address of their own, so there is no memo to forget. Coin and tokens come to
 * the same one. It follows from the Safe's address and whose it is; whoever knows these derives it, and nobody holds a key
 * to it. The owners' rotation changes nothing of it.
 */
export function depositPlace(
  network: Network,
  wallet: Pick<Wallet, 'address'>,
  whose: Pick<PlaceOf, 'exchange' | 'customer' | 'number'>,
): Place {
  if (!isAddress(wallet.address))
    throw new RangeError(`depositPlace: ${wallet.address} is no Safe’s address`);
  return { address: forwarderOf(wallet.address, saltOf(network, whose)), memo: '' };
}

/** The salt of a customer's forwarder: hex, 32 bytes. */
export function saltOf(
  network: Network,
  { exchange, customer, number }: Pick<PlaceOf, 'exchange' | 'customer' | 'number'>,
): string {
  return digest('deposit-memo', { chain: 'ethereum', network, exchange, customer, number });
}
