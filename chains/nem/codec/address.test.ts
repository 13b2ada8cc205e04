import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addressOf, parseAddress, parsePublicKey, toNetwork } from './index.ts';
import type { Address, NemNetwork, PublicKey } from './index.ts';

const hot = 'NC3BI3DNMR2PGEOOMP2NKXQGSAKMS7GYRKVA5CSZ'; // Coincheck's, 2018
const publicSet = new URL('../../../../shared/data/nem/addresses.json', import.meta.url);

function address(text: string, network: NemNetwork): Address {
  const parsed = parseAddress(text, network);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  return parsed.address;
}

describe('an address has one form only', () => {
  it('the canonical one', () => {
    expect(parseAddress(hot, 'mainnet')).toEqual({ kind: 'address', address: hot });
  });

  it.each([
    ['lower case', hot.toLowerCase(), 'not-base32'],
    ['one small letter', `n${hot.slice(1)}`, 'not-base32'],
    ['hyphens', hot.replaceAll(/(.{6})/g, '$1-'), 'wrong-length'],
    ['a space before', ` ${hot}`, 'wrong-length'],
    ['a line break after', `${hot}\n`, 'wrong-length'],
    ['cut', hot.slice(0, 39), 'wrong-length'],
    ['nothing', '', 'wrong-length'],
    ['0 for O', hot.replace('O', '0'), 'not-base32'],
    ['1 for I', hot.replace('I', '1'), 'not-base32'],
    ['padding', `${hot.slice(0, 39)}=`, 'not-base32'],
    ['a letter that looks the same', `${hot.slice(0, 39)}Ζ`, 'not-base32'],
    ['40 units, 39 characters', `${hot.slice(0, 38)}😀`, 'not-base32'],
    ['Symbol, 39 characters', 'NATNE7Q5BITMUTRRN6IB4I7FLSDRDWZA34SQ33Y', 'wrong-length'],
  ])('%s is refused', (_, text, why) => {
    expect(parseAddress(text, 'mainnet')).toEqual({ kind: 'refused', why });
  });

  it('every wrong character is refused', () => {
    for (const at of hot.split('').keys()) {
      for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567') {
        if (other === hot[at]) continue;
        const text = hot.slice(0, at) + other + hot.slice(at + 1);
        expect(parseAddress(text, 'mainnet')).toEqual({ kind: 'refused', why: 'wrong-checksum' });
      }
    }
  });

  it('every two neighbours that change places are refused', () => {
    for (let at = 0; at < 39; at += 1) {
      const text = hot.slice(0, at) + hot.charAt(at + 1) + hot.charAt(at) + hot.slice(at + 2);
      if (text !== hot) expect(parseAddress(text, 'mainnet').kind).toBe('refused');
    }
  });
});

describe('an address belongs to one network', () => {
  it('another network is refused by name', () => {
    expect(parseAddress(hot, 'testnet')).toEqual({ kind: 'refused', why: 'wrong-network' });
  });

  it('the same account on the other network, and back', () => {
    const test = toNetwork(address(hot, 'mainnet'), 'testnet');
    expect(test).toMatch(/^T/);
    expect(parseAddress(test, 'testnet')).toEqual({ kind: 'address', address: test });
    expect(test.slice(1, 33)).toBe(hot.slice(1, 33)); // the hash stays, network and checksum change
    expect(toNetwork(test, 'mainnet')).toBe(hot);
    expect(toNetwork(test, 'testnet')).toBe(test);
  });

  it('what is no address, or no public key, stops the programmer', () => {
    expect(() => toNetwork('N' as Address, 'testnet')).toThrow('not an address');
    expect(() => addressOf('00' as PublicKey, 'mainnet')).toThrow('publicKey');
  });
});

describe.skipIf(!existsSync(publicSet))(
  "symbol's 1,000 addresses (needs ../shared/data/nem/addresses.json)",
  () => {
    it('are equal on both networks', () => {
      const rows = JSON.parse(readFileSync(publicSet, 'utf8')) as Record<string, string>[];
      expect(rows.length).toBeGreaterThanOrEqual(1000);
      for (const row of rows) {
        const key = parsePublicKey((row['publicKey'] ?? '').toLowerCase());
        if (key.kind === 'refused') throw new Error(key.why);
        const [main, test] = [addressOf(key.publicKey, 'mainnet'), addressOf(key.publicKey, 'testnet')];
        expect([main, test]).toEqual([row['address_Public'], row['address_PublicTest']]);
        expect([parseAddress(main, 'mainnet').kind, parseAddress(test, 'testnet').kind]).toEqual([
          'address',
          'address',
        ]);
        expect(toNetwork(main, 'testnet')).toBe(test);
        // Mijin is a network that we do not know.
        expect(parseAddress(row['address_Mijin'] ?? '', 'mainnet')).toEqual({
          kind: 'refused',
          why: 'wrong-network',
        });
      }
    });
  },
);
