/** Signatures as Ethereum has them: the lower s (EIP-2), and which of the two points with this r. What is done with the key is chains/secp256k1's. */
import { channel } from 'node:diagnostics_channel';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { nonceOf, scalarOf, signParts } from '@kuramori/chains/secp256k1';
import type { Address } from './address.ts';
import { hexOf, numberOf } from './hex.ts';
import { addressOfPoint } from './signature.ts';

const { Point } = secp256k1;
const { Fn } = Point;

/** Each signature made or verified, for whoever counts (program/count.ts); it costs nothing while nobody does. */
const used = channel('kuramori:signature');

export interface Signed {
  /** Hex, 64 bytes. */
  readonly rs: string;
  /** Which of the two points with this r: v less 27. */
  readonly recovery: 0 | 1;
}

export function addressOfSecret(secret: Uint8Array): Address {
  return addressOfPoint(Point.BASE.multiply(scalarOf(secret)));
}

/** Signs a 32-byte hash. Deterministic: the same key and hash give the same signature. */
export function signHash(secret: Uint8Array, hash: Uint8Array): Signed {
  if (used.hasSubscribers) used.publish('ethereum sign');
  const { r, s, odd } = signParts(secret, hash);
  // EIP-2: of s and −s the lower. It belongs to the point on the other side.
  const high = s > Fn.ORDER / 2n;
  return {
    rs: hexOf(r, 32) + hexOf(high ? Fn.neg(s) : s, 32),
    recovery: odd === high ? 0 : 1,
  };
}

/**
 * The nonce with which a signature by this key was made, whoever made it: s = (z + r·d)/k, solved for k. The lower of s and
 * −s is taken for k and for −k alike, so which of them it was is told by the derived one, and otherwise the lower is given.
 */
export function nonceUsed(secret: Uint8Array, hash: Uint8Array, signed: Signed): bigint {
  const derived = nonceOf(secret, hash);
  const k = solved(secret, hash, signed);
  const other = Fn.neg(k);
  if (k === derived || other === derived) return derived;
  return k < other ? k : other;
}

function solved(secret: Uint8Array, hash: Uint8Array, { rs }: Signed): bigint {
  const [r, s] = [numberOf(rs.slice(0, 64)), numberOf(rs.slice(64))];
  return Fn.mul(Fn.inv(s), Fn.create(Fn.create(number(hash)) + Fn.mul(r, scalarOf(secret))));
}

/**
 * Whether a signature by this key is the one that RFC 6979 gives, computed from the signature's side: the nonce that it was
 * made with is the derived one, its r that of the nonce's point, its s the lower, and it names the point on the right side.
 */
export function isDerived(secret: Uint8Array, hash: Uint8Array, signed: Signed): boolean {
  if (used.hasSubscribers) used.publish('ethereum check');
  const [r, s] = [numberOf(signed.rs.slice(0, 64)), numberOf(signed.rs.slice(64))];
  if (s === 0n || s > Fn.ORDER / 2n) return false;
  const nonce = nonceOf(secret, hash);
  const k = solved(secret, hash, signed);
  if (k !== nonce && k !== Fn.neg(nonce)) return false;
  const { x, y } = Point.BASE.multiply(nonce).toAffine();
  const odd = (y & 1n) === 1n;
  return x === r && (signed.recovery === 1) === (k === nonce ? odd : !odd);
}

/** The number of big-endian bytes, a multiple of eight of them; made without a text of it. */
function number(from: Uint8Array): bigint {
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  let value = 0n;
  for (let at = 0; at + 8 <= from.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}
