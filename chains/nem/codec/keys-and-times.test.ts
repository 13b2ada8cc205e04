import { describe, expect, it } from 'vitest';
import {
  formatPrivateKey,
  nemEpochMs,
  nemTimeOf,
  parsePrivateKey,
  parseTransactionHash,
  privateKeyOf,
  publicKeyOf,
  unixMsOf,
} from './index.ts';

const written = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20';

describe('private keys as NIS writes them', () => {
  it('most significant byte first, so reversed before hashing', () => {
    const parsed = parsePrivateKey(written);
    if (parsed.kind === 'refused') throw new Error(parsed.why);
    expect([...parsed.privateKey]).toEqual(Array.from({ length: 32 }, (_, at) => 32 - at));
    expect(formatPrivateKey(parsed.privateKey)).toBe(written);
    expect(parsePrivateKey(written.toUpperCase())).toEqual(parsed);
    expect(parsePrivateKey(`00${written}`)).toEqual(parsed); // the sign byte of old wallets
  });

  it.each([
    ['', 'wrong-length'],
    [written.slice(2), 'wrong-length'],
    [`${written}00`, 'wrong-length'],
    [`01${written}`, 'wrong-length'],
    [`0000${written}`, 'wrong-length'],
    [` ${written.slice(1)}`, 'not-hex'],
    [`0x${written}`, 'not-hex'],
    [`${written}\n`, 'not-hex'],
    ['0'.repeat(64), 'zero-key'],
  ])('%j is refused', (text, why) => {
    expect(parsePrivateKey(text)).toEqual({ kind: 'refused', why });
  });

  it('the key is a copy that can be wiped', () => {
    const seed = new Uint8Array(32).fill(7);
    const key = privateKeyOf(seed);
    seed.fill(0);
    const before = publicKeyOf(key);
    key.fill(9);
    expect(publicKeyOf(key)).not.toBe(before);
    expect(() => privateKeyOf(new Uint8Array(31))).toThrow('32 bytes');
    expect(() => privateKeyOf(new Uint8Array(32))).toThrow('zero');
  });
});

describe('hashes as text', () => {
  it('64 lower-case hex digits and nothing else', () => {
    const hash = 'ab'.repeat(32);
    expect(parseTransactionHash(hash)).toEqual({ kind: 'hash', hash });
    for (const text of ['', hash.toUpperCase(), hash.slice(1), `${hash}\n`, 'zz'.repeat(32)]) {
      expect(parseTransactionHash(text).kind).toBe('refused');
    }
  });
});

describe('times', () => {
  it('begin on 2015-03-29T00:06:25Z', () => {
    expect(new Date(nemEpochMs).toISOString()).toBe('2015-03-29T00:06:25.000Z');
    expect(nemTimeOf(nemEpochMs)).toBe(0);
    expect(unixMsOf(0)).toBe(nemEpochMs);
  });

  it('the first theft, 2018-01-26 00:02:13 in Japan, is 89,304,948', () => {
    expect(nemTimeOf(Date.parse('2018-01-26T00:02:13+09:00'))).toBe(89_304_948);
    expect(unixMsOf(89_304_948)).toBe(Date.parse('2018-01-26T00:02:13+09:00'));
  });

  it('are rounded to the nearest second, as NIS does', () => {
    expect([499, 500, 999, 1499, 1500].map((ms) => nemTimeOf(nemEpochMs + ms))).toEqual([0, 1, 1, 1, 2]);
  });
});
