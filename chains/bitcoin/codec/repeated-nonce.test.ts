import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { askedOf } from './asked.ts';
import { nonceOf } from '@kuramori/chains/secp256k1';
import { addressAt, bitcoin, combine, planPayments } from './index.ts';
import { split } from './sign.ts';
import { chanceOf, seed } from './testing/chance.ts';
import { fundedBy, meansOf } from './testing/coins.ts';
import { mustPlan, shareFor, signaturesBy } from './testing/signed.ts';
import { heldWallet } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, keys } = held;
const { coins } = fundedBy(held, [500_000n, 400_000n]);
const payments = [{ address: addressAt(wallet, network, 0, 5), units: 800_000n }];
const means = meansOf(held, coins);
const planned = mustPlan(planPayments({ ...means, payments }));
const [key, other] = keys;
if (!key || !other) throw new Error('no keys');
const share = shareFor(planned, key.publicKey);
const signature = key.sign(planned.plan, share);
const { Fn } = secp256k1.Point;

const verifies = (changed: string) => bitcoin.verifyShare(key.publicKey, planned.plan, share, changed);

describe(`a signature (SEED=${seed})`, () => {
  it('is one of 64 bytes for each input, the same each time, derived, and verifies', () => {
    expect(planned.inputs.length).toBe(2);
    expect(signature).toMatch(/^[0-9a-f]{256}$/);
    expect(key.sign(planned.plan, share)).toBe(signature);
    expect(key.isDerived(planned.plan, share, signature)).toBe(true);
    expect(verifies(signature)).toBe(true);
  });

  it('with a bit flipped neither verifies nor is derived', () => {
    const bytes = Uint8Array.fromHex(signature);
    for (let bit = 0; bit < bytes.length * 8; bit += 13) {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifies(bytes.toHex()), `bit ${bit}`).toBe(false);
      if (bit % 5 === 0) expect(key.isDerived(planned.plan, share, bytes.toHex())).toBe(false);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    }
  });

  it('is no other key’s, no other share’s, not shorter, not longer, and never throws', () => {
    expect(bitcoin.verifyShare(other.publicKey, planned.plan, share, signature)).toBe(false);
    expect(
      bitcoin.verifyShare(other.publicKey, planned.plan, shareFor(planned, other.publicKey), signature),
    ).toBe(false);
    for (const changed of [
      '',
      signature.slice(0, 128),
      signature + signature.slice(0, 128),
      'zz',
      signature.toUpperCase(),
    ])
      expect(verifies(changed)).toBe(false);
    expect(bitcoin.verifyShare('xpub', planned.plan, share, signature)).toBe(false);
    expect(bitcoin.verifyShare(key.publicKey, '', share, signature)).toBe(false);
    expect(bitcoin.verifyShare(key.publicKey, planned.plan, '', signature)).toBe(false);
    expect(bitcoin.verifyShare(key.publicKey, planned.plan, `${share}02`, signature)).toBe(false);
  });

  it('with the higher s is refused (BIP 146)', () => {
    const [first = new Uint8Array(0)] = split(signature) ?? [];
    const s = Fn.fromBytes(first.subarray(32));
    const high = first.subarray(0, 32).toHex() + Fn.toBytes(Fn.neg(s)).toHex();
    expect(verifies(high + signature.slice(128))).toBe(false);
  });

  it('that verifies, with a nonce by chance, is not derived', () => {
    // The account's child, as whoever has altered the code would sign with it.
    const secret = new Uint8Array(32).fill(3);
    const digest = chanceOf(seed).bytes(32);
    const derived = secp256k1.sign(digest, secret, { prehash: false, extraEntropy: false });
    const chosen = secp256k1.sign(digest, secret, { prehash: false, extraEntropy: true });
    const publicKey = secp256k1.getPublicKey(secret);
    expect(secp256k1.verify(chosen, digest, publicKey, { prehash: false })).toBe(true);
    const r = (one: Uint8Array) => one.subarray(0, 32).toHex();
    const point = secp256k1.Point.BASE.multiply(nonceOf(secret, digest)).toAffine().x;
    expect(r(derived)).toBe(Fn.toBytes(Fn.create(point)).toHex());
    expect(r(chosen)).not.toBe(r(derived));
  });

  it('is made of nothing but what the codec made', () => {
    const why = (plan: string, asked: string) => () => key.sign(plan, asked);
    expect(why(planned.plan, shareFor(planned, other.publicKey))).toThrow('asks for another key');
    expect(why(planned.plan, `${share}03`)).toThrow('another kind of signature');
    expect(
      why(planned.plan, `${share.slice(0, 64)}${share[64] === '0' ? '1' : '0'}${share.slice(65)}`),
    ).toThrow('another transaction');
    expect(why('', share)).toThrow('plan');
    const stranger = heldWallet(2, [1, 2, 4], 'bitcoin').keys[2];
    expect(() => stranger?.sign(planned.plan, share)).toThrow('asks for another key');
    expect(typeof askedOf(key.publicKey, planned.plan, share)).not.toBe('string');
  });
});

