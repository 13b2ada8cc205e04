import { describe, expect, it } from 'vitest';
import { addressOf, bitcoin, scriptOf } from './index.ts';

function script(text: string, network: 'mainnet' | 'testnet' | 'devnet' = 'mainnet'): string {
  const read = scriptOf(text, 'bitcoin', network);
  return read.kind === 'script' ? read.script.toHex() : read.why;
}

describe('addresses that standards publish', () => {
  it.each([
    // The first receiving addresses of the mnemonic that these standards share.
    [
      'BIP 44',
      '1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA',
      'mainnet',
      '76a914d986ed01b7a22225a70edbf2ba7cfb63a15cb3aa88ac',
    ],
    [
      'BIP 49',
      '2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2',
      'testnet',
      'a914336caa13e08b96080a32b5d818d59b4ab3b3674287',
    ],
    [
      'BIP 84',
      'bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu',
      'mainnet',
      '0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2',
    ],
    [
      'BIP 86',
      'bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr',
      'mainnet',
      '5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c',
    ],
    [
      'BIP 173',
      'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4',
      'mainnet',
      '0014751e76e8199196d454941c45d1b3a323f1433bd6',
    ],
    [
      'BIP 173',
      'tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7',
      'testnet',
      '00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262',
    ],
    [
      'BIP 173',
      'tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy',
      'testnet',
      '0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433',
    ],
    [
      'BIP 350',
      'tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c',
      'testnet',
      '5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433',
    ],
    [
      'BIP 350',
      'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
      'mainnet',
      '512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    ],
  ] as const)('%s: %s', (_, address, network, expected) => {
    expect(script(address, network)).toBe(expected);
    const own = address.startsWith('BC1') ? address.toLowerCase() : address;
    expect(addressOf(Uint8Array.fromHex(expected), 'bitcoin', network)).toBe(own);
    expect(bitcoin.readAddress(address, 'bitcoin', network)).toEqual({ kind: 'address', address: own });
  });

  it.each([
    // Valid, and of versions that mean nothing yet: whoever is paid there has what anybody may take.
    ['BC1SW50QGDZ25J', 'witness version 16'],
    ['bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs', 'witness version 2'],
    ['bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y', 'program of 40 bytes'],
    // Invalid.
    ['tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut', 'neither base58 nor'],
    ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd', 'bech32m is due'],
    ['BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL', 'bech32m is due'],
    ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh', 'bech32 is due'],
    ['bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4', "'o'"],
    ['BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R', 'witness version 17'],
    ['bc1pw5dgrnzv', 'program of 1 bytes'],
    ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav', 'program of 41 bytes'],
    ['BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P', 'program of 16 bytes'],
    ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf', 'ends in bits'],
    ['bc1gmk9yu', 'no witness version'],
  ])('BIP 173, BIP 350: %s is refused', (address, why) => {
    expect(script(address)).toContain(why);
  });

  it.each([
    ['tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf', 'bech32m is due'],
    ['tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47', 'bech32 is due'],
    ['tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq', 'mixes upper and lower case'],
    ['tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j', 'ends in bits'],
  ])('BIP 350, on testnet: %s is refused', (address, why) => {
    expect(script(address, 'testnet')).toContain(why);
  });
});
