/** A mistyped, shortened or foreign address is refused by name; the right one has one form. */
import { describe, expect, it } from 'vitest';
import { hot, owners, walletAt } from './house.testing.ts';
import { ethereum, parseAddress } from './index.ts';

const address = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

describe('one form, however it is written', () => {
  it.each([
    ['as EIP-55 has it', address],
    ['small letters only: no checksum is there', address.toLowerCase()],
    ['capitals only', `0x${address.slice(2).toUpperCase()}`],
  ])('%s', (_, text) => {
    expect(ethereum.readAddress(text, 'ethereum', 'mainnet')).toEqual({ kind: 'address', address });
  });
});

describe('refused by name', () => {
  it.each([
    ['without 0x', address.slice(2), 'no-0x'],
    ['0X', `0X${address.slice(2)}`, 'no-0x'],
    ['a space before', ` ${address}`, 'no-0x'],
    ['a line break after', `${address}\n`, 'wrong-length'],
    ['cut', address.slice(0, 41), 'wrong-length'],
    ['a transaction’s hash', `0x${'ab'.repeat(32)}`, 'wrong-length'],
    ['nothing', '', 'no-0x'],
    ['a name', 'kuramori.eth', 'no-0x'],
    ['a Bitcoin address', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', 'no-0x'],
    ['a letter beyond f', `${address.slice(0, 41)}g`, 'not-hex'],
    ['a digit that looks the same', `${address.slice(0, 41)}０`, 'not-hex'],
    ['nobody’s: zero', `0x${'0'.repeat(40)}`, 'zero-address'],
    ['a precompile', `0x${'1'.padStart(40, '0')}`, 'reserved-address'],
    ['P256VERIFY (EIP-7951)', `0x${'100'.padStart(40, '0')}`, 'reserved-address'],
    ['the last reserved (EIP-1352)', `0x${'ffff'.padStart(40, '0')}`, 'reserved-address'],
    ['the coin’s placeholder (ERC-7528)', '0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE', 'coin-placeholder'],
  ])('%s', (_, text, why) => {
    expect(parseAddress(text)).toEqual({ kind: 'refused', why });
  });

  it('the first that is not reserved is read', () => {
    expect(parseAddress(`0x${'10000'.padStart(40, '0')}`)).toMatchObject({ kind: 'address' });
  });

  it('every letter of the other case: as long as both cases are there, they are a checksum', () => {
    for (let at = 2; at < 42; at += 1) {
      const letter = address.charAt(at);
      const turned = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      if (turned === letter) continue;
      const text = address.slice(0, at) + turned + address.slice(at + 1);
      expect(parseAddress(text), text).toEqual({ kind: 'refused', why: 'wrong-checksum' });
    }
  });

  it('of all single wrong digits nearly every one is seen, and none becomes the same address', () => {
    let seen = 0;
    let all = 0;
    for (let at = 2; at < 42; at += 1)
      for (const digit of '0123456789abcdef') {
        const text = address.slice(0, at) + digit + address.slice(at + 1);
        const read = parseAddress(text);
        if (digit === address.charAt(at).toLowerCase()) continue;
        all += 1;
        if (read.kind === 'refused') seen += 1;
        else expect(read.address).not.toBe(address);
      }
    expect(seen / all).toBeGreaterThan(0.99);
  });
});

describe('a wallet that no Safe could be', () => {
  const wrong = (wallet: typeof hot) => [...ethereum.wrongWallet(wallet, 'mainnet')];
  const cosigner = (publicKey: string) => ({ publicKey, signer: null });
  const [first = '', second = '', third = ''] = owners.map(({ publicKey }) => publicKey);
  const list = (...keys: readonly string[]) => keys.map(cosigner);

  it('the house’s own is right', () => {
    expect(wrong(hot)).toEqual([]);
  });

  it.each([
    ['its address in another form', { ...hot, address: hot.address.toLowerCase() }, 'address', 'one form'],
    ['its address mistyped', { ...hot, address: hot.address.replace('A', 'a') }, 'address', 'wrong-checksum'],
    [
      'an owner in another form',
      { ...hot, cosigners: list(first.toLowerCase(), second, third) },
      'cosigners.0.publicKey',
      'one form',
    ],
    [
      'NEM’s key as owner',
      { ...hot, cosigners: list('ab'.repeat(32), second, third) },
      'cosigners.0.publicKey',
      'no-0x',
    ],
    [
      'the sentinel as owner',
      { ...hot, cosigners: list(first, `0x${'1'.padStart(40, '0')}`, third) },
      'cosigners.1.publicKey',
      'reserved',
    ],
    [
      'the Safe as its own owner',
      { ...hot, cosigners: list(first, second, hot.address) },
      'cosigners.2.publicKey',
      'the Safe itself',
    ],
    ['an owner twice', { ...hot, cosigners: list(first, second, first) }, 'cosigners.2.publicKey', 'twice'],
    ['an owner as spare', { ...hot, spares: list(first) }, 'spares.0.publicKey', 'twice'],
    ['as many signatures as owners', walletAt(hot.address, 3), 'threshold', 'm < n'],
  ])('%s', (_, wallet, path, why) => {
    expect(wrong(wallet).map((one) => [one.path.join('.'), one.why])).toEqual([
      [path, expect.stringContaining(why)],
    ]);
  });
});
