/** The eight characters after a descriptor's # (BIP 380). */

const inputCharacters =
  '0123456789()[],\'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#"\\ ';
const checksumCharacters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generator = [0xf5dee51989n, 0xa9fdca3312n, 0x1bab10e32dn, 0x3706b1677an, 0x644d626ffdn] as const;

/** The checksum of a descriptor's text without its #; undefined where a character is none that a descriptor has. */
export function checksumOf(text: string): string | undefined {
  const symbols: number[] = [];
  let groups: number[] = [];
  for (const character of text) {
    const place = inputCharacters.indexOf(character);
    if (place === -1) return undefined;
    symbols.push(place & 31);
    groups.push(place >> 5);
    if (groups.length === 3) {
      symbols.push(groups.reduce((sum, group) => sum * 3 + group, 0));
      groups = [];
    }
  }
  if (groups.length > 0) symbols.push(groups.reduce((sum, group) => sum * 3 + group, 0));
  const state = polymod([...symbols, 0, 0, 0, 0, 0, 0, 0, 0]) ^ 1n;
  return Array.from({ length: 8 }, (_, at) =>
    checksumCharacters.charAt(Number((state >> BigInt(5 * (7 - at))) & 31n)),
  ).join('');
}

function polymod(symbols: readonly number[]): bigint {
  let state = 1n;
  for (const symbol of symbols) {
    const top = state >> 35n;
    state = ((state & 0x7ffffffffn) << 5n) ^ BigInt(symbol);
    for (const [bit, value] of generator.entries()) if ((top >> BigInt(bit)) & 1n) state ^= value;
  }
  return state;
}
