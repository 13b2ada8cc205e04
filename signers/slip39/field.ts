/**
 * GF(256) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1 (FIPS 197 §4.2), and interpolation over it (SLIP-0039,
 * "Polynomial interpolation"). Without tables of logarithms: which place of a table is read would depend on a secret, and a
 * neighbour on the machine can see by the cache which it was. Always the same steps, whatever the bytes.
 */
import { secretBytes } from '../secret-bytes.ts';

export interface Point {
  readonly x: number;
  readonly y: Uint8Array;
}

/** Both are bytes. */
export function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = a;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= shifted & -((b >> bit) & 1);
    shifted = (shifted << 1) ^ (0x11b & -(shifted >> 7));
  }
  return product;
}

/** 1/a = a^254; of 0 it gives 0. */
export function inverse(a: number): number {
  let power = a;
  // 254 = 2 · (1 + 2 · (1 + 2 · … )): six times squared and multiplied, and squared once more.
  for (let step = 0; step < 6; step += 1) power = multiply(multiply(power, power), a);
  return multiply(power, power);
}

/** The value at `x` of the polynomial of lowest degree through all points, byte by byte. No two may have the same x. */
export function interpolate(x: number, points: readonly Point[]): Uint8Array<ArrayBuffer> {
  if (new Set(points.map((point) => point.x)).size !== points.length)
    throw new RangeError('interpolate: two points have one x');
  const value = secretBytes(points[0]?.y.length ?? 0);
  for (const { x: own, y } of points) {
    let weight = 1;
    for (const { x: other } of points)
      if (other !== own) weight = multiply(weight, multiply(x ^ other, inverse(own ^ other)));
    for (const [at, byte] of y.entries()) value[at] = (value[at] ?? 0) ^ multiply(weight, byte);
  }
  return value;
}
