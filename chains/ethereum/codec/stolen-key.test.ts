/** What an owner's key signs, and what it shows when somebody else has it. */
import { ETH } from '@kuramori/core';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { customer, hot, ownerNamed, owners, paymentOf, secretNamed } from './house.testing.ts';
import { encodeTransaction, ethereum, readShare, shareOf, readPlan, type Address } from './index.ts';
import { hexOf, numberOf } from './hex.ts';
import { hashOfHex } from './safe.ts';
import { ethSignHash } from './signature.ts';
import { nonceOf } from '@kuramori/chains/secp256k1';
import { isDerived, nonceUsed, signHash } from './signing.ts';

const planned = paymentOf({ asset: ETH });
const { plan } = planned;
const [{ key, share }] = planned.shares as [{ key: string; share: string }];
const [owner] = owners;
if (!owner) throw new Error('no owner');
const signature = owner.sign(plan, share);
const secret = secretNamed('owner 1');
const hash = readShare(share)?.hash ?? '';
const { Fn } = secp256k1.Point;

describe('a key', () => {
  it('is the owner that the policy pins, signs the same twice, and verifies', () => {
    expect(owner.publicKey).toBe(key);
    expect(owner.sign(plan, share)).toBe(signature);
    expect(ethereum.verifyShare(key, plan, share, signature)).toBe(true);
    expect(owner.isDerived(plan, share, signature)).toBe(true);
    expect(signature).toMatch(/^[0-9a-f]{128}1[bc]$/);
  });

  it('signs nobody else’s share, no other plan’s, and no bytes that are none', () => {
    const other = planned.shares[1]?.share ?? '';
    const elsewhere = paymentOf({ asset: ETH, nonce: 8n });
    for (const [p, s] of [
      [plan, other],
      [elsewhere.plan, share],
      [plan, ''],
      ['', share],
      [plan, share.slice(0, 132)],
    ] as const)
      expect(() => owner.sign(p, s)).toThrow('sign: ');
  });

  it('wiped, signs no more; whoever gave its bytes may wipe them before', () => {
    const bytes = secretNamed('wiped');
    const doomed = ethereum.keyOf(bytes, 'ethereum', 'devnet');
    bytes.fill(0);
    expect(() => doomed.rehearse('00')).not.toThrow();
    doomed.wipe();
    expect(() => doomed.sign(plan, share)).toThrow('wiped');
    expect(() => doomed.rehearse('00')).toThrow('wiped');
  });

  it('is none: of 31 bytes, of zeros, beyond the group’s order', () => {
    for (const bytes of [new Uint8Array(31).fill(1), new Uint8Array(32), new Uint8Array(32).fill(0xff)])
      expect(() => ethereum.keyOf(bytes, 'ethereum', 'devnet')).toThrow('a key of secp256k1');
  });
});

describe('a signature has one form', () => {
  it('every flipped bit', () => {
    for (let bit = 0; bit < 520; bit += 1) {
      const bytes = Uint8Array.fromHex(signature);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(ethereum.verifyShare(key, plan, share, bytes.toHex()), `bit ${bit}`).toBe(false);
    }
  });

  it('the other s, which the chain would take, is not ours; nor eth_sign’s; nor another’s', () => {
    const high = signature.slice(0, 64) + hexOf(Fn.neg(numberOf(signature.slice(64, 128))), 32);
    const turned = high + (signature.endsWith('1b') ? '1c' : '1b');
    expect(ethereum.verifyShare(key, plan, share, turned)).toBe(false);
    expect(owner.isDerived(plan, share, turned)).toBe(false);
    const by = signHash(secret, Uint8Array.fromHex(ethSignHash(hash)));
    expect(ethereum.verifyShare(key, plan, share, by.rs + hexOf(31n + BigInt(by.recovery), 1))).toBe(false);
    const second = planned.shares[1]?.share ?? '';
    const others = owners[1]?.sign(plan, second) ?? '';
    expect(ethereum.verifyShare(key, plan, share, others)).toBe(false);
    expect(ethereum.verifyShare(key, plan, second, others)).toBe(false);
  });

  it('never throws, whatever the texts hold', () => {
    for (const junk of ['', 'zz', '00', 'é', signature.toUpperCase(), `0x${signature}`]) {
      expect(ethereum.verifyShare(key, plan, share, junk)).toBe(false);
      expect(ethereum.verifyShare(junk, plan, share, signature)).toBe(false);
      expect(ethereum.verifyShare(key, junk, share, signature)).toBe(false);
      expect(ethereum.verifyShare(key, plan, junk, signature)).toBe(false);
    }
  });
});

