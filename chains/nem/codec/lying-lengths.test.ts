import { describe, expect, it } from 'vitest';
import { addressOf, encode, explain, privateKeyOf, publicKeyOf, sortModifications } from './index.ts';
import type { Modification, Multisig, Transaction, Transfer } from './index.ts';

const key = (n: number) => publicKeyOf(privateKeyOf(new Uint8Array(32).fill(n)));
const header = {
  network: 'testnet',
  signer: key(1),
  timeStamp: 1000,
  deadline: 4600,
  fee: 150_000n,
} as const;
const transfer: Transfer = {
  kind: 'transfer',
  version: 2,
  ...header,
  recipient: addressOf(key(2), 'testnet'),
  amount: 1_000_000n,
  message: { kind: 'plain', payload: '68656c6c6f' },
  mosaics: [{ id: { namespaceId: 'nem', name: 'xem' }, quantity: 7n }],
};
const modification: Modification = {
  kind: 'modification',
  version: 2,
  ...header,
  modifications: sortModifications(
    [2, 3, 4].map((n) => ({ type: 'add', cosigner: key(n) })),
    'testnet',
  ),
  minCosignatoriesChange: 2,
};
const multisig: Multisig = { kind: 'multisig', version: 1, ...header, signer: key(5), inner: transfer };
const cosignature: Transaction = {
  kind: 'cosignature',
  version: 1,
  ...header,
  innerHash: 'ab'.repeat(32) as never,
  multisig: addressOf(key(1), 'testnet'),
};

// Where the lengths and counts stand. A common header is 60 bytes: 16 + 4 + 32 to the key's end, fee, deadline.
const lengths: [string, Transaction, number][] = [
  ['the public key', transfer, 12],
  ['the recipient', transfer, 60],
  ['the message envelope', transfer, 112],
  ['the message payload', transfer, 120],
  ['the count of mosaics', transfer, 129],
  ['a mosaic', transfer, 133],
  ["a mosaic's id", transfer, 137],
  ["a namespace's name", transfer, 141],
  ["a mosaic's name", transfer, 148],
  ['the count of modifications', modification, 60],
  ['a modification', modification, 64],
  ["a cosigner's key", modification, 72],
  ['the minimum of cosigners', modification, 196],
  ['the inner transaction', multisig, 60],
  ["the inner signer's key", multisig, 76],
  ["the inner message's payload", multisig, 184],
  ['the hash object', cosignature, 60],
  ['the hash', cosignature, 64],
  ['the multisig address', cosignature, 100],
];
const lies: [string, (honest: number) => number][] = [
  ['one less', (honest) => honest - 1],
  ['one more', (honest) => honest + 1],
  ['four less', (honest) => honest - 4],
  ['four more', (honest) => honest + 4],
  ['zero', () => 0],
  ['the null of NIS', () => 0xffff_ffff],
  ['a negative int', () => 0x8000_0000],
  ['the most of a positive int', () => 0x7fff_ffff],
];

describe.each(lengths)('the length of %s', (_, honest, at) => {
  const bytes = encode(honest);
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(at, true);

  it('stands where this test says, and is honest', () => {
    expect(length).toBeLessThan(bytes.length);
    expect(length).toBeGreaterThan(0);
    expect(explain(bytes, 'testnet').kind).toBe('explained');
  });

  it.each(lies)('%s is refused', (__, lie) => {
    const lying = Uint8Array.from(bytes);
    new DataView(lying.buffer).setUint32(at, lie(length) >>> 0, true);
    const explained = explain(lying, 'testnet');
    expect(explained.kind).toBe('refused');
    // Seen where it lies, and not only by the last net, which is for mistakes of our own.
    expect(explained).not.toMatchObject({ why: 'not-canonical' });
  });
});

