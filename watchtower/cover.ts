/** Whether what is seen on the chain is explained, to the byte: each signature on it has a record that a quorum, or we, countersigned. */
import { everyKey } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import type { SignedPart } from '@kuramori/chains/watched';
import type { Archive } from './archive.ts';
import type { Ours } from './ours.ts';

/** The signatures on a seen transaction that no countersigned record covers. None: it is ours. */
export function uncovered(archive: Archive, ours: Ours, parts: readonly SignedPart[]): readonly SignedPart[] {
  return parts.filter((one) => !isCovered(archive, ours, one));
}

export function isCovered(archive: Archive, ours: Ours, { signer, bytes }: SignedPart): boolean {
  return archive.covers(signer, bytes) || isVaults(archive, ours, signer, bytes);
}

/**
 * A vault keeps its journal where no watchtower reads it. What its key may sign of a hot wallet is one cosignature of a
 * rotation that is recorded, countersigned and not about itself, and those bytes follow from the rotation. Wallets of Bitcoin's
 * family are not rotated by their chain.
 */
function isVaults(archive: Archive, ours: Ours, key: string, bytes: string): boolean {
  return archive
    .rotations()
    .some(({ wallet: id, plan, rotation }) =>
      ours.wallets.some(
        (wallet) =>
          wallet.id === id &&
          key !== rotation.rotation.remove &&
          everyKey(wallet).some(({ publicKey, signer }) => publicKey === key && signer === null) &&
          codecOf(wallet.chain).shareOf(wallet, plan, key, ours.inForce().policy.network) === bytes,
      ),
    );
}
