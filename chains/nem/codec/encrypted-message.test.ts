/** Encrypted messages: read as the wallets wrote them, and nothing but a refusal for what is malformed, foreign or altered. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import * as fc from 'fast-check';
import { PrivateKey as SdkPrivateKey, PublicKey as SdkPublicKey } from 'symbol-sdk';
import { KeyPair, MessageEncoder, models } from 'symbol-sdk/nem';
import { describe, expect, it, test } from 'vitest';
import {
  decryptMessage,
  encryptMessage,
  formatPrivateKey,
  parsePrivateKey,
  privateKeyOf,
  publicKeyOf,
  type PrivateKey,
  type PublicKey,
} from './index.ts';

const keyNamed = (name: string) => privateKeyOf(createHash('sha256').update(name).digest());
const [house, customer, stranger] = ['house', 'customer', 'stranger'].map(keyNamed) as [
  PrivateKey,
  PrivateKey,
  PrivateKey,
];
const hexOf = (text: string) => Buffer.from(text).toString('hex');
const sdk = (key: PrivateKey) =>
  new MessageEncoder(new KeyPair(new SdkPrivateKey(formatPrivateKey(key).toUpperCase())));
const sdkKey = (key: PublicKey) => new SdkPublicKey(key.toUpperCase());
const forms = ['gcm', 'legacy'] as const;
const randomFor = { gcm: 12, legacy: 48 } as const;

describe('vectors of our own, written by symbol-sdk 3.3.2', () => {
  const read = JSON.parse(
    readFileSync(new URL('../data/encrypted-messages.json', import.meta.url), 'utf8'),
  ) as {
    vectors: { form: string; privateKey: string; otherPublicKey: string; payload: string; clear: string }[];
  };
  it('has some of both forms', () => {
    for (const form of forms)
      expect(read.vectors.filter((one) => one.form === form).length).toBeGreaterThan(3);
  });
  it.each(read.vectors)('$form $clear', ({ form, privateKey, otherPublicKey, payload, clear }) => {
    const key = parsePrivateKey(privateKey);
    if (key.kind === 'refused') throw new Error(key.why);
    expect(decryptMessage(key.privateKey, otherPublicKey as PublicKey, payload)).toEqual({
      kind: 'decrypted',
      form,
      payload: clear,
    });
  });
});

const publicSet = new URL('../../../../shared/data/nem/cipher.json', import.meta.url);
describe.skipIf(!existsSync(publicSet))(
  "symbol's 200 messages (needs ../shared/data/nem/cipher.json)",
  () => {
    it('are read', () => {
      const vectors = JSON.parse(readFileSync(publicSet, 'utf8')) as Record<string, string>[];
      expect(vectors).toHaveLength(200);
      for (const vector of vectors) {
        const lower = (field: string) => (vector[field] ?? '').toLowerCase();
        const key = parsePrivateKey(lower('privateKey'));
        if (key.kind === 'refused') throw new Error(key.why);
        const payload = lower('salt') + lower('iv') + lower('cipherText');
        expect(decryptMessage(key.privateKey, lower('otherPublicKey') as PublicKey, payload)).toMatchObject({
          kind: 'decrypted',
          form: 'legacy',
          payload: lower('clearText'),
        });
      }
    });
  },
);

test('what symbol-sdk encrypts we read, and what we encrypt it reads', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.constantFrom(...forms), (clear, form) => {
      const theirs = sdk(customer);
      const written =
        form === 'gcm'
          ? theirs.encode(sdkKey(publicKeyOf(house)), clear)
          : theirs.encodeDeprecated(sdkKey(publicKeyOf(house)), clear);
      const payload = Buffer.from(written.message as Uint8Array).toString('hex');
      const read = decryptMessage(house, publicKeyOf(customer), payload);
      expect(read).toEqual({ kind: 'decrypted', form, payload: clear.toHex() });
      const ours = new models.Message();
      ours.messageType = models.MessageType.ENCRYPTED;
      ours.message = Uint8Array.fromHex(
        encryptMessage(customer, publicKeyOf(house), clear.toHex(), form, randomBytes(randomFor[form])),
      );
      const decoded = sdk(house).tryDecode(sdkKey(publicKeyOf(customer)), ours);
      expect(decoded).toMatchObject({ isDecoded: true });
      expect(Buffer.from(decoded.message as Uint8Array).toString('hex')).toBe(clear.toHex());
    }),
    { numRuns: 25 },
  );
});

describe('what cannot be read is a refusal, and never throws', () => {
  const sealed = (form: (typeof forms)[number], text = '123456789012345') =>
    encryptMessage(customer, publicKeyOf(house), hexOf(text), form, new Uint8Array(randomFor[form]).fill(7));
  const whose = publicKeyOf(customer);

  it('each length, each number of bytes cut off', () => {
    for (const form of forms) {
      const whole = sealed(form);
      for (let length = 0; length < whole.length; length += 1)
        expect(decryptMessage(house, whose, whole.slice(0, length)), `${form} ${length}`).toEqual({
          kind: 'refused',
        });
    }
  });
  it('every flipped bit of the authenticated form', () => {
    const bytes = Uint8Array.fromHex(sealed('gcm'));
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const other = Uint8Array.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decryptMessage(house, whose, other.toHex())).toEqual({ kind: 'refused' });
    }
  });
  it('a padding that is wrong', () => {
    const bytes = Uint8Array.fromHex(sealed('legacy'));
    // The last byte of the IV turns the last byte of the only block: 1, the padding of 15 bytes, into 0 and 17.
    for (const flip of [0x01, 0x10]) {
      const other = Uint8Array.from(bytes);
      other[47] = (other[47] ?? 0) ^ flip;
      expect(decryptMessage(house, whose, other.toHex())).toEqual({ kind: 'refused' });
    }
  });
  it('a foreign key', () => {
    expect(decryptMessage(house, publicKeyOf(stranger), sealed('gcm'))).toEqual({ kind: 'refused' });
    expect(decryptMessage(stranger, whose, sealed('gcm'))).toEqual({ kind: 'refused' });
    const legacy = decryptMessage(house, publicKeyOf(stranger), sealed('legacy'));
    if (legacy.kind === 'decrypted') expect(legacy.payload).not.toBe(hexOf('123456789012345'));
  });
  it('keys that are no points, of small order, or with a part of small order', () => {
    // The identity, a point of order 2 (y = -1), one of order 8, one that is not canonical, one that is no point.
    const bad = [
      `01${'00'.repeat(31)}`,
      `ec${'ff'.repeat(30)}7f`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      `ee${'ff'.repeat(30)}7f`,
      `02${'00'.repeat(31)}`,
      'zz',
      '',
    ];
    for (const key of bad)
      for (const form of forms)
        expect(decryptMessage(house, key as PublicKey, sealed(form)), key).toEqual({ kind: 'refused' });
  });
  it('a message that anybody can make for anybody: under a key whose shared point is no secret', () => {
    // Any multiple of 8 of a point of small order is the identity, whose bytes everybody knows.
    const identity = `01${'00'.repeat(31)}`;
    const known = hkdf(
      sha256,
      Uint8Array.fromHex(identity),
      undefined,
      new TextEncoder().encode('nem-nis1'),
      32,
    );
    const iv = new Uint8Array(12);
    const made = gcm(known, iv).encrypt(new TextEncoder().encode('123456789012345'));
    const payload = made.subarray(-16).toHex() + iv.toHex() + made.subarray(0, -16).toHex();
    for (const key of [
      identity,
      `ec${'ff'.repeat(30)}7f`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    ])
      expect(decryptMessage(house, key as PublicKey, payload)).toEqual({ kind: 'refused' });
  });
  it('no hex', () => {
    for (const payload of ['zz', 'ABCD', 'abc', `${sealed('gcm')}0`])
      expect(decryptMessage(house, whose, payload)).toEqual({ kind: 'refused' });
  });
  it('any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = decryptMessage(house, whose, bytes.toHex());
        return read.kind === 'refused' || read.form === 'legacy';
      }),
      { numRuns: 60 },
    );
  });
});
