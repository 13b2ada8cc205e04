/**
 * Lookalike: an address that shows the same ends as another and is not it. Screens and people shorten addresses, so a
 * thief sends dust from one with the same ends, and waits until somebody copies it out of a history (address poisoning).
 */

/** As many letters as wallets usually show of each end. */
const shown = 4;

/** The ends that are compared. The first letters of an address that are the same for all say nothing: `0x`. */
export function endsOf(address: string): string {
  const bare = address.replace(/^0x/, '').toLowerCase();
  return `${bare.slice(0, shown)}…${bare.slice(-shown)}`;
}

export function isLookalike(address: string, other: string): boolean {
  return !isSame(address, other) && endsOf(address) === endsOf(other);
}

/** Letters of another case are another address, but in hexadecimal. */
function isSame(address: string, other: string): boolean {
  const hexadecimal = address.startsWith('0x');
  return address === other || (hexadecimal && address.toLowerCase() === other.toLowerCase());
}

/** Ends → the addresses that have them. */
export type Ends = ReadonlyMap<string, ReadonlySet<string>>;

export function isLookalikeOf(address: string, known: Ends): boolean {
  for (const other of known.get(endsOf(address)) ?? []) if (isLookalike(address, other)) return true;
  return false;
}
