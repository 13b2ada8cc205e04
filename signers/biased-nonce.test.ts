/** A signer whose nonces are repeated, constant or biased is noticed before a signature leaves it; an honest one is not accused. */
import { createHash, generateKeyPairSync, randomBytes, sign as signBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateSigningKey, signText } from '@kuramori/core';
import { keyOf, privateKeyOf, signShare, type PrivateKey } from '@kuramori/chains/nem/codec';
import { signWith } from '../chains/nem/codec/biased.testing.ts';
import { keysOf } from './keystore.ts';
import { biasedNonces, enoughNonces, repeatedNonce } from './nonces.ts';
import { mustBeDerived, selfTest, type Signing } from './self-test.ts';

const chain = privateKeyOf(createHash('sha256').update('biased').digest());
const record = generateSigningKey();
const keys = keysOf(record, keyOf(chain));
const honest: Signing = {
  chain: (share) => signShare(chain, share),
  record: (text) => signText(record, 'journal-entry', text),
};
const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
const random = () => BigInt(`0x${randomBytes(40).toHex()}`) % order;

/** Nonces that do not depend on the message as they should; each a valid signature. */
const planted: readonly (readonly [
  name: string,
  nonce: (derived: bigint, count: number) => bigint,
  line: RegExp,
])[] = [
  ['constant', () => 123_456_789n, /chain key: signatures 1 and 2 of different messages have one nonce/],
  [
    'repeated once in the life of the process',
    (derived, count) => (count === 40 ? 5n : count === 17 ? 5n : derived),
    /chain key: signatures 18 and 41 of/,
  ],
  [
    'with a top bit that is never set',
    (derived) => derived % 2n ** 251n,
    /bit 251 of the nonces is set in 0 of 64/,
  ],
  [
    'with eight top bits that are never set',
    (derived) => derived % 2n ** 244n,
    /bit 251 of the nonces is set in 0 of 64/,
  ],
  [
    'with a lowest bit that is always set',
    (derived) => derived | 1n,
    /bit 0 of the nonces is set in 64 of 64/,
  ],
  ['a counter', (_derived, count) => BigInt(count + 1), /bit 251 of the nonces is set in 0 of 64/],
  ['random, not derived', random, /signature 1 was not made with its derived nonce/],
  [
    'derived, but for one',
    (derived, count) => (count === 63 ? derived + 1n : derived),
    /signature 64 was not made/,
  ],
];

function chainSigning(
  nonce: (derived: bigint, count: number) => bigint,
  key: PrivateKey = chain,
): Signing['chain'] {
  let count = -1;
  return (share) => signWith(key, share, (derived) => nonce(derived, (count += 1)));
}

describe('the self-test at the start', () => {
  it('passes with honest signatures', () => {
    expect(() => selfTest(keys)).not.toThrow();
    expect(() => selfTest(keys, { ...honest, chain: chainSigning((derived) => derived) })).not.toThrow();
  });

  it.each(planted)('finds nonces that are %s', (_name, nonce, line) => {
    expect(() => selfTest(keys, { ...honest, chain: chainSigning(nonce) })).toThrow(line);
  });

  it('finds a record key whose signatures repeat, or differ for one message, or do not verify', () => {
    const constant = signText(record, 'journal-entry', 'x');
    expect(() => selfTest(keys, { ...honest, record: () => constant })).toThrow(
      /record key: signatures 1 and 2/,
    );
    // ECDSA's nonces are random: one message, two signatures.
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ecdsa = (text: string) =>
      signBytes('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('hex');
    expect(() => selfTest(keys, { ...honest, record: ecdsa })).toThrow(/one message gave two signatures/);
    const other = generateSigningKey();
    expect(() =>
      selfTest(keys, { ...honest, record: (text) => signText(other, 'journal-entry', text) }),
    ).toThrow(/record key: signature 1 does not verify/);
  });
});

describe('before a signature leaves', () => {
  it.each([
    ['a nonce of another message', (derived: bigint) => derived + 1n],
    ['no nonce to speak of', () => 1n],
  ])('it is kept back if it was made with %s', (_name, nonce) => {
    const share = '0102';
    expect(() => mustBeDerived(keys, share, share, signWith(chain, share, nonce))).toThrow(/it is kept back/);
  });

  it('it is kept back if a bit of it was flipped', () => {
    const share = '0102';
    const signature = honest.chain(share);
    expect(() => mustBeDerived(keys, share, share, signature)).not.toThrow();
    for (const at of [0, 63, 64, 126]) {
      const flipped = `${signature.slice(0, at)}${(Number.parseInt(signature[at] ?? '', 16) ^ 1).toString(16)}${signature.slice(at + 1)}`;
      expect(() => mustBeDerived(keys, share, share, flipped)).toThrow(/it is kept back/);
    }
  });
});

describe('the statistics alone, for nonces that nothing derives', () => {
  it('accuses no honest nonces in 2,000 tests of 64', () => {
    for (let test = 0; test < 2_000; test += 1) {
      const nonces = Array.from({ length: enoughNonces }, random);
      expect(biasedNonces(nonces, 252)).toBe(null);
    }
  });

  it('cannot accuse anybody by fewer than 54', () => {
    expect(
      biasedNonces(
        Array.from({ length: 53 }, () => 0n),
        252,
      ),
    ).toBe(null);
    expect(
      biasedNonces(
        Array.from({ length: 54 }, () => 0n),
        252,
      ),
    ).toMatchObject({ bit: 251, set: 0, of: 54 });
  });

  // Expected 400 above half, sd 28, and the bound is some 232: six of them away. By 2,000 it would be two.
  it('finds a bit that is set in six of ten, by 4,000', () => {
    const nonces = Array.from({ length: 4_000 }, (_, index) =>
      index % 10 < 2 ? random() | (1n << 200n) : random(),
    );
    expect(biasedNonces(nonces, 252)).toMatchObject({ kind: 'biased', bit: 200 });
  });

  it('the same message signed twice is no repeated nonce', () => {
    const same = { message: 'a', point: 'r' };
    expect(repeatedNonce([same, same])).toBe(null);
    expect(repeatedNonce([same, { message: 'b', point: 'r' }])).toEqual({
      kind: 'repeated',
      first: 0,
      second: 1,
    });
  });
});
