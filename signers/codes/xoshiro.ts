/** Xoshiro256**: the numbers by which both sides know what a frame is mixed of (BCR-2024-001, "Pseudorandom Number Generator"). No secret is drawn from it. */
import { createHash } from 'node:crypto';

export interface Xoshiro {
  /** 64 bits. */
  readonly next: () => bigint;
  /** From 0 to below 1. */
  readonly fraction: () => number;
  /** From 0 to below `end`. */
  readonly below: (end: number) => number;
}

const mask = (1n << 64n) - 1n;
const rotated = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & mask;

export function xoshiro(seed: Uint8Array): Xoshiro {
  const digest = createHash('sha256').update(seed).digest();
  let [a, b, c, d] = [0, 8, 16, 24].map((at) => digest.readBigUInt64BE(at)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const next = () => {
    const result = (rotated((b * 5n) & mask, 7n) * 9n) & mask;
    const shifted = (b << 17n) & mask;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 45n);
    return result;
  };
  // The nearest double, as the reference rounds: of 64 bits, over 2^64.
  const fraction = () => Number(next()) / 2 ** 64;
  return { next, fraction, below: (end) => Math.floor(fraction() * end) };
}
