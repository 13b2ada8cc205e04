// Node 26 and TypeScript's library know Uint8Array.fromHex and toHex. fromHex also takes upper case and
// throws on the rest, so what comes from outside passes isHex first.

/** Whether the text is exactly `bytes` bytes (any whole number of them if left out) of lower-case hex. */
export function isHex(text: string, bytes?: number): boolean {
  if (text.length % 2 !== 0 || (bytes !== undefined && text.length !== bytes * 2)) return false;
  return /^[0-9a-f]*$/.test(text);
}
