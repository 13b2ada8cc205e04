/** The steps of a signature are written out here, so that they can be wiped; they must be those that noble takes. */
import { eddsa } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { keccak_512 } from '@noble/hashes/sha3.js';
import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDerived, nonceOf, nonceUsed, privateKeyOf, publicKeyOf, sign, verify } from './index.ts';
import { scalarOf } from './signing.ts';

const noble = eddsa(ed25519.Point, keccak_512, {
  // RFC 8032 §5.1.5, step 2.
  adjustScalarBytes(bytes: Uint8Array) {
    bytes[0] = (bytes[0] ?? 0) & 0xf8;
    bytes[31] = ((bytes[31] ?? 0) & 0x7f) | 0x40;
    return bytes;
  },
  zip215: false,
});

const seed = uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0));
const message = uint8Array({ maxLength: 400 });

describe('a signature of ours', () => {
  it('is that of noble, as are public key and scalar, for any key and message', () => {
    assert(
      property(seed, message, (bytes, text) => {
        const key = privateKeyOf(bytes);
        expect(publicKeyOf(key)).toBe(noble.getPublicKey(bytes).toHex());
        expect(sign(key, text)).toBe(noble.sign(text, bytes).toHex());
        expect(scalarOf(key)).toBe(noble.utils.getExtendedPublicKey(bytes).scalar);
        expect(verify(publicKeyOf(key), text, sign(key, text))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('was made with the nonce that its key and message give', () => {
    assert(
      property(seed, message, (bytes, text) => {
        const key = privateKeyOf(bytes);
        const signature = sign(key, text);
        expect(nonceUsed(key, publicKeyOf(key), text, signature)).toBe(nonceOf(key, text));
        expect(isDerived(key, publicKeyOf(key), text, signature)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the key as it was', () => {
    const bytes = new Uint8Array(32).fill(7);
    const key = privateKeyOf(bytes);
    sign(key, bytes);
    expect(key.toHex()).toBe(bytes.toHex());
  });
});
