/** A key that signs two messages with one nonce is anybody's: seen by the signatures in blocks alone, and believed only where both verify. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  encode,
  publicKeyOf,
  privateKeyOf,
  transactionHash,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import { signWith } from '../../chains/nem/codec/biased.testing.ts';
import { chainKey } from '../../signers/testing/desk.ts';
import { transfer } from '../testing/transactions.ts';
import { openNonces } from './nonces.ts';
import { Signs } from './thresholds.ts';

const signs = Signs.parse({});
const ours = chainKey('c1');
const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function paid(second: number, nonce?: (derived: bigint) => bigint, by = ours): SeenTransaction {
  const transaction: Transfer = transfer(by, chainKey('alice').address, 1n, 100 + second);
  const bytes = encode(transaction);
  const signature = signWith(by.privateKey, bytes.toHex(), nonce ?? ((derived) => derived));
  return { hash: transactionHash(bytes), transaction, signature, cosignatures: [] };
}

function seen(all: readonly SeenTransaction[], more: Partial<typeof signs.repeatedNonce> = {}) {
  const nonces = openNonces((key) => key === ours.publicKey);
  for (const one of all) nonces.saw(one, { ...signs, repeatedNonce: { ...signs.repeatedNonce, ...more } });
  return { repeated: nonces.repeated().map(({ fields }) => fields), alike: nonces.alike().length };
}

describe('one nonce, two messages', () => {
  it('is the gravest alarm, with both transactions named', () => {
    const [first, second] = [paid(1, () => 5n), paid(3, () => 5n)];
    const { repeated } = seen([first, paid(2), second]);
    expect(repeated).toMatchObject([{ signer: ours.publicKey, transactions: [first.hash, second.hash] }]);
  });

  it('so is a nonce and its negative: the point differs in its sign alone', () => {
    const [first, second] = [paid(1, () => 5n), paid(2, () => order - 5n)];
    expect(first.signature.slice(0, 62)).toBe(second.signature.slice(0, 62));
    expect(first.signature.slice(0, 64)).not.toBe(second.signature.slice(0, 64));
    expect(seen([first, second]).repeated).toHaveLength(1);
  });

  it('across thousands between, up to as many as are remembered', () => {
    const between = [paid(2), paid(3)];
    expect(seen([paid(1, () => 5n), ...between, paid(4, () => 5n)], { newest: 3 }).repeated).toHaveLength(1);
    expect(seen([paid(1, () => 5n), ...between, paid(4, () => 5n)], { newest: 2 }).repeated).toHaveLength(0);
  });
});

describe('is not said of', () => {
  it('one transaction seen twice, by two nodes or after a rewrite', () => {
    expect(seen([paid(1), paid(1)])).toEqual({ repeated: [], alike: 0 });
  });

  it('a signature that a node made up: the second does not verify', () => {
    const [first, second] = [paid(1), paid(2)];
    const invented = { ...second, signature: first.signature.slice(0, 64) + second.signature.slice(64) };
    expect(seen([first, invented])).toEqual({ repeated: [], alike: 0 });
    expect(seen([invented, first])).toEqual({ repeated: [], alike: 0 });
  });

  it('a stranger’s key', () => {
    const stranger = privateKeyOf(createHash('sha256').update('stranger').digest());
    const by = { privateKey: stranger, publicKey: publicKeyOf(stranger), address: ours.address };
    expect(seen([paid(1, () => 5n, by), paid(2, () => 5n, by)])).toEqual({ repeated: [], alike: 0 });
  });

  it('300 honest signatures', () => {
    expect(seen(Array.from({ length: 300 }, (_, second) => paid(second)))).toEqual({
      repeated: [],
      alike: 0,
    });
  });
});

it('R values that begin alike are paged about before one repeats', () => {
  // 64 bits cannot be searched for here, so fewer are asked for than a house may: two of 300 agree in 16 by chance alone.
  const nonces = openNonces(() => true);
  for (let second = 0; second < 1_000; second += 1)
    nonces.saw(paid(second), { ...signs, likeNonces: { bits: 12, action: 'page' } });
  expect(nonces.repeated()).toEqual([]);
  expect(nonces.alike().length).toBeGreaterThan(0);
}, 60_000);
