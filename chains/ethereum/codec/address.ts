import { keccak_256 } from '@noble/hashes/sha3.js';
import { isHex, numberOf } from './hex.ts';

declare const addressBrand: unique symbol;

/** 0x and 40 hex digits whose capitals are EIP-55's checksum: the one form that outputs, wallets and refusals have. */
export type Address = string & { readonly [addressBrand]: true };

export type AddressFlaw =
  | 'no-0x'
  | 'wrong-length'
  | 'not-hex'
  | 'wrong-checksum'
  | 'zero-address'
  | 'reserved-address'
  | 'coin-placeholder';
export type ParsedAddress =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'refused'; readonly why: AddressFlaw };

export const zeroAddress = `0x${'0'.repeat(40)}` as Address;

/** EIP-1352: where precompiles and system contracts are, so that no key can be there. RIP-7587's lie in it as well. */
const lastReserved = 0xffffn;

/** ERC-7528: stands for the chain's own coin where an asset's address is asked for, and is nobody's. */
const coinPlaceholder = 'ee'.repeat(20);

/**
 * Reads an address as people write it. Customers paste what other software shows, and much of that writes small letters
 * only: these say nothing by their case, as EIP-55 has it, and are read; so are capitals only. As soon as letters of both
 * cases are there they are a checksum, and must be the right one. 0x is asked for: without it a transaction's or a key's
 * digits that were cut would pass.
 */
export function parseAddress(text: string): ParsedAddress {
  if (!text.startsWith('0x')) return { kind: 'refused', why: 'no-0x' };
  const digits = text.slice(2);
  if (digits.length !== 40) return { kind: 'refused', why: 'wrong-length' };
  const lower = digits.toLowerCase();
  if (!isHex(lower, 20)) return { kind: 'refused', why: 'not-hex' };
  const address = checksummed(lower);
  if (digits !== lower && digits !== digits.toUpperCase() && text !== address)
    return { kind: 'refused', why: 'wrong-checksum' };
  const why = nobodysBy(lower);
  return why === undefined ? { kind: 'address', address } : { kind: 'refused', why };
}

/** Why coins sent there would be lost whoever is asked; undefined where somebody may have the address. */
export function nobodysAddress(address: Address): AddressFlaw | undefined {
  return nobodysBy(bareOf(address));
}

function nobodysBy(bare: string): AddressFlaw | undefined {
  if (numberOf(bare) === 0n) return 'zero-address';
  if (numberOf(bare) <= lastReserved) return 'reserved-address';
  return bare === coinPlaceholder ? 'coin-placeholder' : undefined;
}

/** EIP-55 of 40 lower-case hex digits, whatever stands there. */
export function checksummed(bare: string): Address {
  if (!isHex(bare, 20)) throw new Error('checksummed: must be 20 bytes of lower-case hex');
  const hash = keccak_256(new TextEncoder().encode(bare)).toHex();
  const letters = Array.from(bare, (digit, at) =>
    Number.parseInt(hash.charAt(at), 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${letters.join('')}` as Address;
}

/** The 40 lower-case hex digits. */
export function bareOf(address: Address): string {
  return address.slice(2).toLowerCase();
}

/** Whether a text is an address in its one form, of somebody. */
export function isAddress(text: string): text is Address {
  const parsed = parseAddress(text);
  return parsed.kind === 'address' && parsed.address === text;
}
