/**
 * The maps that a PSBT is made of (BIP 174): pairs of a key, whose first byte is its type, and a value, each with its length before
 * it, and a zero after the last pair. Only framing; what the pairs mean is psbt.ts's.
 */
import { concat } from './bytes.ts';
import { sized } from './size.ts';

export interface Pair {
  /** Hex: the type's byte, and what the type has its keys by. */
  readonly key: string;
  readonly value: Uint8Array;
}

export function pair(type: number, keyData: Uint8Array, value: Uint8Array): Uint8Array {
  return concat(sized(concat(Uint8Array.of(type), keyData)), sized(value));
}

export const endOfMap = Uint8Array.of(0);

/** Reads as many maps as there are; undefined where the bytes do not end with one. */
export function readMaps(bytes: Uint8Array): readonly (readonly Pair[])[] | undefined {
  const maps: (readonly Pair[])[] = [];
  let pairs: Pair[] = [];
  let at = 0;
  /** The next part with a length before it; none that is as long as 2^32 is in any PSBT. */
  const next = (): Uint8Array | undefined => {
    const first = bytes[at] ?? 0xff;
    if (first === 0xff) return undefined;
    const digits = first < 0xfd ? 0 : first === 0xfd ? 2 : 4;
    const from = at + 1 + digits;
    const written = bytes.subarray(at + 1, from).reduceRight((sum, byte) => sum * 256 + byte, 0);
    at = from + (digits === 0 ? first : written);
    return at > bytes.length ? undefined : bytes.subarray(from, at);
  };
  while (at < bytes.length) {
    const key = next();
    if (!key) return undefined;
    if (key.length === 0) {
      maps.push(pairs);
      pairs = [];
      continue;
    }
    const value = next();
    if (!value) return undefined;
    pairs.push({ key: key.toHex(), value });
  }
  return pairs.length === 0 ? maps : undefined;
}
