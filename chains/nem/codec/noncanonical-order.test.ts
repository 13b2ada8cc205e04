import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  compareMosaicIds,
  encode,
  explain,
  isMosaicId,
  parseMosaicId,
  parsePublicKey,
  parseSignature,
  privateKeyOf,
  publicKeyOf,
  sortModifications,
  transactionHash,
  verify,
} from './index.ts';
import type { CosignerChange, Modification, Mosaic, Transaction, Transfer } from './index.ts';
import { layOut } from './encode.ts';

const key = (n: number) => publicKeyOf(privateKeyOf(new Uint8Array(32).fill(n)));
const header = {
  network: 'mainnet',
  signer: key(1),
  timeStamp: 1000,
  deadline: 4600,
  fee: 150_000n,
} as const;

function carrying(...mosaics: [string, bigint][]): Transfer {
  const list: Mosaic[] = mosaics.map(([text, quantity]) => {
    const [namespaceId = '', name = ''] = text.split(':');
    return { id: { namespaceId, name }, quantity };
  });
  const recipient = addressOf(key(2), 'mainnet');
  const message = { kind: 'none' } as const;
  return { kind: 'transfer', version: 2, ...header, recipient, amount: 1_000_000n, message, mosaics: list };
}

function changing(...modifications: CosignerChange[]): Modification {
  return { kind: 'modification', version: 2, ...header, modifications, minCosignatoriesChange: 0 };
}

/** The bytes that a careless writer makes, and what both ways say to them. */
function refusal(careless: Transaction): unknown {
  expect(() => encode(careless)).toThrow('is refused');
  const explained = explain(layOut(careless), 'mainnet');
  return explained.kind === 'refused' ? [explained.why, explained.field] : explained;
}

describe('mosaics have one order', () => {
  it('the string namespace:name, ascending', () => {
    const sent = carrying(['abc.sub:coin', 1n], ['abc:coin', 2n], ['abc:gold', 3n], ['nem:xem', 4n]);
    expect(explain(encode(sent), 'mainnet')).toEqual({ kind: 'explained', transaction: sent });
  });

  it.each<[string, [string, bigint][], string]>([
    [
      'swapped',
      [
        ['nem:xem', 1n],
        ['abc:coin', 1n],
      ],
      'mosaics-out-of-order',
    ],
    [
      'namespace first, then name',
      [
        ['abc:coin', 1n],
        ['abc.sub:coin', 1n],
      ],
      'mosaics-out-of-order',
    ],
    [
      'twice',
      [
        ['abc:coin', 1n],
        ['abc:coin', 2n],
      ],
      'duplicate-mosaic',
    ],
    [
      'twice the same',
      [
        ['nem:xem', 1n],
        ['nem:xem', 1n],
      ],
      'duplicate-mosaic',
    ],
  ])('%s is refused', (_, mosaics, why) => {
    expect(refusal(carrying(...mosaics))).toEqual([why, 'mosaics[1]']);
  });

  it('inside a wrapper too', () => {
    const inner = carrying(['nem:xem', 1n], ['abc:coin', 1n]);
    const wrapper: Transaction = { kind: 'multisig', version: 1, ...header, signer: key(3), inner };
    expect(refusal(wrapper)).toEqual(['mosaics-out-of-order', 'inner.mosaics[1]']);
  });

  it('nor is an inner transaction of another network written', () => {
    const inner = { ...carrying(), network: 'testnet', recipient: addressOf(key(2), 'testnet') } as const;
    const wrapper: Transaction = { kind: 'multisig', version: 1, ...header, signer: key(3), inner };
    expect(refusal(wrapper)).toEqual(['wrong-network', 'inner.version']);
    expect(() => encode(wrapper)).toThrow('inner.version is refused');
  });

  it('ten are allowed, nem:xem beside them as NIS counts, eleven not', () => {
    const ten = Array.from({ length: 10 }, (_, at): [string, bigint] => [`a:coin${at}`, 1n]);
    const withXem = carrying(...ten, ['nem:xem', 1n]);
    expect(explain(encode(withXem), 'mainnet').kind).toBe('explained');
    const eleven = carrying(...ten, ['b:coin', 1n]);
    expect(refusal(eleven)).toEqual(['too-many-mosaics', 'mosaics']);
    expect(refusal(carrying(...ten, ['b:coin', 1n], ['nem:xem', 1n]))).toEqual([
      'too-many-mosaics',
      'mosaics',
    ]);
  });

  it.each<[string, bigint, bigint, string]>([
    ['more than can exist, multiplied by 0', 9_000_000_000_000_001n, 0n, 'mosaics[0].quantity'],
    ['more than can exist', 9_000_000_000_000_001n, 1_000_000n, 'mosaics[0].quantity'],
    ['more than can exist, multiplied', 9_000_000_000_000n, 1_001_000_000n, 'mosaics[0].quantity'],
    ['a multiplier that JSON can not carry', 0n, 9_000_000_000_000_001n, 'amount'],
  ])('%s is refused', (_, quantity, amount, field) => {
    expect(refusal({ ...carrying(['abc:coin', quantity]), amount })).toEqual(['amount-out-of-range', field]);
  });
});

