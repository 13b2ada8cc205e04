import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  encode,
  explain,
  formatPrivateKey,
  innerHash,
  minimumFee,
  parsePrivateKey,
  publicKeyOf,
  sign,
  transactionHash,
  verify,
  type PrivateKey,
} from './index.ts';

interface Vector {
  name: string;
  privateKey: string;
  publicKey: string;
  address: string;
  data: string;
  signature: string;
  hash: string;
  fee: string;
  innerHash?: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../data/vectors.json', import.meta.url), 'utf8'),
) as Vector[];

function keyOf(vector: Vector): PrivateKey {
  const parsed = parsePrivateKey(vector.privateKey);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  return parsed.privateKey;
}

function transactionOf(vector: Vector) {
  const explained = explain(Uint8Array.fromHex(vector.data), 'mainnet');
  if (explained.kind === 'refused') throw new Error(`${vector.name}: ${explained.field} ${explained.why}`);
  return explained.transaction;
}

describe('the 80 vectors that agree with the Java reference', () => {
  it('are all here, ten of each kind', () => {
    expect(vectors).toHaveLength(80);
    const kinds = Map.groupBy(vectors, ({ name }) => name.replace(/_\d+$/, ''));
    expect([...kinds.values()].map((group) => group.length)).toEqual(Array.from({ length: 8 }, () => 10));
  });

  describe.each(vectors)('$name', (vector) => {
    const bytes = Uint8Array.fromHex(vector.data);
    const publicKey = publicKeyOf(keyOf(vector));

    it('key, public key, address', () => {
      expect(formatPrivateKey(keyOf(vector)).toUpperCase()).toBe(vector.privateKey);
      expect(publicKey.toUpperCase()).toBe(vector.publicKey);
      expect(addressOf(publicKey, 'mainnet')).toBe(vector.address);
    });

    it('bytes, signature, hash, fee', () => {
      const transaction = transactionOf(vector);
      expect(encode(transaction).toHex()).toBe(vector.data);
      expect(transaction.signer).toBe(publicKey);
      const signature = sign(keyOf(vector), bytes);
      expect(signature.toUpperCase()).toBe(vector.signature);
      expect(verify(publicKey, bytes, signature)).toBe(true);
      expect(transactionHash(bytes).toUpperCase()).toBe(vector.hash);
      expect(minimumFee(transaction)).toBe(BigInt(vector.fee));
      if (transaction.kind === 'multisig') {
        expect(innerHash(transaction).toUpperCase()).toBe(vector.innerHash?.toUpperCase());
      }
    });
  });
});
