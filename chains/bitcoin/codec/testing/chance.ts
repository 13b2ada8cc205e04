/** Chance that can be had again: a failing test says its SEED. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Network } from '@kuramori/core';
import { addressOf, type BitcoinChain } from '../index.ts';

export const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

export interface Chance {
  /** From 0 to one less than this. */
  readonly below: (most: number) => number;
  readonly bytes: (length: number) => Uint8Array;
  readonly of: <T>(list: readonly T[]) => T;
}

export function chanceOf(from: number): Chance {
  let count = 0;
  const bytes = (length: number): Uint8Array => {
    const whole = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      whole.set(sha256(new TextEncoder().encode(`${from} ${(count += 1)}`)).subarray(0, length - at), at);
    }
    return whole;
  };
  const below = (most: number) => Number(new DataView(bytes(8).buffer).getBigUint64(0) % BigInt(most));
  return {
    below,
    bytes,
    of: (list) => {
      const one = list[below(list.length)];
      if (one === undefined) throw new Error('of: an empty list');
      return one;
    },
  };
}

export const kinds = [
  'key hash',
  'script hash',
  'witness key hash',
  'witness script hash',
  'taproot',
] as const;

const scripts: Readonly<Record<(typeof kinds)[number], (chance: Chance) => Uint8Array>> = {
  'key hash': ({ bytes }) => Uint8Array.of(0x76, 0xa9, 20, ...bytes(20), 0x88, 0xac),
  'script hash': ({ bytes }) => Uint8Array.of(0xa9, 20, ...bytes(20), 0x87),
  'witness key hash': ({ bytes }) => Uint8Array.of(0, 20, ...bytes(20)),
  'witness script hash': ({ bytes }) => Uint8Array.of(0, 32, ...bytes(32)),
  taproot: ({ bytes }) => Uint8Array.of(0x51, 32, ...secp256k1.getPublicKey(bytes(32)).subarray(1)),
};

/** A script of some kind that pays to nobody known. */
export function someScript(chance: Chance, kind: (typeof kinds)[number] = chance.of(kinds)): Uint8Array {
  return scripts[kind](chance);
}

export function someAddress(chance: Chance, chain: BitcoinChain, network: Network): string {
  const address = addressOf(someScript(chance), chain, network);
  if (address === undefined) throw new Error('someAddress: a script without an address');
  return address;
}
