/**
 * What keeps keys that never leave it: an HSM, and a cloud's KMS would be another. It is elsewhere, so every answer takes
 * time; it signs what it is given, so whoever may ask it must have judged before.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';

export interface KeyService {
  readonly kind: 'hsm';
  /** Wraps bytes under a key that cannot be taken out; they unwrap only under the same label and context. */
  readonly wrap: (label: string, bytes: Uint8Array, context: Uint8Array) => Promise<Uint8Array>;
  readonly unwrap: (label: string, wrapped: Uint8Array, context: Uint8Array) => Promise<Uint8Array>;
  /** A secp256k1 key's public half: 65 bytes, 04 || x || y (SEC 1 §2.3.3). */
  readonly publicKey: (label: string) => Promise<Uint8Array>;
  /** ECDSA over a digest of 32 bytes: r || s, each 32 bytes; s may be high. Not deterministic. */
  readonly sign: (label: string, digest: Uint8Array) => Promise<Uint8Array>;
}

const { Fn } = secp256k1.Point;

/**
 * A secp256k1 signature as Bitcoin (BIP 146) and Ethereum (EIP-2) take it: with the lower of the two s. Verified before it
 * is handed on; throws where the service signed something else.
 */
export async function signLow(service: KeyService, label: string, digest: Uint8Array): Promise<Uint8Array> {
  if (digest.length !== 32) throw new RangeError('signLow: a digest has 32 bytes');
  const signature = lowS(await service.sign(label, digest));
  const options = { prehash: false, lowS: true };
  if (!secp256k1.verify(signature, digest, await service.publicKey(label), options))
    throw new Error(`${label}: the ${service.kind}'s signature does not verify: it is kept back`);
  return signature;
}

/** (r, s) and (r, n − s) are both signatures; with one of them forbidden nobody can turn one into the other. */
export function lowS(signature: Uint8Array): Uint8Array {
  const { r, s } = secp256k1.Signature.fromBytes(signature);
  return new secp256k1.Signature(r, s > Fn.ORDER / 2n ? Fn.neg(s) : s).toBytes();
}

/**
 * The nonce that an ECDSA signature by a known key was made with: k = (z + r·d) / s. For the self-test of a service with a
 * key that is thrown away; of a key that stays inside, nobody can tell more than that a nonce is repeated.
 */
export function ecdsaNonce(secret: Uint8Array, digest: Uint8Array, signature: Uint8Array): bigint {
  const { r, s } = secp256k1.Signature.fromBytes(signature);
  const [d, z] = [secret, digest].map((bytes) => Fn.create(BigInt(`0x${bytes.toHex()}`))) as [bigint, bigint];
  return Fn.mul(Fn.add(z, Fn.mul(r, d)), Fn.inv(s));
}
