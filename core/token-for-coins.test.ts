/** A token's units never pass for coins, nor one contract for another: how assets of Ethereum are named, read and written. */
import { describe, expect, it } from 'vitest';
import { AssetName, coinOf, ETH, formatAmount, freezeOf, parseAmount, type Asset } from './index.ts';
import { operator } from './testing/house.ts';

const usdt = 'ethereum:0xdac17f958d2ee523a2206206994597c13d831ec7' as Asset;

describe('a token’s name', () => {
  it('is its contract in lower case, and its fees are paid in ETH', () => {
    expect(AssetName.parse(usdt)).toBe(usdt);
    expect(AssetName.parse(ETH)).toBe(ETH);
    expect([coinOf(usdt), coinOf(ETH)]).toEqual([ETH, ETH]);
  });

  it.each([
    [
      'EIP-55’s form: one contract would have two names',
      'ethereum:0xdAC17F958D2ee523a2206206994597C13D831ec7',
    ],
    ['without 0x', usdt.replace('0x', '')],
    ['cut', usdt.slice(0, -1)],
    ['longer', `${usdt}0`],
    ['a line break behind', `${usdt}\n`],
    ['another chain', usdt.replace('ethereum', 'bitcoin')],
    ['its symbol', 'ethereum:usdt'],
  ])('%s is none', (_, name) => {
    expect(AssetName.safeParse(name).success).toBe(false);
  });

  it('a freeze of ETH stops the tokens, which move by it; a freeze of one token stops no other', () => {
    const freeze = (...assets: Asset[]) => [
      { freeze: { by: operator.publicKey, at: 1, why: 'x', assets }, signature: '00' },
    ];
    expect(freezeOf(freeze(ETH), usdt)).toBeDefined();
    expect(freezeOf(freeze(usdt), ETH)).toBeUndefined();
    expect(freezeOf(freeze(usdt), usdt.replace('7', '8') as Asset)).toBeUndefined();
  });
});

describe('a token’s amount', () => {
  it.each([0n, 1n, 1_500_000n, 2n ** 256n - 1n])('%s is written as units, and read back', (units) => {
    expect(formatAmount(units, usdt)).toBe(`${units} units`);
    expect(parseAmount(formatAmount(units, usdt), usdt)).toBe(units);
  });

  it('as if the decimal places were known is refused, and so are units of a coin', () => {
    for (const text of ['1.5', '15', '1.5 units', '-1 units', '01 units', ' units', '1  units', '1e3 units'])
      expect(() => parseAmount(text, usdt), text).toThrow('write a whole number');
    expect(() => parseAmount('15 units', ETH)).toThrow('is not an amount');
  });
});
