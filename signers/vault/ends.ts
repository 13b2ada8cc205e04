/** As many of the last characters as people type of what they were shown. */
const least = 6;

/** Whether somebody typed the end of a key or an address: they have looked at it, and not only at a name. */
export function ends(answer: string | null, whole: string): boolean {
  const plain = (answer ?? '').replaceAll(/\s/g, '').toLowerCase();
  return plain.length >= least && whole.toLowerCase().endsWith(plain);
}

/** As many of a digest's first digits as somebody who was told it types: 80 bits, so that who drafts intents makes no two that begin alike. */
const first = 20;

/** Whether somebody typed the beginning of a digest, which they were told elsewhere. */
export function begins(answer: string | null, whole: string): boolean {
  const plain = (answer ?? '').replaceAll(/\s/g, '').toLowerCase();
  return plain.length >= first && whole.toLowerCase().startsWith(plain);
}
