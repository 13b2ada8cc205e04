import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encode, explain, fromNisJson, innerHash, toNisJson, transactionHash, verify } from './index.ts';

interface Row {
  step: string;
  row: {
    meta: { hash?: { data?: string }; innerHash?: { data?: string }; data?: string | null };
    transaction: Record<string, unknown>;
  };
}

const { transactions } = JSON.parse(
  readFileSync(new URL('../data/nis1-replies.json', import.meta.url), 'utf8'),
) as { transactions: Row[] };

function read(json: unknown) {
  const result = fromNisJson(json, 'mainnet');
  if (result.kind === 'refused') throw new Error(`${result.field}: ${result.why}`);
  return result;
}

describe('what a real node wrote', () => {
  it('has every shape', () => {
    expect(transactions).toHaveLength(11);
  });

  it.each(transactions)('$step', ({ row: { meta, transaction: json } }) => {
    const { transaction, signature, cosignatures } = read(json);
    const bytes = encode(transaction);
    if (meta.hash?.data !== undefined) expect(transactionHash(bytes)).toBe(meta.hash.data);
    const inner = meta.innerHash?.data ?? meta.data;
    if (transaction.kind === 'multisig' && typeof inner === 'string') {
      expect(innerHash(transaction)).toBe(inner);
    }
    expect(verify(transaction.signer, bytes, signature)).toBe(true);
    for (const one of cosignatures) {
      expect(verify(one.transaction.signer, encode(one.transaction), one.signature)).toBe(true);
    }
    expect(explain(bytes, 'mainnet')).toEqual({ kind: 'explained', transaction });
    // To the letter, order of keys included.
    expect(JSON.stringify(toNisJson(transaction, signature, cosignatures))).toBe(JSON.stringify(json));
  });
});

describe('what a node could make up is refused', () => {
  const transfer = transactions.find(({ row }) => row.transaction['type'] === 257)?.row.transaction ?? {};
  const multisig =
    transactions.find(({ row }) => {
      const signatures = row.transaction['signatures'];
      return Array.isArray(signatures) && signatures.length > 0;
    })?.row.transaction ?? {};
  const [cosignature] = multisig['signatures'] as [Record<string, unknown>];
  const modification =
    transactions.find(({ row }) => row.transaction['type'] === 4097)?.row.transaction ?? {};

  it.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'not-an-object', 'transaction'],
    ['null', null, 'not-an-object', 'transaction'],
    ['a list', [transfer], 'not-an-object', 'transaction'],
    ['text', 'transfer', 'not-an-object', 'transaction'],
    ['an empty object', {}, 'unknown-type', 'type'],
    ['a type as text', { ...transfer, type: '257' }, 'unknown-type', 'type'],
    ['a namespace', { ...transfer, type: 8193 }, 'unknown-type', 'type'],
    ['another network', { ...transfer, version: -1744830462 }, 'wrong-network', 'version'],
    ['an unsigned version', { ...transfer, version: 2550136834 }, 'not-a-safe-integer', 'version'],
    ['version 3', { ...transfer, version: 1744830467 }, 'unknown-version', 'version'],
    ['version 1 with mosaics', { ...transfer, version: 1744830465 }, 'unknown-key', 'mosaics'],
    ['version 2 without mosaics', without(transfer, 'mosaics'), 'missing', 'mosaics'],
    ['no signature', without(transfer, 'signature'), 'missing', 'signature'],
    ['a short signature', { ...transfer, signature: 'ab' }, 'not-hex', 'signature'],
    ['an upper-case signer', { ...transfer, signer: 'AB'.repeat(32) }, 'not-hex', 'signer'],
    ['a key more', { ...transfer, cosignatures: [] }, 'unknown-key', 'cosignatures'],
    [
      '__proto__',
      JSON.parse(`{"__proto__":1,${JSON.stringify(transfer).slice(1)}`),
      'unknown-key',
      '__proto__',
    ],
    ['an amount that JSON rounded', { ...transfer, amount: 2 ** 53 }, 'not-a-safe-integer', 'amount'],
    ['half a micro-XEM', { ...transfer, amount: 0.5 }, 'not-a-safe-integer', 'amount'],
    ['a negative amount', { ...transfer, amount: -1 }, 'not-a-safe-integer', 'amount'],
    ['minus zero', { ...transfer, amount: -0 }, 'not-a-safe-integer', 'amount'],
    ['an amount as text', { ...transfer, amount: '1' }, 'not-a-safe-integer', 'amount'],
    ['more XEM than exist', { ...transfer, amount: 8_999_999_999_000_001 }, 'amount-out-of-range', 'amount'],
    ['NaN', { ...transfer, fee: Number.NaN }, 'not-a-safe-integer', 'fee'],
    ['a deadline before the time', { ...transfer, deadline: 1 }, 'deadline-not-after-timestamp', 'deadline'],
    ['a recipient that is none', { ...transfer, recipient: 'NX' }, 'not-an-address', 'recipient'],
    ['no recipient', { ...transfer, recipient: null }, 'not-a-string', 'recipient'],
    ['a message as null', { ...transfer, message: null }, 'not-an-object', 'message'],
    ['an empty payload', { ...transfer, message: { payload: '', type: 1 } }, 'empty-message', 'message'],
    [
      'a message of type 3',
      { ...transfer, message: { payload: 'ab', type: 3 } },
      'unknown-message-type',
      'message.type',
    ],
    ['a message without type', { ...transfer, message: { payload: 'ab' } }, 'missing', 'message.type'],
    ['mosaics as object', { ...transfer, mosaics: {} }, 'not-a-list', 'mosaics'],
    [
      'a mosaic with a bad name',
      { ...transfer, mosaics: [{ quantity: 1, mosaicId: { namespaceId: 'A', name: 'b' } }] },
      'invalid-mosaic-name',
      'mosaics[0].id',
    ],
    [
      'a mosaic with a levy',
      { ...transfer, mosaics: [{ quantity: 1, levy: 1, mosaicId: { namespaceId: 'a', name: 'b' } }] },
      'unknown-key',
      'mosaics[0].levy',
    ],
    ['modifications reversed', reversed(modification), 'modifications-out-of-order', 'modifications[1]'],
    [
      'a minimum as text',
      { ...modification, minCosignatories: { relativeChange: '2' } },
      'not-a-safe-integer',
      'minCosignatories.relativeChange',
    ],
    ['a wrapper inside', { ...multisig, otherTrans: multisig }, 'nested-multisig', 'otherTrans.type'],
    [
      'a cosignature inside',
      { ...multisig, otherTrans: without(cosignature, 'signature') },
      'inner-type-not-allowed',
      'otherTrans.type',
    ],
    [
      'a signature inside',
      { ...multisig, otherTrans: { ...(multisig['otherTrans'] as object), signature: 'ab'.repeat(64) } },
      'unknown-key',
      'otherTrans.signature',
    ],
    ['no signatures', without(multisig, 'signatures'), 'missing', 'signatures'],
    ['signatures as object', { ...multisig, signatures: {} }, 'not-a-list', 'signatures'],
    [
      'a transfer as cosignature',
      { ...multisig, signatures: [transfer] },
      'unknown-type',
      'signatures[0].type',
    ],
    [
      'a wrapper as cosignature',
      { ...multisig, signatures: [multisig] },
      'nested-multisig',
      'signatures[0].type',
    ],
    [
      'a cosignature of another transaction',
      { ...multisig, signatures: [{ ...cosignature, otherHash: { data: 'ab'.repeat(32) } }] },
      'cosignature-of-another',
      'signatures[0]',
    ],
    [
      'a cosignature for another account',
      { ...multisig, signatures: [{ ...cosignature, otherAccount: transfer['recipient'] }] },
      'cosignature-of-another',
      'signatures[0]',
    ],
  ])('%s', (_, json, why, field) => {
    expect(fromNisJson(json, 'mainnet')).toEqual({ kind: 'refused', why, field });
  });

  it('a changed number changes the hash', () => {
    const honest = read(transfer);
    const lie = read({ ...transfer, amount: Number(transfer['amount']) + 1 });
    expect(transactionHash(encode(lie.transaction))).not.toBe(transactionHash(encode(honest.transaction)));
    expect(verify(lie.transaction.signer, encode(lie.transaction), lie.signature)).toBe(false);
  });

  it('cosignatures of what has none stop the programmer', () => {
    const wrapper = read(multisig);
    const { transaction, signature } = read(transfer);
    expect(() => toNisJson(transaction, signature, wrapper.cosignatures)).toThrow('only a multisig');
  });
});