describe('mosaic names are those of NIS', () => {
  const depth = `${'a'.repeat(16)}.${'b'.repeat(64)}`;
  it.each([
    ['nem:xem', true],
    ["alice.vouchers:alice's gift vouchers", true],
    [`${'a'.repeat(16)}:x`, true],
    [`${'a'.repeat(17)}:x`, false],
    [`${depth}:x`, true],
    [`${depth}b:x`, false],
    [`${depth}.${'c'.repeat(46)}:x`, true], // 128 characters: what NIS reads of a string
    [`${depth}.${'c'.repeat(47)}:x`, false],
    ['a.b.c:x', true],
    ['a.b.c.d:x', false],
    ['a..c:x', false],
    ['.a:x', false],
    ['a.:x', false],
    [':x', false],
    ['a:', false],
    ['a', false],
    ['a:b:c', false],
    ['_a:x', false],
    ['A:x', false],
    ['a:X', false],
    ['a:x ', false],
    ['a: x', false],
    ['a:x  y', false],
    ["a:'x", false],
    [`a:${'x'.repeat(32)}`, true],
    [`a:${'x'.repeat(33)}`, false],
    ['а:x', false], // Cyrillic
    ['a:x\n', false],
  ])('%j: %s', (text, valid) => {
    expect(parseMosaicId(text) !== undefined).toBe(valid);
    const [namespaceId = '', name = '', ...rest] = text.split(':');
    if (rest.length > 0) return;
    expect(isMosaicId({ namespaceId, name })).toBe(valid);
  });

  it('a bad one in bytes is refused', () => {
    expect(refusal(carrying(['a..b:x', 1n]))).toEqual(['invalid-mosaic-name', 'mosaics[0].id']);
  });

  it('their order is that of their texts', () => {
    expect(compareMosaicIds({ namespaceId: 'a', name: 'b' }, { namespaceId: 'a.b', name: 'a' })).toBe(1);
    expect(compareMosaicIds({ namespaceId: 'a', name: 'b' }, { namespaceId: 'a', name: 'b' })).toBe(0);
  });
});

