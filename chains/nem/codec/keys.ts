import { channel } from 'node:diagnostics_channel';
import { ed25519 } from '@noble/curves/ed25519.js';
import { keccak_512 } from '@noble/hashes/sha3.js';
import { isHex } from './hex.ts';

declare const privateKeyBrand: unique symbol;
declare const publicKeyBrand: unique symbol;
declare const signatureBrand: unique symbol;

/** The 32 bytes that are hashed, first to last: NIS writes them in the opposite order. Wipe with `fill(0)`. */
export type PrivateKey = Uint8Array & { readonly [privateKeyBrand]: true };
/** 32 bytes, 64 lower-case hex digits, in the order of the wire. */
export type PublicKey = string & { readonly [publicKeyBrand]: true };
/** 64 bytes R || S, 128 lower-case hex digits. */
export type Signature = string & { readonly [signatureBrand]: true };

export type ParsedPrivateKey =
  | { readonly kind: 'key'; readonly privateKey: PrivateKey }
  | { readonly kind: 'refused'; readonly why: 'not-hex' | 'wrong-length' | 'zero-key' };
export type ParsedPublicKey =
  | { readonly kind: 'key'; readonly publicKey: PublicKey }
  | { readonly kind: 'refused'; readonly why: 'not-32-bytes-of-lower-case-hex' };
export type ParsedSignature =
  | { readonly kind: 'signature'; readonly signature: Signature }
  | { readonly kind: 'refused'; readonly why: 'not-64-bytes-of-lower-case-hex' };

const { Point } = ed25519;
const groupOrder = Point.Fn.ORDER;

/** Each signature made or verified, for whoever counts (program/count.ts); it costs nothing while nobody does. */
const used = channel('kuramori:signature');

/**
 * Reads a private key as NIS and its wallets write it: 64 hex digits of either case, most significant byte
 * first, or 66 that begin with the "00" sign byte of old wallets. Shorter ones, which NIS would pad, are
 * refused: they are more often a paste gone wrong.
 */
export function parsePrivateKey(hex: string): ParsedPrivateKey {
  const lower = hex.toLowerCase();
  if (!/^[0-9a-f]*$/.test(lower)) return { kind: 'refused', why: 'not-hex' };
  const digits = lower.length === 66 && lower.startsWith('00') ? lower.slice(2) : lower;
  if (digits.length !== 64) return { kind: 'refused', why: 'wrong-length' };
  const seed = Uint8Array.fromHex(digits).toReversed();
  if (seed.every((byte) => byte === 0)) return { kind: 'refused', why: 'zero-key' };
  return { kind: 'key', privateKey: seed as PrivateKey };
}

/** A private key from 32 random bytes, which are copied. Throws if they are not 32, or all zero. */
export function privateKeyOf(seed: Uint8Array): PrivateKey {
  if (seed.length !== 32) throw new Error('privateKeyOf: seed must be 32 bytes');
  if (seed.every((byte) => byte === 0)) throw new Error('privateKeyOf: seed is all zero');
  // Outside V8's heap, which moves small arrays about and leaves copies behind.
  const key = new Uint8Array(new ArrayBuffer(32));
  key.set(seed);
  return key as Uint8Array as PrivateKey;
}

/** The key as NIS and its wallets write it: 64 lower-case hex digits, most significant byte first. */
export function formatPrivateKey(privateKey: PrivateKey): string {
  return privateKey.toReversed().toHex();
}

/** The text of a public key, which need not be a point of the curve; `verify` refuses those that are not. */
export function parsePublicKey(text: string): ParsedPublicKey {
  if (!isHex(text, 32)) return { kind: 'refused', why: 'not-32-bytes-of-lower-case-hex' };
  return { kind: 'key', publicKey: text as PublicKey };
}

export function parseSignature(text: string): ParsedSignature {
  if (!isHex(text, 64)) return { kind: 'refused', why: 'not-64-bytes-of-lower-case-hex' };
  return { kind: 'signature', signature: text as Signature };
}

/**
 * Whether NIS would take this signature, and a little stricter. As NIS (Ed25519DsaSigner.verify) it wants
 * 0 < S < group order, refuses the all-zero key, and compares the bytes of the R that it computes, without
 * the cofactor. Beyond NIS it refuses keys that are not canonical, or of small order, and an R of small
 * order; no honest key or signature has them. Never throws, whatever the texts hold.
 */
export function verify(publicKey: PublicKey, bytes: Uint8Array, signature: Signature): boolean {
  if (!isHex(publicKey, 32) || !isHex(signature, 64)) return false;
  const keyBytes = Uint8Array.fromHex(publicKey);
  const signatureBytes = Uint8Array.fromHex(signature);
  const r = signatureBytes.subarray(0, 32);
  const s = littleEndian(signatureBytes.subarray(32));
  if (s === 0n || s >= groupOrder || keyBytes.every((byte) => byte === 0)) return false;
  if (used.hasSubscribers) used.publish('nem verify');
  try {
    const key = Point.fromBytes(keyBytes);
    if (key.isSmallOrder()) return false;
    const challenge = littleEndian(keccak_512(concat(r, keyBytes, bytes))) % groupOrder;
    const computed = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(challenge));
    return !computed.isSmallOrder() && computed.toBytes().every((byte, at) => byte === r[at]);
  } catch {
    return false; // noble throws on a key that is no point of the curve, or not in canonical form
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toReversed().toHex()}`);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