describe('a signature with another nonce', () => {
  /** ECDSA with a nonce that somebody chose: it verifies as any other does. */
  function signWith(nonce: bigint) {
    const { x, y } = secp256k1.Point.BASE.multiply(nonce).toAffine();
    const z = Fn.create(numberOf(hash));
    const s = Fn.mul(Fn.inv(nonce), Fn.create(z + Fn.mul(x, numberOf(secret.toHex()))));
    const high = s > Fn.ORDER / 2n;
    const recovery = ((y & 1n) === 1n) === high ? 0 : 1;
    return { rs: hexOf(x, 32) + hexOf(high ? Fn.neg(s) : s, 32), recovery } as const;
  }
  const digest = Uint8Array.fromHex(hash);
  const derived = nonceOf(secret, digest);

  it('verifies, and is not the derived one; its nonce is seen', () => {
    for (const nonce of [1n, 2n, 12_345n, derived + 1n]) {
      const signed = signWith(nonce);
      const text = signed.rs + hexOf(27n + BigInt(signed.recovery), 1);
      expect(ethereum.verifyShare(key, plan, share, text)).toBe(true);
      expect(isDerived(secret, digest, signed)).toBe(false);
      expect(owner.isDerived(plan, share, text)).toBe(false);
      expect([nonce, Fn.neg(nonce)]).toContain(nonceUsed(secret, digest, signed));
    }
  });

  it('the derived one, made here, is the derived one', () => {
    expect(signWith(derived)).toEqual(signHash(secret, digest));
    expect(isDerived(secret, digest, signWith(derived))).toBe(true);
    expect(nonceUsed(secret, digest, signWith(derived))).toBe(derived);
    const { rs, recovery } = signWith(derived);
    expect(isDerived(secret, digest, { rs, recovery: recovery === 0 ? 1 : 0 })).toBe(false);
  });

  it('a self-test’s messages each give another nonce, derived, and no share among them', () => {
    const messages = Array.from({ length: 32 }, (_, index) => hexOf(BigInt(index), 4));
    const rehearsed = messages.map((message) => owner.inspect(message, owner.rehearse(message)));
    expect(rehearsed.every((one) => one.derived)).toBe(true);
    expect(new Set(rehearsed.map(({ point }) => point)).size).toBe(32);
    expect(new Set(rehearsed.map(({ nonce }) => nonce)).size).toBe(32);
  });
});

describe('evidence that a key of ours is elsewhere', () => {
  const seen = (bytes: string, by: string, signer = key) =>
    ethereum.evidenceSigned(hot, { bytes, signer, signature: by }, 'devnet');
  const signBytes = (bytes: string, name = 'owner 1') => {
    const { rs, recovery } = signHash(secretNamed(name), Uint8Array.fromHex(hashOfHex(bytes)));
    return rs + hexOf(27n + BigInt(recovery), 1);
  };

  it('a hash of this Safe, in each way that the Safe takes from a key', () => {
    const by = signHash(secret, Uint8Array.fromHex(ethSignHash(hash)));
    const high = signature.slice(0, 64) + hexOf(Fn.neg(numberOf(signature.slice(64, 128))), 32);
    expect(seen(share, signature)).toBe(true);
    expect(seen(share, high + (signature.endsWith('1b') ? '1c' : '1b'))).toBe(true);
    expect(seen(share, by.rs + hexOf(31n + BigInt(by.recovery), 1))).toBe(true);
  });

  it('a transaction or a delegation of the owner’s account', () => {
    const transaction = encodeTransaction({
      chainId: 31_337n,
      nonce: 0n,
      maxPriorityFeePerGas: 1n,
      maxFeePerGas: 2n,
      gasLimit: 21_000n,
      to: hot.address as Address,
      value: 0n,
      data: '',
    });
    expect(seen(transaction, signBytes(transaction))).toBe(true);
    const delegation = `05d7827a6994${customer.slice(2).toLowerCase()}80`;
    expect(seen(delegation, signBytes(delegation))).toBe(true);
  });

  it('and nothing else: another Safe, another chain, another’s key, no key of the wallet, words', () => {
    const read = readPlan(plan);
    if (read.kind === 'refused') throw new Error(read.why);
    const { bound } = read;
    const elsewhere = shareOf({ ...bound, chainId: 1n }, key as Address);
    const others = shareOf({ ...bound, safe: customer as Address }, key as Address);
    const signShare = (bytes: string, name = 'owner 1') => signBytes(bytes.slice(0, 132), name);
    expect(seen(share, signShare(share))).toBe(true);
    expect(seen(elsewhere, signShare(elsewhere))).toBe(false);
    expect(seen(others, signShare(others))).toBe(false);
    expect(seen(share, signShare(share, 'owner 2'))).toBe(false);
    // Its own signature, under another owner's name.
    const second = shareOf(bound, owners[1]?.publicKey as Address);
    expect(seen(second, signShare(second))).toBe(false);
    const thief = ownerNamed('thief').publicKey;
    const thiefs = shareOf(bound, thief as Address);
    expect(seen(thiefs, signShare(thiefs, 'thief'), thief)).toBe(false);
    const words = new TextEncoder().encode('\x19Ethereum Signed Message:\n2hi').toHex();
    expect(seen(words, signBytes(words))).toBe(false);
    // What the self-test signs.
    expect(seen('ff00', signBytes('ff00'))).toBe(false);
    for (const junk of ['', 'zz', '02', 'c0']) expect(seen(junk, signature)).toBe(false);
  });
});
