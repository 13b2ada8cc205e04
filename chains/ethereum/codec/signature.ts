/** Signatures over 32-byte hashes, as a Safe and the chain read them: r, s and which of the points with this r it was. */
import { channel } from 'node:diagnostics_channel';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { checksummed, type Address } from './address.ts';
import { hashOfHex } from './safe.ts';
import { isHex, numberOf } from './hex.ts';

const { Point, Signature } = secp256k1;
const halfOrder = Point.Fn.ORDER / 2n;

/** Each signature made or verified, for whoever counts (program/count.ts); it costs nothing while nobody does. */
const used = channel('kuramori:signature');

/** Hex digits of r ‖ s ‖ v: 65 bytes. */
export const signatureLength = 130;

/** The address of a public point: the last 20 bytes of the Keccak-256 of its coordinates. */
export function addressOfPoint(point: InstanceType<typeof Point>): Address {
  return checksummed(keccak_256(point.toBytes(false).subarray(1)).subarray(12).toHex());
}

/**
 * Whose signature over a hash this is, as the chain's ecrecover says; undefined where it is nobody's. `rs`: 64 bytes;
 * `recovery`: 0 or 1, v less 27. Both halves of s are read: the chain takes either.
 */
export function recover(hash: string, rs: string, recovery: number): Address | undefined {
  if (!isHex(hash, 32) || !isHex(rs, 64) || (recovery !== 0 && recovery !== 1)) return undefined;
  if (used.hasSubscribers) used.publish('ethereum verify');
  try {
    const signature = new Signature(numberOf(rs.slice(0, 64)), numberOf(rs.slice(64)), recovery);
    return addressOfPoint(signature.recoverPublicKey(Uint8Array.fromHex(hash)));
  } catch {
    return undefined; // r or s out of range, or no point has this r
  }
}

/** Whether the s of r ‖ s (and whatever follows) is in the lower half, as every signature of ours is (EIP-2): of the two that verify, the one. */
export function isLow(rs: string): boolean {
  return numberOf(rs.slice(64, 128)) <= halfOrder;
}

/** Who signed a Safe's hash, in the one form that we make: low s, v 27 or 28. Never throws. */
export function ownerOf(hash: string, signature: string): Address | undefined {
  if (!isHex(signature, signatureLength / 2) || !isLow(signature)) return undefined;
  return recover(hash, signature.slice(0, 128), Number.parseInt(signature.slice(128), 16) - 27);
}

/** What `eth_sign` hashes of a 32-byte hash (EIP-191, version 0x45): a Safe takes signatures over that, with v + 4. */
export function ethSignHash(hash: string): string {
  const prefix = new TextEncoder().encode('\x19Ethereum Signed Message:\n32').toHex();
  return hashOfHex(prefix + hash);
}

/** Who signed a Safe's hash in any form by which a key alone can: v 27 and 28, or by `eth_sign` 31 and 32; either s. */
export function anyOwnerOf(hash: string, signature: string): Address | undefined {
  if (!isHex(signature, signatureLength / 2)) return undefined;
  const rs = signature.slice(0, 128);
  const v = Number.parseInt(signature.slice(128), 16);
  return v > 30 ? recover(ethSignHash(hash), rs, v - 31) : recover(hash, rs, v - 27);
}
