// The node's own reading and writing, against the 80 vectors that the Java reference agrees with, and
// against the codec that wallets use: two readings of the same bytes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { explain } from '@kuramori/chains/nem/codec';
import { deserialise } from '../wire/deserialise.ts';
import { NisFailure } from '../wire/failure.ts';
import { verifiable } from '../wire/serialise.ts';
import { openSignatureCheck } from '../rules/signature-check.ts';
import type { Transaction } from '../wire/transaction.ts';

const Vector = z.object({
  name: z.string(),
  data: z.string(),
  signature: z.string(),
  hash: z.string(),
  address: z.string(),
});
const vectors = z
  .array(Vector)
  .parse(JSON.parse(readFileSync(new URL('../../../chains/nem/data/vectors.json', import.meta.url), 'utf8')));

const isGenuine = openSignatureCheck();

function read({ data, signature }: z.infer<typeof Vector>): Transaction {
  const transaction = deserialise(Uint8Array.fromHex(data), 'non-verifiable', 'mainnet');
  return { ...transaction, signature: signature.toLowerCase() };
}

function hashOf(bytes: Uint8Array): string | undefined {
  try {
    return deserialise(bytes, 'non-verifiable', 'mainnet').hash;
  } catch (failure) {
    expect(failure).toBeInstanceOf(NisFailure);
    return undefined;
  }
}

describe.each(vectors)('$name', (vector) => {
  it('is read, and written again to the same bytes, hash and signature', () => {
    const transaction = read(vector);
    expect(transaction.bytes.toHex()).toBe(vector.data.toLowerCase());
    expect(transaction.hash).toBe(vector.hash.toLowerCase());
    expect(transaction.signerAddress).toBe(vector.address);
    expect(isGenuine(transaction)).toBe(true);
    const again = deserialise(verifiable(transaction), 'verifiable', 'mainnet');
    expect(again).toEqual(transaction);
  });

  it('cut anywhere, it is unreadable or another transaction', () => {
    const bytes = Uint8Array.fromHex(vector.data);
    const same: number[] = [];
    for (let length = 0; length < bytes.length; length += 1) {
      if (hashOf(bytes.subarray(0, length)) === vector.hash.toLowerCase()) same.push(length);
    }
    // NIS takes the end of the bytes for a message that is not there, so these four zeros need not be sent.
    const { kind, version } = read(vector);
    const endsInNoMessage =
      kind === 'transfer' && version === 1 && bytes.subarray(-4).every((byte) => byte === 0);
    expect(same).toEqual(endsInNoMessage ? [bytes.length - 4] : []);
  });

  it('the codec understands the same', () => {
    const explained = explain(Uint8Array.fromHex(vector.data), 'mainnet');
    expect(explained).toMatchObject({ kind: 'explained' });
    if (explained.kind === 'explained') {
      const { kind, version, timeStamp, deadline, fee, signer } = read(vector);
      expect(explained.transaction).toMatchObject({ kind, version, timeStamp, deadline, fee, signer });
    }
  });
});
