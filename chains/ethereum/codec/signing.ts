/**
 * What is done with a private key: ECDSA over secp256k1 (SEC 1 §4.1.3) with the nonce of RFC 6979 §3.2 and HMAC-SHA-256.
 * Curve, field and hashes are noble's; the steps between them are written out, since noble's own leave the key and the
 * nonce in arrays that nobody can wipe. Here every array in which a secret stands is ours. What V8 computes with (BigInts)
 * is not: see program/closed/forget.ts. That both give the same signatures is tested.
 */
import { channel } from 'node:diagnostics_channel';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
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

/** The secret's number. Throws where it is no key: 0, or not below the group's order. */
function scalarOf(secret: Uint8Array): bigint {
  const scalar = number(secret);
  if (secret.length !== 32 || scalar === 0n || scalar >= Fn.ORDER)
    throw new RangeError('a key of secp256k1 is 32 bytes, not 0 and below the group’s order');
  return scalar;
}

export function addressOfSecret(secret: Uint8Array): Address {
  return addressOfPoint(Point.BASE.multiply(scalarOf(secret)));
}

/** Signs a 32-byte hash. Deterministic: the same key and hash give the same signature. */
export function signHash(secret: Uint8Array, hash: Uint8Array): Signed {
  if (used.hasSubscribers) used.publish('ethereum sign');
  const d = scalarOf(secret);
  const k = nonceOf(secret, hash);
  const { x, y } = Point.BASE.multiply(k).toAffine();
  const r = Fn.create(x);
  // 1/k by Fermat: always the same steps, whatever the nonce.
  const s = Fn.mul(Fn.pow(k, Fn.ORDER - 2n), Fn.create(Fn.create(number(hash)) + Fn.mul(r, d)));
  // Once in 2^128 nonces; then nobody signs, rather than with another nonce than the one that everybody expects.
  if (r === 0n || s === 0n || r !== x) throw new Error('signHash: a nonce that gives no signature');
  const odd = (y & 1n) === 1n;
  // EIP-2: of s and −s the lower. It belongs to the point on the other side.
  const high = s > Fn.ORDER / 2n;
  return {
    rs: hexOf(r, 32) + hexOf(high ? Fn.neg(s) : s, 32),
    recovery: odd === high ? 0 : 1,
  };
}

/** The secret nonce with which `signHash` signs this hash. Whoever learns it learns the key. */
export function nonceOf(secret: Uint8Array, hash: Uint8Array): bigint {
  // bits2octets(h1), §2.3.4: reduced by the group's order.
  const reduced = Uint8Array.fromHex(hexOf(Fn.create(number(hash)), 32));
  let key = bytes();
  let value = bytes().fill(1);
  const spent = [key, value];
  const step = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
    const out = bytes();
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
      const nonce = number(value);
      if (nonce > 0n && nonce < Fn.ORDER) return nonce;
      key = step(value, Uint8Array.of(0));
      value = step(value);
    }
  } finally {
    for (const one of spent) one.fill(0);
  }
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

/** 32 bytes outside V8's heap, which moves small arrays about and leaves copies behind. */
function bytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(32));
}

/** The number of big-endian bytes, a multiple of eight of them; made without a text of it. */
function number(from: Uint8Array): bigint {
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  let value = 0n;
  for (let at = 0; at + 8 <= from.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}
