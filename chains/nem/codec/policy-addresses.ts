/** The addresses of a policy, which only their chain can read: a mistyped one would be the theft itself, or deny nothing. */
import type { Policy } from '@kuramori/core';
import { addressOf, parseAddress } from './address.ts';
import { parsePublicKey, type PublicKey } from './keys.ts';
import type { NemNetwork } from './network.ts';

export interface WrongAddress {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

export function* wrongAddresses({ wallets, lists, network: net }: Policy): Generator<WrongAddress, void> {
  const network: NemNetwork = net === 'mainnet' ? 'mainnet' : 'testnet';
  for (const [index, { address, publicKey }] of wallets.entries()) {
    if (parsePublicKey(publicKey).kind === 'refused')
      yield { path: ['wallets', index, 'publicKey'], why: 'is not a public key of NEM: 64 hex digits' };
    else if (addressOf(publicKey as PublicKey, network) !== address)
      yield {
        path: ['wallets', index, 'address'],
        why: `is not the ${network} address of its publicKey`,
      };
  }
  for (const [index, { addresses }] of lists.entries())
    for (const [place, address] of addresses.entries()) {
      const read = parseAddress(address, network);
      if (read.kind === 'refused')
        yield {
          path: ['lists', index, 'addresses', place],
          why: `is no ${network} address (${read.why}): capital letters, without dashes`,
        };
    }
}
