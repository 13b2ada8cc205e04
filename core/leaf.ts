/** Leaf: an entry as it stands in the tree over its journal. */
import { canonicalText } from './canonical.ts';
import type { Entry, SignedEntry } from './journal.ts';

/** tlog-tiles gives an entry's length 16 bits. */
export const mostLeafBytes = 65_535;

/** The canonical text of the signed entry, as UTF-8. */
export function leafOf(signed: SignedEntry): Buffer {
  return Buffer.from(canonicalText(signed));
}

/** Whether an entry, once signed, is longer than a leaf may be: such a one is not written down, and nobody takes it. */
export function isTooLong(entry: Entry): boolean {
  return leafOf({ entry, signature: '0'.repeat(128) }).length > mostLeafBytes;
}
