/**
 * A chain key in an HSM, by PKCS#11: an owner of a Safe, which signs 32 bytes. Of NEM no HSM has the curve with its hash; a key of
 * a descriptor has children, and PKCS#11 knows none.
 */
import { hashToSign, ownerOfPoint, signatureOf } from '@kuramori/chains/ethereum/codec';
import { Misconfigured } from '@kuramori/program';
import { signLow, type KeyService } from '../key-service.ts';
import type { Entrusted, On } from '../keystore.ts';

/** The owner's address. Throws Misconfigured where the HSM has no such key, or does not sign with it. */
export async function ownerIn(service: KeyService, label: string, { chain }: On): Promise<string> {
  if (chain !== 'ethereum')
    throw new Misconfigured(
      `--key-in-hsm: an HSM signs for Safes on EVM chains, and this is ${chain}: it has no curve, or no derivation, that ${chain} takes`,
    );
  const owner = ownerOfPoint(await service.publicKey(label));
  const digest = new Uint8Array(32).fill(1);
  if (signatureOf(owner, digest, await signLow(service, label, digest)) === undefined)
    throw new Misconfigured(`${label}: what the HSM signs is not of the key that it shows`);
  return owner;
}

/** r ‖ s ‖ v as hex. Throws where the answer is of another key, and then it is kept back. */
export async function signedInHsm(
  service: KeyService,
  label: string,
  { chainKey, on }: Entrusted,
  { plan, share }: { readonly plan: string; readonly share: string },
): Promise<string> {
  const hash = hashToSign(chainKey, plan, share, on.network);
  const signature = signatureOf(chainKey, hash, await signLow(service, label, hash));
  if (signature === undefined)
    throw new Misconfigured(`${label}: the HSM signed by another key than ${chainKey}: it is kept back`);
  return signature;
}
