import type { EthereumWallet, WrongWallet } from '@kuramori/core';
import { isAddress, parseAddress } from './address.ts';

/** What of a Safe the policy says that no Safe could be, or that we would not trust with coins. */
export function* wrongWallet(wallet: EthereumWallet): Generator<WrongWallet, void> {
  const flaw = flawOf(wallet.address);
  if (flaw !== undefined) yield { path: ['address'], why: flaw };
  const seen = new Set<string>();
  for (const [list, keys] of [
    ['cosigners', wallet.cosigners],
    ['spares', wallet.spares ?? []],
  ] as const)
    for (const [index, { publicKey }] of keys.entries()) {
      const why =
        flawOf(publicKey) ??
        // Safe.sol refuses these two itself (GS203, GS204).
        (publicKey === wallet.address ? 'is the Safe itself' : undefined) ??
        (seen.has(publicKey) ? 'is there twice' : undefined);
      seen.add(publicKey);
      if (why !== undefined) yield { path: [list, index, 'publicKey'], why };
    }
  // One owner whose key is lost must not be the end of the coins.
  if (wallet.threshold >= wallet.cosigners.length)
    yield { path: ['threshold'], why: 'must be less than the owners: m-of-n with m < n' };
}

function flawOf(text: string): string | undefined {
  if (isAddress(text)) return undefined;
  const read = parseAddress(text);
  return read.kind === 'refused'
    ? `is no address (${read.why})`
    : `must have the one form of it, ${read.address}`;
}
