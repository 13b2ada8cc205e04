import type { NemWallet } from '@kuramori/core';

/** nis.maxTransactionsPerBlock. */
const countedPerBlock = 120;

/**
 * How many payments of a wallet one block takes. A block counts wrapper, inner transaction and each cosignature, one
 * each (reference, observed): a 2-of-3 payment is 3 of 120, so 40; a 3-of-5 is 4, so 30; a single-key one is 1.
 */
export function paymentsPerBlock({
  publicKey,
  threshold,
  cosigners,
}: Pick<NemWallet, 'publicKey' | 'threshold' | 'cosigners'>): number {
  const single = cosigners.length === 1 && cosigners[0]?.publicKey === publicKey;
  return Math.floor(countedPerBlock / (single ? 1 : threshold + 1));
}
