import { keccak_256 } from '@noble/hashes/sha3.js';
import { encode } from './encode.ts';
import { isHex } from './hex.ts';
import type { Multisig } from './transaction.ts';

declare const transactionHashBrand: unique symbol;

/** 32 bytes, 64 lower-case hex digits. */
export type TransactionHash = string & { readonly [transactionHashBrand]: true };

export type ParsedTransactionHash =
  | { readonly kind: 'hash'; readonly hash: TransactionHash }
  | { readonly kind: 'refused'; readonly why: 'not-32-bytes-of-lower-case-hex' };

export function parseTransactionHash(text: string): ParsedTransactionHash {
  if (!isHex(text, 32)) return { kind: 'refused', why: 'not-32-bytes-of-lower-case-hex' };
  return { kind: 'hash', hash: text as TransactionHash };
}

/** The hash of the bytes of `encode`. No signature is in it, so a second signature makes no second hash. */
export function transactionHash(bytes: Uint8Array): TransactionHash {
  return keccak_256(bytes).toHex() as TransactionHash;
}

/** The hash that cosignatures of this proposal must name: that of the inner transaction alone. */
export function innerHash(multisig: Multisig): TransactionHash {
  return transactionHash(encode(multisig.inner));
}
