/** RS1024: three words that show every change of up to three words, and all but one in 10^9 of others (SLIP-0039, "Checksum"). */

const generator = [
  0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890,
  0x3f3f120,
] as const;

export const checksumWords = 3;

/** The three words after these. */
export function checksumOf(words: Uint16Array, extendable: boolean): readonly number[] {
  const rest = polymod(customization(extendable), words, new Uint8Array(checksumWords)) ^ 1;
  return [rest >> 20, (rest >> 10) & 1023, rest & 1023];
}

/** Whether the last three words are those of the others. */
export function isWhole(words: Uint16Array, extendable: boolean): boolean {
  return polymod(customization(extendable), words) === 1;
}

function customization(extendable: boolean): Uint8Array {
  return Buffer.from(extendable ? 'shamir_extendable' : 'shamir');
}

function polymod(...parts: readonly (Uint8Array | Uint16Array)[]): number {
  let check = 1;
  for (const part of parts)
    for (const value of part) {
      const top = check >> 20;
      check = ((check & 0xfffff) << 10) ^ value;
      for (const [bit, constant] of generator.entries()) check ^= constant & -((top >> bit) & 1);
    }
  return check;
}
