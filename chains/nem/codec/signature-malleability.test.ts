import { ed25519 } from '@noble/curves/ed25519.js';
import { keccak_512 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import {
  parsePublicKey,
  parseSignature,
  privateKeyOf,
  publicKeyOf,
  sign,
  verify,
  type PublicKey,
  type Signature,
} from './index.ts';

const order = ed25519.Point.Fn.ORDER;
const prime = ed25519.Point.Fp.ORDER;
const key = privateKeyOf(Uint8Array.from({ length: 32 }, (_, at) => at + 1));
const publicKey = publicKeyOf(key);
const message = new TextEncoder().encode('526300010 XEM');
const signature = sign(key, message);

function littleEndian(value: bigint): string {
  return Uint8Array.fromHex(value.toString(16).padStart(64, '0')).toReversed().toHex();
}

function scalarOf(hex: string): bigint {
  return BigInt(`0x${Uint8Array.fromHex(hex).toReversed().toHex()}`);
}

const [r, s] = [signature.slice(0, 64), scalarOf(signature.slice(64))];

// y-coordinates of the points of small order, as in "Taming the many EdDSAs" (2020), table 6.
const smallOrder = [
  littleEndian(1n),
  littleEndian(prime - 1n),
  littleEndian(0n),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

describe('a signature has one form only', () => {
  it('the honest one verifies', () => {
    expect(verify(publicKey, message, signature)).toBe(true);
  });

  it('S plus the group order is refused', () => {
    for (let times = 1n; s + times * order < 1n << 256n; times += 1n) {
      const other = (r + littleEndian(s + times * order)) as Signature;
      expect(verify(publicKey, message, other)).toBe(false);
    }
  });

  it('S of zero is refused, as NIS Ed25519DsaSigner.isCanonicalSignature does', () => {
    expect(verify(publicKey, message, (r + littleEndian(0n)) as Signature)).toBe(false);
  });

  it('R of small order is refused, though it satisfies the equation', () => {
    const identity = littleEndian(1n);
    const secret = scalarOf(keccak_512(key).subarray(0, 32).toHex());
    const clamped = ((secret & ~7n) % (1n << 254n)) | (1n << 254n);
    const input = Uint8Array.of(...Uint8Array.fromHex(identity + publicKey), ...message);
    const forged = ((scalarOf(keccak_512(input).toHex()) % order) * clamped) % order;
    const { Point } = ed25519;
    const challenge = scalarOf(keccak_512(input).toHex()) % order;
    const computed = Point.BASE.multiply(forged).subtract(Point.fromHex(publicKey).multiply(challenge));
    expect(computed.toHex()).toBe(identity); // so NIS would take it
    expect(verify(publicKey, message, (identity + littleEndian(forged)) as Signature)).toBe(false);
  });
});

describe('keys that sign anything are refused', () => {
  it('the all-zero key', () => {
    expect(verify('0'.repeat(64) as PublicKey, message, signature)).toBe(false);
  });

  it('a key of small order, with a signature that satisfies the equation', () => {
    for (const weak of smallOrder) {
      // R = S*B - h*A; search S until h is a multiple of 8, so that A drops out whatever the message.
      const found = forge(weak);
      expect(found.satisfies).toBe(true);
      expect(verify(weak as PublicKey, message, found.signature)).toBe(false);
    }
  });

  it('a key written with y beyond the prime', () => {
    for (let excess = 0n; excess < 19n; excess += 1n) {
      expect(verify(littleEndian(prime + excess) as PublicKey, message, signature)).toBe(false);
    }
  });

  it('x of zero with the sign bit set', () => {
    const negativeZero = `01${'00'.repeat(30)}80`;
    expect(verify(negativeZero as PublicKey, message, signature)).toBe(false);
  });
});

describe('hostile texts never throw', () => {
  it.each(['', 'zz', '00', 'F'.repeat(64), 'ff'.repeat(32), 'é'.repeat(64), '0'.repeat(63), '0'.repeat(65)])(
    'public key %j',
    (text) => {
      expect(verify(text as PublicKey, message, signature)).toBe(false);
    },
  );

  it.each([
    '',
    'zz',
    'ff'.repeat(64),
    signature.toUpperCase(),
    `${signature}00`,
    signature.slice(2),
    ` ${signature}`,
  ])('signature %j', (text) => {
    expect(verify(publicKey, message, text as Signature)).toBe(false);
  });

  it('the parsers refuse what is not canonical text', () => {
    expect(parsePublicKey(publicKey)).toEqual({ kind: 'key', publicKey });
    expect(parsePublicKey(publicKey.toUpperCase()).kind).toBe('refused');
    expect(parseSignature(signature)).toEqual({ kind: 'signature', signature });
    expect(parseSignature(signature.toUpperCase()).kind).toBe('refused');
  });
});

/** A signature that holds for the weak key without the check on small order: the planted violation. */
function forge(weak: string): { signature: Signature; satisfies: boolean } {
  const { Point } = ed25519;
  const weakPoint = Point.fromHex(weak);
  for (let scalar = 1n; scalar < 200n; scalar += 1n) {
    const encodedR = Point.BASE.multiply(scalar).toHex();
    const input = Uint8Array.of(...Uint8Array.fromHex(encodedR + weak), ...message);
    const challenge = scalarOf(keccak_512(input).toHex()) % order;
    const computed = Point.BASE.multiply(scalar).subtract(weakPoint.multiplyUnsafe(challenge)).toHex();
    if (computed !== encodedR) continue;
    return { signature: (encodedR + littleEndian(scalar)) as Signature, satisfies: true };
  }
  return { signature, satisfies: false };
}
