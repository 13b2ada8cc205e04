// Node 26 and TypeScript's library know Uint8Array.fromHex and toHex. fromHex also takes upper case and throws on the rest, so
// what comes from outside passes isHex first.

/** As the coders' types ask for them: nothing here is ever shared with another thread. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

/** Whether the text is whole bytes of lower-case hex: exactly `bytes` of them, or any number where that is left out. */
export function isHex(text: string, bytes?: number): boolean {
  if (text.length % 2 !== 0 || (bytes !== undefined && text.length !== bytes * 2)) return false;
  return /^[0-9a-f]*$/.test(text);
}

export { concatBytes as concat } from '@noble/hashes/utils.js';

/** Byte by byte, a shorter one first where it begins the longer (BIP 69, BIP 67). */
export function compare(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
