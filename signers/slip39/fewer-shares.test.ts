/** Whoever holds one share less than it takes knows nothing: every secret is as possible as any other. */
import { createHmac, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { interpolate, inverse, multiply, type Point } from './field.ts';
import { splitSecret } from './secret.ts';

it('the field is one: every byte but 0 has an inverse, and multiplication is that of FIPS 197 §4.2', () => {
  expect(multiply(0x57, 0x83)).toBe(0xc1);
  expect(multiply(0x57, 0x13)).toBe(0xfe);
  for (let a = 1; a < 256; a += 1) expect(multiply(a, inverse(a))).toBe(1);
});

it('for each of 256 values of a byte of the secret there is just one polynomial through the t − 1 shares that a thief holds', () => {
  for (const threshold of [2, 3, 5]) {
    const secret = randomBytes(16);
    const shares = splitSecret(threshold, threshold + 2, secret, randomBytes);
    const held = shares.slice(1, threshold);
    const nextShares = new Set<number>();
    for (let candidate = 0; candidate < 256; candidate += 1) {
      const points: readonly Point[] = [...held, { x: 255, y: new Uint8Array(16).fill(candidate) }];
      // Its degree is below t, as that of every sharing. Any t other places of it give the same candidate again …
      const elsewhere = Array.from({ length: threshold }, (_, at) => at + 20);
      const others = elsewhere.map((x) => ({ x, y: interpolate(x, points) }));
      expect(interpolate(255, others)).toEqual(new Uint8Array(16).fill(candidate));
      // … and what the thief holds.
      for (const { x, y } of held) expect(interpolate(x, others)).toEqual(new Uint8Array(y));
      nextShares.add(interpolate(0, points)[0] ?? -1);
    }
    // The missing share may be any byte too, and another for each candidate: it is what decides.
    expect(nextShares.size).toBe(256);
  }
});

/**
 * The digest is 32 bits about the secret that t − 1 shares could be tried against (SLIP-0039, note 4): it costs a search
 * through the secrets, of which 2^224 remain. Which secret it is says no share: each candidate has a salt under which the
 * digest is right, found here for short digests by trying.
 */
it('the digest excludes no secret by itself: for other secrets there are salts that give the same bits', () => {
  const [one, other] = [randomBytes(32), randomBytes(32)];
  const firstByte = (secret: Uint8Array, salt: Uint8Array) =>
    createHmac('sha256', salt).update(secret).digest()[0];
  const wanted = firstByte(one, randomBytes(28));
  const tries = Array.from({ length: 4096 }, () => firstByte(other, randomBytes(28)));
  // Missed by chance once in e^16.
  expect(tries).toContain(wanted);
});

it.each([2, 3])(
  'bytes of a share of two fixed secrets are spread alike, and evenly (%i of 4; chi-square over 2 × 6,400 bytes of each share)',
  (threshold) => {
    const secrets = [new Uint8Array(16), new Uint8Array(16).fill(0xff)];
    // The last ones are computed from secret and digest, so they would show it first.
    for (const which of [0, 1, 2, 3]) {
      const counts = secrets.map((secret) => {
        const count = Array.from({ length: 256 }, () => 0);
        for (let round = 0; round < 400; round += 1)
          for (const byte of splitSecret(threshold, 4, secret, randomBytes)[which]?.y ?? [])
            count[byte] = (count[byte] ?? 0) + 1;
        return count;
      });
      const [zeros = [], ones = []] = counts;
      const each = (400 * 16) / 256;
      // 255 degrees of freedom: mean 255, deviation 22.6. Above 400 once in 10^7 tries.
      for (const count of counts)
        expect(count.reduce((sum, n) => sum + (n - each) ** 2 / each, 0)).toBeLessThan(400);
      const both = zeros.map((n, at) => [n, ones[at] ?? 0] as const);
      expect(both.reduce((sum, [a, b]) => sum + (a - b) ** 2 / Math.max(1, a + b), 0)).toBeLessThan(400);
    }
  },
);

it('the same test sees a sharing that is none: a share that is the secret with a few bits turned', () => {
  const count = Array.from({ length: 256 }, () => 0);
  for (let round = 0; round < 6400; round += 1) {
    const byte = 0xff ^ ((randomBytes(1)[0] ?? 0) & 0x7f);
    count[byte] = (count[byte] ?? 0) + 1;
  }
  expect(count.reduce((sum, n) => sum + (n - 25) ** 2 / 25, 0)).toBeGreaterThan(400);
});
