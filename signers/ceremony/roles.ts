/** Roles: where a policy names a signer's keys. */
import { ownKey, type Policy } from '@kuramori/core';

/** Each in a few words; none where the policy does not know them. */
export function rolesOf(
  policy: Policy,
  { recordKey, chainKey }: { readonly recordKey: string; readonly chainKey: string },
): readonly string[] {
  const signers = policy.signers
    .filter((signer) => signer.recordKey === recordKey)
    .map(({ id }) => `${id}, whose records it signs`);
  const wallets = policy.wallets.flatMap((wallet) => {
    const { id, cosigners, spares = [] } = wallet;
    return [
      ...(ownKey(wallet) === chainKey ? [`the account of ${id} itself`] : []),
      ...cosigners
        .filter((one) => one.publicKey === chainKey)
        .map((one) => `cosigner of ${id}, ${where(one)}`),
      ...spares.filter((one) => one.publicKey === chainKey).map((one) => `spare of ${id}, ${where(one)}`),
    ];
  });
  return [...signers, ...wallets];
}

function where({ signer }: { readonly signer: string | null }): string {
  return signer === null ? 'in a vault' : `online as ${signer}`;
}
