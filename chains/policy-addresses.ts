/** The addresses of a policy, which only their chain can read: a mistyped one would be the theft itself, or deny nothing. */
import type { ChainName, Policy } from '@kuramori/core';
import { codecOf } from './codecs.ts';

export interface WrongAddress {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

export function* wrongAddresses({ wallets, lists, network }: Policy): Generator<WrongAddress, void> {
  for (const [index, wallet] of wallets.entries())
    for (const { path, why } of codecOf(wallet.chain).wrongWallet(wallet, network))
      yield { path: ['wallets', index, ...path], why };
  const chains = [...new Set(wallets.map(({ chain }) => chain))];
  for (const [index, { addresses }] of lists.entries())
    for (const [place, address] of addresses.entries()) {
      const whys = chains.map((chain) => whyNot(address, chain, network));
      // A list says of which chain nothing: it is enough that one of them can have it as an output.
      if (whys.every((why) => why !== null))
        yield { path: ['lists', index, 'addresses', place], why: whys.join('; ') };
    }
}

/** Null where the chain's outputs have the address written just so. */
function whyNot(address: string, chain: ChainName, network: Policy['network']): string | null {
  const read = codecOf(chain).readAddress(address, chain, network);
  if (read.kind === 'refused') return `is no address of ${chain} on ${network} (${read.why})`;
  return read.address === address ? null : `is written ${read.address} on ${chain}`;
}