function without(json: Record<string, unknown>, key: string): unknown {
  return Object.fromEntries(Object.entries(json).filter(([name]) => name !== key));
}

function reversed(json: Record<string, unknown>): unknown {
  return { ...json, modifications: (json['modifications'] as unknown[]).toReversed() };
}

const recorded = new URL('../../../../shared/data/nem/nis1-replies-3.jsonl', import.meta.url);

describe.skipIf(!existsSync(recorded))(
  'all recorded replies (needs ../shared/data/nem/nis1-replies-3.jsonl)',
  () => {
    const lines = existsSync(recorded) ? readFileSync(recorded, 'utf8').trim().split('\n') : [];
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);

    it('every transaction in them is read, verified, and written the same', () => {
      let seen = 0;
      const walk = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return;
        const json = value as Record<string, unknown>;
        if ([257, 4097, 4100].includes(json['type'] as number) && 'signature' in json) {
          seen += 1;
          const { transaction, signature, cosignatures } = read(json);
          expect(verify(transaction.signer, encode(transaction), signature)).toBe(true);
          expect(toNisJson(transaction, signature, cosignatures)).toEqual(json);
        }
        Object.values(json).forEach(walk);
      };
      rows.forEach(walk);
      expect(seen).toBeGreaterThan(20);
    });

    it('every accepted announce of a known type is explained, with the hash that the node named', () => {
      let seen = 0;
      for (const row of rows) {
        const request = row['request'] as { data?: string } | undefined;
        const reply = row['reply'] as { code?: number; transactionHash?: { data: string } } | undefined;
        if (typeof request?.data !== 'string' || reply?.code !== 1) continue;
        const bytes = Uint8Array.fromHex(request.data);
        const explained = explain(bytes, 'mainnet');
        if (explained.kind === 'refused') {
          expect(explained).toEqual({ kind: 'refused', why: 'unknown-type', field: 'type' }); // namespaces, mosaics
          continue;
        }
        seen += 1;
        expect(transactionHash(bytes)).toBe(reply.transactionHash?.data);
      }
      expect(seen).toBeGreaterThan(80);
    });
  },
);
