/**
 * A Safe's guard, held against the policy: its code says for good whom it lets in, and versions of the policy come and go. See
 * docs/decisions/0039-only-spares-become-owners.md
 */
import { everyKey, type EthereumWallet } from '@kuramori/core';
import type { GuardKeys } from '@kuramori/chains/ethereum/codec';

/**
 * What nobody of ours can have done, in sentences: a guard of other code, or one that lets in a key that was never a key of the
 * wallet's. A spare that became an owner, or that a later version drops, was pinned once. `keys`: null where the code is none of ours.
 */
export function strangersIn(
  keys: GuardKeys | null,
  versions: readonly Pick<EthereumWallet, 'cosigners' | 'spares'>[],
): readonly string[] {
  if (keys === null) return ['its guard runs code that is none of our guards'];
  const pinned = new Set(versions.flatMap(everyKey).map(({ publicKey }) => publicKey));
  return keys.spares
    .filter((key) => !pinned.has(key))
    .map((key) => `its guard lets in ${key}, whom no version of the policy pins`);
}

/**
 * Where guard and policy are two things, though each was ours, in sentences: `wallet` as its newest version has it. `keys`: undefined
 * where the Safe was made without any guard.
 */
export function apartFrom(
  keys: GuardKeys | undefined,
  wallet: Pick<EthereumWallet, 'cosigners' | 'spares'>,
): readonly string[] {
  if (keys === undefined)
    return [
      'the Safe was made without a guard: whoever has the keys of enough owners makes of it what he likes',
    ];
  const mine = everyKey(wallet);
  const isMine = (key: string) => mine.some(({ publicKey }) => publicKey === key);
  const letIn: readonly string[] = keys.spares;
  const inVaults: readonly string[] = keys.vaults;
  const kept = (wallet.spares ?? []).filter(({ publicKey }) => !letIn.includes(publicKey));
  const left = letIn.filter((key) => !isMine(key));
  // It compares kinds alone, so where all are of one it does not matter which.
  const kinds = new Set(
    mine
      .filter((one) => !kept.includes(one))
      .map(({ publicKey, signer }) => (signer === null) === inVaults.includes(publicKey)),
  );
  return [
    ...kept.map(
      ({ publicKey }) =>
        `the policy pins ${publicKey} as a spare, and the guard does not let it in: a rotation to it fails on the chain, and only a new Safe can have it`,
    ),
    ...left.map(
      (key) =>
        `the guard lets in ${key}, whom the policy pins no longer: whoever has that key, and enough of the owners’, makes a place his own, so another Safe is due`,
    ),
    ...(letIn.length > 0 && kinds.size > 1
      ? ['the guard does not keep keys in vaults and keys online apart as the policy does']
      : []),
  ];
}
