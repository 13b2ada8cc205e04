/** Codes that invite somebody: 100 bits that a person can read out, kept as their hash alone. */
import { createHash, randomInt } from 'node:crypto';

/** Crockford's base 32: no letter is taken for another. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function newCode(): string {
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(32)]).join('');
  return [group(), group(), group(), group()].join('-');
}

/** However it was typed. It is random enough that a plain hash tells nothing. */
export function codeHash(typed: string): Buffer {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return createHash('sha256').update(`kuramori invitation ${plain}`).digest();
}
