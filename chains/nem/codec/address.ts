import { ripemd160 } from '@noble/hashes/legacy.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { isHex } from './hex.ts';
import type { PublicKey } from './keys.ts';
import { networkByte, type NemNetwork } from './network.ts';

declare const addressBrand: unique symbol;

/** 40 upper-case base32 characters without hyphens, checksum right, of a known network. */
export type Address = string & { readonly [addressBrand]: true };

export type AddressFlaw = 'wrong-length' | 'not-base32' | 'wrong-checksum' | 'wrong-network';
export type ParsedAddress =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'refused'; readonly why: AddressFlaw };

/** Characters of an address, in text and on the wire. */
export const addressLength = 40;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'; // RFC 4648 6

/** The address of a public key. Source: NIS Address.generateEncoded. */
export function addressOf(publicKey: PublicKey, network: NemNetwork): Address {
  if (!isHex(publicKey, 32)) throw new Error('addressOf: publicKey must be 64 lower-case hex digits');
  return addressOfHash(ripemd160(keccak_256(Uint8Array.fromHex(publicKey))), network);
}

/**
 * Reads an address in its one canonical form. Lower case, hyphens and spaces are refused: people write
 * them, so forms may remove them, but two texts must never stand for one account further in.
 */
export function parseAddress(text: string, network: NemNetwork): ParsedAddress {
  if (text.length !== addressLength) return { kind: 'refused', why: 'wrong-length' };
  const decoded = base32Decode(text);
  if (decoded === undefined) return { kind: 'refused', why: 'not-base32' };
  const body = decoded.subarray(0, 21);
  const checksum = keccak_256(body).subarray(0, 4);
  if (!checksum.every((byte, at) => byte === decoded[21 + at])) {
    return { kind: 'refused', why: 'wrong-checksum' };
  }
  // Only now, so that a typing error in the first character is not called another network.
  if (body[0] !== networkByte[network]) return { kind: 'refused', why: 'wrong-network' };
  return { kind: 'address', address: text as Address };
}

/** The same account (the same hash of a public key) as an address of the given network. */
export function toNetwork(address: Address, network: NemNetwork): Address {
  const decoded = base32Decode(address);
  if (decoded === undefined || decoded.length !== 25) throw new Error('toNetwork: not an address');
  return addressOfHash(decoded.subarray(1, 21), network);
}

/** The address of a public key's hash, 20 bytes. Source: NIS Address.generateEncoded. */
export function addressOfHash(hash160: Uint8Array, network: NemNetwork): Address {
  const bytes = new Uint8Array(25);
  bytes[0] = networkByte[network];
  bytes.set(hash160, 1);
  bytes.set(keccak_256(bytes.subarray(0, 21)).subarray(0, 4), 21);
  return base32Encode(bytes) as Address;
}

// 25 bytes are exactly 40 characters of 5 bits, so there is neither padding nor a second spelling.
function base32Encode(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((value >> bits) & 31);
    }
  }
  return text;
}

function base32Decode(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array((text.length * 5) >> 3);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit === -1) return undefined;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (value >> bits) & 0xff;
      at += 1;
    }
  }
  return bytes;
}
