/** Fingerprint: as much of a digest or key as people read aloud and type. */

/** 80 bits: nobody finds another one that begins alike, however long they try. */
const digits = 20;

/** In groups of four: the beginning; of an extended key (BIP 32) the end, since at its beginning stand depth, parent and chain code. */
export function fingerprintOf(key: string): string {
  const part = isHex.test(key) ? key.slice(0, digits) : key.slice(-digits);
  return `${part === key || isHex.test(key) ? '' : '…'}${part.replaceAll(/.{4}(?=.)/g, '$& ')}`;
}

const isHex = /^(?:0x)?[0-9a-f]+$/i;

/** Whether somebody typed the beginning of it, and enough of that. */
export function confirms(answer: string, hex: string): boolean {
  const plain = answer.replaceAll(/\s/g, '').toLowerCase();
  return plain.length >= digits && hex.startsWith(plain);
}

/**
 * Whether somebody typed a chain's key, or enough of it: its beginning where it is hex; its end, too, which of an extended key
 * (BIP 32) says more than the beginning, where depth and parent stand.
 */
export function confirmsKey(answer: string, key: string): boolean {
  const bare = (text: string) => text.toLowerCase().replace(/^0x/, '');
  const plain = answer.replaceAll(/\s/g, '');
  if (isHex.test(key)) return confirms(bare(plain), bare(key));
  return plain === key || (plain.length >= digits && key.endsWith(plain));
}