describe('a self-test', () => {
  const messages = Array.from({ length: 24 }, (_, at) => at.toString(16).padStart(4, '0'));
  const shown = messages.map((message) => key.inspect(message, key.rehearse(message)));

  it('shows nonces that are derived, each its own, and those that the points have', () => {
    expect(shown.every(({ derived }) => derived)).toBe(true);
    expect(new Set(shown.map(({ point }) => point)).size).toBe(messages.length);
    for (const { point, nonce } of shown)
      expect(Fn.toBytes(Fn.create(secp256k1.Point.BASE.multiply(nonce).toAffine().x)).toHex()).toBe(point);
    expect(bitcoin.nonceBits).toBe(256);
    // Both halves: were only the lower s looked at, half of the nonces would be their negatives.
    expect(shown.some(({ nonce }) => nonce > Fn.ORDER >> 1n)).toBe(true);
    expect(shown.some(({ nonce }) => nonce < Fn.ORDER >> 1n)).toBe(true);
  });

  it('is over when the key is wiped; whoever gave its bytes may wipe them before', () => {
    const secret = new Uint8Array(32).fill(5);
    const gone = bitcoin.keyOf(secret, 'litecoin', 'devnet');
    secret.fill(0);
    expect(() => gone.rehearse('00')).not.toThrow();
    gone.wipe();
    expect(() => gone.rehearse('00')).toThrow('wiped');
    expect(() => gone.sign(planned.plan, share)).toThrow('wiped');
    expect(() => bitcoin.keyOf(new Uint8Array(31), 'litecoin', 'devnet')).toThrow('32 bytes');
  });
});

describe('signatures put together', () => {
  it('of as many keys as it takes; who is missing or wrong is named', () => {
    const all = signaturesBy(held, planned, [0, 1, 2]);
    const by = (...numbers: readonly number[]) => new Map([...all].filter((_, at) => numbers.includes(at)));
    const two = combine(wallet, planned.plan, by(0, 1));
    expect(two.kind).toBe('transaction');
    expect(combine(wallet, planned.plan, all)).toEqual(two);
    expect(combine(wallet, planned.plan, by(1, 2))).toMatchObject({ kind: 'transaction', id: planned.id });
    expect(combine(wallet, planned.plan, by(1))).toEqual({
      kind: 'refused',
      key: key.publicKey,
      why: 'has not signed',
    });
    const wrong = new Map([...by(0), [other.publicKey, signature] as const]);
    expect(combine(wallet, planned.plan, wrong)).toEqual({
      kind: 'refused',
      key: other.publicKey,
      why: 'signed other bytes',
    });
    expect(combine(wallet, planned.plan, new Map([...all, ['xpub', signature]]))).toMatchObject({
      key: 'xpub',
    });
    expect(combine(wallet, '00', all)).toMatchObject({ kind: 'refused', key: null });
  });
});
