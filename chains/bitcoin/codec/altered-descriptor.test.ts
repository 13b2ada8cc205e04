import { HDKey } from '@scure/bip32';
import { describe, expect, it } from 'vitest';
import { checksumOf } from './checksum.ts';
import { branchDescriptor, bitcoin, descriptorKeyOf, readDescriptor, writeDescriptor } from './index.ts';
import { heldWallet } from './testing/wallet.ts';

const { wallet } = heldWallet(2, [1, 2, 3], 'bitcoin', 'mainnet');
const { descriptor } = wallet;
const [body = ''] = descriptor.split('#');

/** The reason of a refusal; undefined where it is read. The checksum is made right, so that it is not the reason. */
function why(changed: string): string | undefined {
  const read = readDescriptor(`${changed}#${checksumOf(changed)}`);
  return read.kind === 'refused' ? read.why : undefined;
}

function keysOf(text: string) {
  const read = readDescriptor(text);
  if (read.kind === 'refused') throw new Error(read.why);
  return read.descriptor;
}

const [first, second] = keysOf(descriptor).keys;
if (!first || !second) throw new Error('a descriptor without keys');

describe('a descriptor', () => {
  it('is read and written', () => {
    const read = keysOf(descriptor);
    expect(writeDescriptor(read.threshold, read.keys)).toBe(descriptor);
    expect(why(body)).toBeUndefined();
    // BIP 380 allows either mark of a hardened step.
    expect(why(body.replaceAll(/\[[^\]]*\]/g, (origin) => origin.replaceAll('h', "'")))).toBeUndefined();
    expect(branchDescriptor(read, 1)).toContain('/1/*');
  });

  it('with any character altered is refused', () => {
    const read: string[] = [];
    for (const at of descriptor.split('').keys())
      for (const other of ['q', 'Z', '0', '/', "'"]) {
        const changed = descriptor.slice(0, at) + other + descriptor.slice(at + 1);
        if (changed !== descriptor && readDescriptor(changed).kind === 'descriptor') read.push(changed);
      }
    expect(read).toEqual([]);
  });

  it.each([
    ['another shape', body.replace('sortedmulti', 'multi'), 'is not wsh(sortedmulti('],
    // docs/decisions/0043-wallets-are-no-taproot.md
    [
      'of Taproot',
      body.replace(
        'wsh(sortedmulti(',
        'tr(50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0,sortedmulti_a(',
      ),
      'is not wsh(sortedmulti(',
    ],
    ['in the open', body.slice(4, -1), 'is not wsh(sortedmulti('],
    ['more signatures than keys', body.replace('(2,', '(4,'), 'asks for 4 of 3 keys'],
    ['no signature', body.replace('(2,', '(0,'), 'is not wsh(sortedmulti('],
    [
      'one key twice',
      body.replace(second.extended, first.extended).replace('8dfc9b34', '4ba43603'),
      'names one key twice',
    ],
    ['one branch alone', body.replace('<0;1>', '0'), 'key 1: is not ['],
    ['a hardened branch', body.replace('<0;1>/*', '<0;1>/*h'), 'key 1: is not ['],
    ['no origin', body.replace(/\[[^\]]*\]/, ''), 'key 1: is not ['],
    ['a shorter path', body.replace('/48h', ''), 'key 1: is of depth 4, and its path has 3 steps'],
    ['another account', body.replace('0h/2h', '0h/3h'), 'key 1: is another child than its path ends in'],
    [
      'a wrong key',
      body.replace(first.extended, `${first.extended.slice(0, -1)}1`),
      'key 1: is no extended key',
    ],
    ['a key twice the size', body.replace('48h', '2147483648h'), 'beyond 2^31'],
  ])('%s', (_, changed, expected) => {
    expect(changed).not.toBe(body);
    expect(why(changed)).toContain(expected);
  });

  it('with a private key in it', () => {
    const secret = HDKey.fromMasterSeed(new Uint8Array(32).fill(1)).derive("m/48'/0'/0'/2'");
    expect(why(body.replace(first.extended, secret.privateExtendedKey))).toContain('is a private key');
  });

  it('with keys of two networks', () => {
    const test = descriptorKeyOf(new Uint8Array(32).fill(1), 'bitcoin', 'testnet');
    expect(why(body.replace(first.extended, test.extended).replace('48h/0h', '48h/1h'))).toContain(
      'several networks',
    );
  });

  it('with sixteen keys', () => {
    const many = heldWallet(
      1,
      Array.from({ length: 15 }, (_, at) => at + 1),
    ).wallet.descriptor;
    expect(readDescriptor(many).kind).toBe('descriptor');
    const more = writeDescriptor(1, [
      ...keysOf(many).keys,
      descriptorKeyOf(new Uint8Array(32).fill(99), 'litecoin', 'devnet'),
    ]);
    expect(readDescriptor(more)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('at most 15') as string,
    });
  });
});

describe('a wallet that its descriptor does not fit', () => {
  const other = heldWallet(2, [1, 2, 4], 'bitcoin', 'mainnet').wallet;
  const wrong = (changed: typeof wallet) =>
    [...bitcoin.wrongWallet(changed, 'mainnet')].map(({ path, why: said }) => `${path.join('.')} ${said}`);

  it('is sound', () => {
    expect(wrong(wallet)).toEqual([]);
  });

  it.each([
    ['threshold', { threshold: 3 }, ['threshold is 3, and the descriptor asks for 2']],
    [
      'another descriptor',
      { descriptor: other.descriptor },
      ['cosigners.2.publicKey is no key', 'cosigners lacks key 3', 'address is not'],
    ],
    ['another address', { address: other.address }, ['address is not the first of the descriptor']],
    ['a key too few', { cosigners: wallet.cosigners.slice(1) }, ['cosigners lacks key 1']],
    [
      'a key twice',
      { cosigners: [...wallet.cosigners, ...wallet.cosigners.slice(0, 1)] },
      ['cosigners.3.publicKey stands here twice'],
    ],
    [
      'a key that is none',
      { cosigners: [{ publicKey: 'xpub', signer: null }, ...wallet.cosigners.slice(1)] },
      [
        'cosigners.0.publicKey is no extended key',
        'cosigners.0.publicKey is no key',
        'cosigners lacks key 1',
      ],
    ],
    ['spares', { spares: other.cosigners.slice(2) }, ['spares keys of a descriptor cannot be changed']],
    ['no checksum', { descriptor: body }, ['descriptor has no checksum']],
  ] as const)('%s', (_, changed, expected) => {
    const said = wrong({ ...wallet, ...changed } as typeof wallet);
    expect(said.map((line, at) => line.slice(0, expected[at]?.length))).toEqual(expected);
  });

  it('is another network’s', () => {
    expect([...bitcoin.wrongWallet(wallet, 'testnet')].map(({ path }) => path)).toEqual([['descriptor']]);
  });
});
