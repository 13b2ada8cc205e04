/** One secret into shares of equal right, and back (SLIP-0039, SplitSecret and RecoverSecret). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { joined } from '../secret-bytes.ts';
import { interpolate, type Point } from './field.ts';

/** Gives so many random bytes, fit for keys. */
export type Random = (length: number) => Uint8Array;

/** Where the polynomial holds the secret, and its digest. No share has such a number. */
const [secretAt, digestAt] = [255, 254];
const digestLength = 4;
/** Numbers have four bits. */
export const mostShares = 16;

/** Shares 0 … count − 1; `threshold` of them give the secret, fewer say nothing. Whoever has used them wipes them. */
export function splitSecret(
  threshold: number,
  count: number,
  secret: Uint8Array,
  random: Random,
): readonly Point[] {
  if (!(threshold >= 1 && threshold <= count && count <= mostShares))
    throw new RangeError('splitSecret: 1 ≤ threshold ≤ count ≤ 16');
  if (secret.length < 16 || secret.length % 2 !== 0)
    throw new RangeError('splitSecret: a secret has at least 128 bits, and a multiple of 16');
  const numbers = Array.from({ length: count }, (_, x) => x);
  if (threshold === 1) return numbers.map((x) => ({ x, y: joined(secret) }));
  const salt = random(secret.length - digestLength);
  const digest = digestOf(secret, salt);
  const drawn = numbers.slice(0, threshold - 2).map((x) => ({ x, y: random(secret.length) }));
  const base = [...drawn, { x: digestAt, y: joined(digest, salt) }, { x: secretAt, y: secret }];
  const rest = numbers.slice(threshold - 2).map((x) => ({ x, y: interpolate(x, base) }));
  for (const spent of [salt, digest, base[drawn.length]?.y]) spent?.fill(0);
  return [...drawn, ...rest];
}

/**
 * The secret of exactly `threshold` shares; null where they are not of one polynomial: a share is wrong, or was forged. One
 * chance in 2^32 that a wrong set is not noticed.
 */
export function recoverSecret(threshold: number, shares: readonly Point[]): Uint8Array<ArrayBuffer> | null {
  const [first] = shares;
  if (first === undefined || shares.length !== threshold)
    throw new RangeError('recoverSecret: as many shares as the threshold says');
  if (threshold === 1) return joined(first.y);
  const secret = interpolate(secretAt, shares);
  const noted = interpolate(digestAt, shares);
  const digest = digestOf(secret, noted.subarray(digestLength));
  const same = timingSafeEqual(digest, noted.subarray(0, digestLength));
  for (const spent of [noted, digest]) spent.fill(0);
  if (same) return secret;
  secret.fill(0);
  return null;
}

function digestOf(secret: Uint8Array, salt: Uint8Array): Uint8Array {
  const whole = createHmac('sha256', salt).update(secret).digest();
  const digest = joined(whole.subarray(0, digestLength));
  whole.fill(0);
  return digest;
}