describe('modifications have one order', () => {
  const keys = Array.from({ length: 40 }, (_, at) => key(at + 10));
  const adds = keys.map((cosigner): CosignerChange => ({ type: 'add', cosigner }));
  const sorted = sortModifications(adds, 'mainnet');

  it('that of the addresses as strings', () => {
    const addresses = sorted.map(({ cosigner }) => addressOf(cosigner, 'mainnet'));
    expect(addresses).toEqual(addresses.toSorted());
    // 2-7 come before A-Z: with 40 keys the two orders differ somewhere.
    expect(
      addresses.some((text, at) => /[2-7]/.test(text[firstDifference(text, addresses[at + 1] ?? '')] ?? '')),
    ).toBe(true);
  });

  it('additions before deletions', () => {
    const [first, second] = sorted;
    if (first === undefined || second === undefined) throw new Error('no keys');
    const removed: CosignerChange = { type: 'delete', cosigner: first.cosigner };
    const sent = changing(second, removed);
    expect(explain(encode(sent), 'mainnet')).toEqual({ kind: 'explained', transaction: sent });
    expect(sortModifications([removed, second], 'mainnet')).toEqual([second, removed]);
    expect(refusal(changing(removed, second))).toEqual(['modifications-out-of-order', 'modifications[1]']);
  });

  it('every swap of two neighbours is refused', () => {
    for (let at = 0; at + 1 < sorted.length; at += 1) {
      const swapped = sorted.toSpliced(at, 2, ...sorted.slice(at, at + 2).toReversed());
      expect(refusal(changing(...swapped))).toEqual([
        'modifications-out-of-order',
        `modifications[${at + 1}]`,
      ]);
    }
  });

  it('one cosigner twice is refused, also added and deleted at once', () => {
    const [first] = sorted;
    if (first === undefined) throw new Error('no keys');
    expect(refusal(changing(first, first))).toEqual(['duplicate-modification', 'modifications[1]']);
    const removed: CosignerChange = { type: 'delete', cosigner: first.cosigner };
    expect(refusal(changing(first, removed))).toEqual(['duplicate-modification', 'modifications[1]']);
  });

  it('no modification at all is refused, a change of the minimum alone is not', () => {
    expect(explain(encode(changing()), 'mainnet').kind).toBe('explained');
    expect(refusal({ ...changing(), minCosignatoriesChange: null })).toEqual([
      'no-modification',
      'modifications',
    ]);
    expect(refusal({ ...changing(), version: 1, minCosignatoriesChange: null })).toEqual([
      'no-modification',
      'modifications',
    ]);
  });

  it('"no change" and "a change of 0" are different bytes', () => {
    const [first] = sorted;
    if (first === undefined) throw new Error('no keys');
    const none: Modification = { ...changing(first), minCosignatoriesChange: null };
    expect(encode(none)).toHaveLength(encode(changing(first)).length - 4);
    expect(explain(encode(none), 'mainnet')).toEqual({ kind: 'explained', transaction: none });
  });

  it('the programmer can not put into version 1 what it does not have', () => {
    const [first] = sorted;
    if (first === undefined) throw new Error('no keys');
    expect(() => encode({ ...changing(first), version: 1 })).toThrow('version 1');
    expect(() => encode({ ...carrying(['nem:xem', 1n]), version: 1 })).toThrow('version 1');
  });
});

function saying(payload: string): Transfer {
  return { ...carrying(), message: { kind: 'plain', payload } };
}

describe('messages have one form', () => {
  it('none or 1 to 1024 bytes', () => {
    for (const length of [1, 31, 32, 33, 1024]) {
      expect(explain(encode(saying('ab'.repeat(length))), 'mainnet').kind).toBe('explained');
    }
    expect(refusal(saying('ab'.repeat(1025)))).toEqual(['message-too-long', 'message']);
    expect(refusal(saying(''))).toEqual(['empty-message', 'message']);
    expect(() => encode(saying('AB'))).toThrow('hex');
    expect(() => encode(saying('abc'))).toThrow('hex');
  });
});

describe('a real node said the same (data/nis1-replies.json)', () => {
  interface Announce {
    step: string;
    request: { data: string; signature: string };
    reply: { code: number; transactionHash: { data: string } };
  }
  const { announces } = JSON.parse(
    readFileSync(new URL('../data/nis1-replies.json', import.meta.url), 'utf8'),
  ) as { announces: Announce[] };

  it.each(announces)('$step: code $reply.code', ({ request, reply }) => {
    const bytes = Uint8Array.fromHex(request.data);
    const explained = explain(bytes, 'mainnet');
    expect(explained.kind).toBe(reply.code === 1 ? 'explained' : 'refused');
    if (explained.kind === 'refused') {
      expect(reply.code).toBe(8);
      expect(explained.why).toMatch(/out-of-order|duplicate/);
      return;
    }
    expect(transactionHash(bytes)).toBe(reply.transactionHash.data);
    const signer = parsePublicKey(explained.transaction.signer);
    const signature = parseSignature(request.signature.toLowerCase());
    if (signer.kind === 'refused' || signature.kind === 'refused') throw new Error('not hex');
    expect(verify(signer.publicKey, bytes, signature.signature)).toBe(true);
  });
});

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
