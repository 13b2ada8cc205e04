/** Addresses that nobody has a key of: to burn coins on, and to be mistaken for somebody's. */
import { createHash } from 'node:crypto';
import { endsOf } from '@kuramori/core';
import { addressOfHash, type Address } from '@kuramori/chains/nem/codec';

/** As Nobitex's thieves wrote theirs: letters that say something, which no key hashes to but by chance. */
export function unspendable(index: number): Address {
  const hash = Buffer.alloc(20, 0);
  hash.writeUInt32BE(index, 16);
  return addressOfHash(hash, 'testnet');
}

export interface Pair {
  readonly known: Address;
  readonly lookalike: Address;
}

/**
 * Two addresses that show the same ends. A thief grinds keys for one given address, 2^32 of them; here both are free, so
 * 2^16 hashes are enough, and neither has a key. The same pair each time.
 */
export function lookalikes(): Pair {
  const seen = new Map<string, Address>();
  for (let tried = 0; ; tried += 1) {
    const hash = createHash('sha256').update(`poison ${tried}`).digest().subarray(0, 20);
    const lookalike = addressOfHash(hash, 'testnet');
    const known = seen.get(endsOf(lookalike));
    if (known !== undefined) return { known, lookalike };
    seen.set(endsOf(lookalike), lookalike);
  }
}
