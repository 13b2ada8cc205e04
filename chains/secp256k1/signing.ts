/**
 * What is done with a private key: ECDSA over secp256k1 (SEC 1 §4.1.3) with the nonce of RFC 6979 §3.2 and HMAC-SHA-256.
 * Curve, field and hashes are noble's; the steps between them are written out, since noble's own leave the key and the
 * nonce in arrays that nobody can wipe. Here every array in which a secret stands is ours. What V8 computes with (BigInts)
 * is not: see program/closed/forget.ts. That both give the same signatures is tested.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

const { Point } = secp256k1;
const { Fn } = Point;

/** A signature as it comes: s may be the higher one. */
export interface Parts {
  readonly r: bigint;
  readonly s: bigint;
  /** Whether the y of the nonce's point is odd. */
  readonly odd: boolean;
}

/** The secret's number. Throws where it is no key: 0, or not below the group's order. */
export function scalarOf(secret: Uint8Array): bigint {
  const scalar = readNumber(secret);
  if (secret.length !== 32 || scalar === 0n || scalar >= Fn.ORDER)
    throw new RangeError('a key of secp256k1 is 32 bytes, not 0 and below the group’s order');
  return scalar;
}

/** Signs a 32-byte hash. Deterministic: the same key and hash give the same signature. */
export function signParts(secret: Uint8Array, hash: Uint8Array): Parts {
  const d = scalarOf(secret);
  const k = nonceOf(secret, hash);
  const { x, y } = Point.BASE.multiply(k).toAffine();
  const r = Fn.create(x);
  // 1/k by Fermat: always the same steps, whatever the nonce.
  const s = Fn.mul(Fn.pow(k, Fn.ORDER - 2n), Fn.create(Fn.create(readNumber(hash)) + Fn.mul(r, d)));
  // Once in 2^128 nonces; then nobody signs, rather than with another nonce than the one that everybody expects.
  if (r === 0n || s === 0n || r !== x) throw new Error('signParts: a nonce that gives no signature');
  return { r, s, odd: (y & 1n) === 1n };
}

/** The secret nonce with which `signParts` signs this hash. Whoever learns it learns the key. */
export function nonceOf(secret: Uint8Array, hash: Uint8Array): bigint {
  // bits2octets(h1), §2.3.4: reduced by the group's order.
  const reduced = secretBytes(32);
  writeNumber(reduced, Fn.create(readNumber(hash)));
  let key = secretBytes(32);
  let value = secretBytes(32).fill(1);
  const spent = [key, value];
  const step = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
    const out = secretBytes(32);
    const mac = hmac.create(sha256, key);
    for (const part of parts) mac.update(part);
    // noble wipes what it keeps of the key when it has been read.
    mac.digestInto(out);
    spent.push(out);
    return out;
  };
  try {
    // Steps d to g.
    for (const round of [0, 1]) {
      key = step(value, Uint8Array.of(round), secret, reduced);
      value = step(value);
    }
    // Step h; a second turn is needed once in 2^128 hashes.
    for (;;) {
      value = step(value);
      const nonce = readNumber(value);
      if (nonce > 0n && nonce < Fn.ORDER) return nonce;
      key = step(value, Uint8Array.of(0));
      value = step(value);
    }
  } finally {
    for (const one of spent) one.fill(0);
  }
}

/** Bytes outside V8's heap, which moves small arrays about and leaves copies behind. */
export function secretBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

/** The number of big-endian bytes, a multiple of eight of them; made without a text of it. */
function readNumber(from: Uint8Array): bigint {
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  let value = 0n;
  for (let at = 0; at + 8 <= from.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}

/** A number into all of the bytes, a multiple of eight of them, big-endian; made without a text of it. */
export function writeNumber(to: Uint8Array, value: bigint): void {
  const view = new DataView(to.buffer, to.byteOffset, to.length);
  let left = value;
  for (let at = to.length - 8; at >= 0; at -= 8) {
    view.setBigUint64(at, left & 0xffff_ffff_ffff_ffffn);
    left >>= 64n;
  }
}
