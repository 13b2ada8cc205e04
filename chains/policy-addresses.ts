/** The addresses of a policy, which only their chain can read: a mistyped one would be the theft itself, or deny nothing. */
import { everyKey, type ChainName, type Policy } from '@kuramori/core';
import { codecOf } from './codecs.ts';

export interface WrongAddress {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

export function* wrongAddresses(policy: Policy): Generator<WrongAddress, void> {
  const { wallets, lists, network } = policy;
  for (const [index, wallet] of wallets.entries())
    for (const { path, why } of codecOf(wallet.chain).wrongWallet(wallet, network))
      yield { path: ['wallets', index, ...path], why };
  yield* keysInOtherWords(policy);
  const chains = [...new Set(wallets.map(({ chain }) => chain))];
  for (const [index, { addresses }] of lists.entries())
    for (const [place, address] of addresses.entries()) {
      const why = whyNot(address, addresses, chains, network);
      if (why !== null) yield { path: ['lists', index, 'addresses', place], why };
    }
}

/** One key under two texts would pass for two: one that is online for a cold one, say. */
function* keysInOtherWords({ wallets }: Policy): Generator<WrongAddress, void> {
  const texts = new Map<string, string>();
  for (const [index, wallet] of wallets.entries())
    for (const { publicKey } of everyKey(wallet)) {
      const id = codecOf(wallet.chain).keyId(publicKey);
      const before = texts.get(id) ?? publicKey;
      texts.set(id, before);
      if (before !== publicKey)
        yield {
          path: ['wallets', index, 'cosigners'],
          why: `${publicKey} is the key ${before} under another text`,
        };
    }
}

/**
 * Null where a chain's outputs have the address written just so, and no other chain has it in another form, which must stand in
 * the list as well. A list says of no address which chain it is of.
 */
function whyNot(
  address: string,
  listed: readonly string[],
  chains: readonly ChainName[],
  network: Policy['network'],
): string | null {
  const read = chains.map((chain) => ({ chain, ...codecOf(chain).readAddress(address, chain, network) }));
  const forms = read.flatMap((one) => (one.kind === 'address' ? one : []));
  const lacking = forms.find((one) => !listed.includes(one.address));
  if (lacking) return `is written ${lacking.address} on ${lacking.chain}`;
  if (forms.some((one) => one.address === address)) return null;
  return read
    .map(
      (one) =>
        `is no address of ${one.chain} on ${network} (${one.kind === 'refused' ? one.why : one.address})`,
    )
    .join('; ');
}
