/** Roles: what a policy has a signer's keys do. */
import { everyKey, ownKey, writersOf, type Policy } from '@kuramori/core';

interface KeyPair {
  readonly recordKey: string;
  readonly chainKey: string;
}

/**
 * Each in a few words; none where the policy has nothing for them to do. A chain key that acts as another signer's is not this
 * one's role: another has its place, by the same key, which was recovered from paper.
 */
export function rolesOf(policy: Policy, { recordKey, chainKey }: KeyPair): readonly string[] {
  const own = writersOf(policy).find((signer) => signer.recordKey === recordKey)?.id;
  const wallets = policy.wallets.flatMap((wallet) => {
    const { id, cosigners } = wallet;
    const held = everyKey(wallet).flatMap((one, at) =>
      // A vault without a name: which of several copies acts nobody can tell from the policy.
      one.publicKey === chainKey && (one.signer === null ? (one.vault ?? own) === own : one.signer === own)
        ? [`${at < cosigners.length ? 'cosigner' : 'spare'} of ${id}, ${where(one)}`]
        : [],
    );
    return [...(ownKey(wallet) === chainKey ? [`the account of ${id} itself`] : []), ...held];
  });
  return [...(own === undefined ? [] : [`${own}, whose records it signs`]), ...wallets];
}

/** Who acts by this chain key, online: after a recovery another signer still, until the keepers name the new record key. */
export function actingBy({ wallets }: Policy, chainKey: string): readonly string[] {
  const found = wallets.flatMap((wallet) =>
    everyKey(wallet).flatMap(({ publicKey, signer }) =>
      publicKey === chainKey && signer !== null ? [signer] : [],
    ),
  );
  return [...new Set(found)];
}

function where({ signer, vault }: Policy['wallets'][number]['cosigners'][number]): string {
  return signer === null
    ? vault === undefined
      ? 'in a vault'
      : `in the vault ${vault}`
    : `online as ${signer}`;
}
