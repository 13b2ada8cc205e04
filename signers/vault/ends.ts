/** As many of the last characters as people type of what they were shown. */
const least = 6;

/** Whether somebody typed the end of a key or an address: they have looked at it, and not only at a name. */
export function ends(answer: string | null, whole: string): boolean {
  const plain = (answer ?? '').replaceAll(/\s/g, '').toLowerCase();
  return plain.length >= least && whole.toLowerCase().endsWith(plain);
}

/** As many of a digest's first digits as somebody who was told it types: 80 bits. Nobody makes an intent that begins as the one that was approved does. */
const first = 20;

/** Whether somebody typed the beginning of a digest, which they were told elsewhere. */
export function begins(answer: string | null, whole: string): boolean {
  const plain = (answer ?? '').replaceAll(/\s/g, '').toLowerCase();
  return plain.length >= first && whole.toLowerCase().startsWith(plain);
}

/** As many digits in a row as no honest text has by chance. */
const telling = 6;

/** Whether a text gives a part of a digest's beginning away, whatever stands between its digits. */
export function tells(said: string, whole: string): boolean {
  const digits = said.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
  const beginning = whole.toLowerCase().slice(0, first);
  for (let at = 0; at + telling <= beginning.length; at += 1)
    if (digits.includes(beginning.slice(at, at + telling))) return true;
  return false;
}
