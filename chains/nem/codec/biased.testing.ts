/** A signer that makes valid NEM signatures with whatever nonces it is told to. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { keccak_512 } from '@noble/hashes/sha3.js';
import type { PrivateKey } from './index.ts';
import { nonceOf, publicKeyOf, scalarOf } from './signing.ts';

const { BASE, Fn } = ed25519.Point;

/** `nonce` gets the nonce that an honest signer would use. */
export function signWith(key: PrivateKey, share: string, nonce: (derived: bigint) => bigint): string {
  const bytes = Uint8Array.fromHex(share);
  const r = Fn.create(nonce(nonceOf(key, bytes)));
  const point = BASE.multiply(r).toHex();
  const hash = keccak_512(Uint8Array.fromHex(point + publicKeyOf(key) + share));
  const challenge = Fn.create(BigInt(`0x${hash.toReversed().toHex()}`));
  return point + Fn.toBytes(Fn.create(r + challenge * scalarOf(key))).toHex();
}
