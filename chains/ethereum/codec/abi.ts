/** The contract ABI as far as we need it: static arguments behind a selector, and the two layouts of a Safe. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bareOf, checksummed, type Address } from './address.ts';
import { hexOf, numberOf } from './hex.ts';

/** Hex digits of a word. */
export const wordLength = 64;

/** 8 hex digits: the first four bytes of the signature's Keccak-256. */
export function selectorOf(signature: string): string {
  return keccak_256(new TextEncoder().encode(signature)).toHex().slice(0, 8);
}

export function word(value: bigint | Address): string {
  return typeof value === 'bigint' ? hexOf(value, 32) : bareOf(value).padStart(wordLength, '0');
}

/** Every whole word of hex; what is left over is not among them. */
export function wordsOf(hex: string): readonly string[] {
  return hex.match(/.{64}/g) ?? [];
}

/** The address in a word; undefined where the twelve bytes before it are not zero, which some contracts would not see. */
export function addressIn(text: string): Address | undefined {
  return /^0{24}/.test(text) && text.length === wordLength ? checksummed(text.slice(24)) : undefined;
}

/** Bytes behind their length, filled up to whole words with zeros. */
export function dynamic(hex: string): string {
  return word(BigInt(hex.length / 2)) + hex.padEnd(Math.ceil(hex.length / wordLength) * wordLength, '0');
}

/** The bytes whose length stands at an offset, in bytes; undefined where they go beyond the end. Padding is not looked at. */
export function bytesAt(hex: string, offset: bigint): string | undefined {
  if (offset > BigInt(hex.length)) return undefined;
  const at = Number(offset) * 2;
  const head = hex.slice(at, at + wordLength);
  if (head.length < wordLength) return undefined;
  const length = numberOf(head);
  if (length > BigInt(hex.length)) return undefined;
  const from = at + wordLength;
  const bytes = hex.slice(from, from + Number(length) * 2);
  return bytes.length === Number(length) * 2 ? bytes : undefined;
}
