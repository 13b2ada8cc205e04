/** Whether the text is exactly `bytes` bytes (any whole number of them if left out) of lower-case hex, without 0x. */
export function isHex(text: string, bytes?: number): boolean {
  if (text.length % 2 !== 0 || (bytes !== undefined && text.length !== bytes * 2)) return false;
  return /^[0-9a-f]*$/.test(text);
}

/** A number as lower-case hex of so many bytes, big-endian. Throws where it does not fit. */
export function hexOf(value: bigint, bytes: number): string {
  if (value < 0n || value >> BigInt(8 * bytes) !== 0n)
    throw new RangeError(`${value} is no uint${8 * bytes}`);
  return value.toString(16).padStart(2 * bytes, '0');
}

/** The number of big-endian hex; 0 for none. */
export function numberOf(hex: string): bigint {
  return BigInt(`0x0${hex}`);
}