describe('named refusals', () => {
  it.each<[string, Uint8Array, string, string]>([
    ['nothing at all', new Uint8Array(0), 'truncated', 'type'],
    ['an importance transfer', change(transfer, 0, 0x0801), 'unknown-type', 'type'],
    ['version 3', change(transfer, 4, 0x9800_0003 | 0), 'unknown-version', 'version'],
    ['version 2 of a wrapper', change(multisig, 4, 0x9800_0002 | 0), 'unknown-version', 'version'],
    ['version 2 of a cosignature', change(cosignature, 4, 0x9800_0002 | 0), 'unknown-version', 'version'],
    ['version 0', change(transfer, 4, 0x9800_0000 | 0), 'unknown-version', 'version'],
    [
      'a byte between version and network',
      change(transfer, 4, 0x9800_0102 | 0),
      'unknown-version',
      'version',
    ],
    ['mijin', change(transfer, 4, 0x6000_0002), 'wrong-network', 'version'],
    ['mainnet inside testnet', change(multisig, 68, 0x6800_0002), 'wrong-network', 'inner.version'],
    ['a wrapper inside', change(multisig, 64, 0x1004), 'nested-multisig', 'inner.type'],
    ['a cosignature inside', change(multisig, 64, 0x1002), 'inner-type-not-allowed', 'inner.type'],
    ['a namespace inside', change(multisig, 64, 0x2001), 'unknown-type', 'inner.type'],
    ['a negative time', change(transfer, 8, 0x8000_0000), 'time-out-of-range', 'timeStamp'],
    ['a negative deadline', change(transfer, 56, 0x8000_0000), 'time-out-of-range', 'deadline'],
    ['a deadline at the time', change(transfer, 56, 1000), 'deadline-not-after-timestamp', 'deadline'],
    [
      'an inner deadline before',
      change(multisig, 120, 999),
      'deadline-not-after-timestamp',
      'inner.deadline',
    ],
    ['a fee beyond Long', change(transfer, 52, 0x8000_0000), 'amount-out-of-range', 'fee'],
    ['an amount beyond Long', change(transfer, 108, 0xffff_ffff), 'amount-out-of-range', 'amount'],
    ['message type 3', change(transfer, 116, 3), 'unknown-message-type', 'message'],
    [
      'modification type 3',
      change(modification, 68, 3),
      'unknown-modification-type',
      'modifications[0].type',
    ],
    [
      'modification type 0',
      change(modification, 68, 0),
      'unknown-modification-type',
      'modifications[0].type',
    ],
    ['no minimum where NIS reads "null"', cut(modification, 8), 'truncated', 'minCosignatories'],
    ['no mosaics in version 2', cut(transfer, 34), 'truncated', 'mosaics'],
    ['mosaics in version 1', change(transfer, 4, 0x9800_0001 | 0), 'trailing-bytes', 'bytes'],
    ['a lower-case recipient', change(transfer, 64, 0x74656e74), 'not-an-address', 'recipient'],
    ['a recipient of another network', swapNetwork(encode(transfer)), 'wrong-network', 'recipient'],
  ])('%s', (_, bytes, why, field) => {
    expect(explain(bytes, 'testnet')).toEqual({ kind: 'refused', why, field });
  });

  it('a tower of wrappers does not exhaust the stack', () => {
    let bytes = encode(transfer);
    for (let floor = 0; floor < 300; floor += 1) {
      const wrapper = new Uint8Array(64 + bytes.length);
      wrapper.set(encode(multisig).subarray(0, 60));
      new DataView(wrapper.buffer).setUint32(60, bytes.length, true);
      wrapper.set(bytes, 64);
      bytes = wrapper;
    }
    expect(explain(bytes, 'testnet')).toEqual({
      kind: 'refused',
      why: 'nested-multisig',
      field: 'inner.type',
    });
  });

  it('a namespace of a megabyte is only a bad name', () => {
    const long = new Uint8Array(1 << 20).fill(0x61);
    const bytes = new Uint8Array(129 + 4 + 4 + 4 + 4 + long.length + 4 + 1 + 8);
    const view = new DataView(bytes.buffer);
    bytes.set(encode(transfer).subarray(0, 129));
    let at = 129;
    const put = (value: number): void => {
      view.setUint32(at, value, true);
      at += 4;
    };
    [1, 4 + 4 + long.length + 4 + 1 + 8, 4 + long.length + 4 + 1, long.length].forEach(put);
    bytes.set(long, at);
    at += long.length;
    put(1);
    bytes[at] = 0x61;
    expect(explain(bytes, 'testnet')).toMatchObject({ why: 'invalid-mosaic-name', field: 'mosaics[0].id' });
  });
});

/** The bytes with one u32 changed. */
function change(sent: Transaction, at: number, value: number): Uint8Array {
  const bytes = encode(sent);
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
}

function cut(sent: Transaction, bytes: number): Uint8Array {
  return encode(sent).subarray(0, -bytes);
}

/** A recipient valid on mainnet, inside bytes of the testnet. */
function swapNetwork(bytes: Uint8Array): Uint8Array {
  const other = Uint8Array.from(bytes);
  other.set(new TextEncoder().encode(addressOf(key(2), 'mainnet')), 64);
  return other;
}
