/**
 * Signatures over secp256k1 as Bitcoin's family has them: r and s, 32 bytes each, s in its lower half (BIP 146), the nonce
 * derived from key and digest (RFC 6979). On the wire they are DER with the kind's byte behind them (BIP 66).
 */
import { channel } from 'node:diagnostics_channel';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Inspected } from '@kuramori/core';
import { nonceOf, signParts } from '@kuramori/chains/secp256k1';
import { concat } from './bytes.ts';

const { Point, Signature } = secp256k1;
const { Fn } = Point;

/** Bits of the group's order, and so of a nonce. */
export const nonceBits = 256;

/** Each signature made or verified, for whoever counts (program/count.ts); it costs nothing while nobody does. */
const used = channel('kuramori:signature');

/** 64 bytes. The nonce is derived, so the same key and digest give the same signature. */
export function sign(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  if (used.hasSubscribers) used.publish('bitcoin sign');
  const { r, s } = signParts(secret, digest);
  return written(r, s > Fn.ORDER >> 1n ? Fn.neg(s) : s);
}

/** Whether a key, of 33 or 65 bytes, made this signature, with the lower s; never throws. */
export function verify(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  if (used.hasSubscribers) used.publish('bitcoin verify');
  try {
    return secp256k1.verify(signature, digest, publicKey, { prehash: false, lowS: true });
  } catch {
    return false; // noble throws on a key that is no point, and on numbers out of range
  }
}

/**
 * Whether a signature is the one that RFC 6979 gives, computed without the code that signed: the nonce anew, its point, and s
 * from both. So it also verifies, and no machine's chance is in it.
 */
export function isDerived(secret: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  if (used.hasSubscribers) used.publish('bitcoin check');
  const nonce = nonceOf(secret, digest);
  const r = Fn.create(Point.BASE.multiply(nonce).toAffine().x);
  const s = Fn.mul(Fn.inv(nonce), Fn.create(number(digest) + r * number(secret)));
  const lower = s > Fn.ORDER >> 1n ? Fn.neg(s) : s;
  return written(r, lower).toHex() === signature.toHex();
}

/**
 * As `sign`, with s as it comes out: the lower one may belong to the nonce's negative, and nobody could look at the bits of
 * either. For a self-test alone.
 */
export function signAsItComes(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  if (used.hasSubscribers) used.publish('bitcoin sign');
  const { r, s } = signParts(secret, digest);
  return written(r, s);
}

/** The nonce that such a signature was made with, whoever made it: k = (z + r·d) / s. Whoever learns it learns the key. */
export function inspect(secret: Uint8Array, digest: Uint8Array, signature: Uint8Array): Inspected {
  const r = number(signature.subarray(0, 32));
  const s = number(signature.subarray(32));
  const nonce = Fn.mul(Fn.create(number(digest) + r * number(secret)), Fn.inv(s));
  return {
    point: signature.subarray(0, 32).toHex(),
    nonce,
    derived: nonce === nonceOf(secret, digest) && r === Fn.create(Point.BASE.multiply(nonce).toAffine().x),
  };
}

/** As it stands in a witness. */
export function toDer(signature: Uint8Array, sighash: number): Uint8Array {
  return concat(Signature.fromBytes(signature, 'compact').toBytes('der'), Uint8Array.of(sighash));
}

/** What stands in a witness: 64 bytes with the lower s, which verifies where the other does, and the kind; undefined for others. */
export function fromDer(
  der: Uint8Array,
): { readonly signature: Uint8Array; readonly sighash: number } | undefined {
  const sighash = der.at(-1);
  if (sighash === undefined) return undefined;
  try {
    const { r, s } = Signature.fromBytes(der.subarray(0, -1), 'der');
    const lower = s > Fn.ORDER >> 1n ? Fn.neg(s) : s;
    return { signature: concat(Fn.toBytes(r), Fn.toBytes(lower)), sighash };
  } catch {
    return undefined; // noble throws on what is not DER
  }
}

/**
 * The same of what other wallets made, where it is written in the one way that nodes relay: strict DER (BIP 66), with the lower s
 * (BIP 146). Otherwise why not.
 */
export function fromStrictDer(
  der: Uint8Array,
): { readonly signature: Uint8Array; readonly sighash: number } | string {
  const read = fromDer(der);
  if (!read) return 'is no signature in DER (BIP 66)';
  if (toDer(read.signature, read.sighash).toHex() === der.toHex()) return read;
  const { s } = Signature.fromBytes(der.subarray(0, -1), 'der');
  return s > Fn.ORDER >> 1n
    ? 'has the upper s, which no node relays (BIP 146)'
    : 'is written in another way than strict DER (BIP 66)';
}

function written(r: bigint, s: bigint): Uint8Array {
  return concat(Fn.toBytes(r), Fn.toBytes(s));
}

function number(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let value = 0n;
  for (let at = 0; at < bytes.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}
