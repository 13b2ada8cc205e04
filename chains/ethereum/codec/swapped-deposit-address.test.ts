/** A customer's address follows from the Safe and whose it is; whoever shows another one is found out by deriving it. */
import { describe, expect, it } from 'vitest';
import { hot, usdt } from './house.testing.ts';
import { depositPlace, parseAddress, sweepFactory } from './index.ts';

const whose = { exchange: 'kura', customer: 'alice', number: 0 };
const place = depositPlace('mainnet', hot, whose);

describe('a customer’s address', () => {
  it('is always the same, in EIP-55’s form, without a memo', () => {
    expect(depositPlace('mainnet', { ...hot }, { ...whose })).toEqual(place);
    expect(place.memo).toBe('');
    expect(parseAddress(place.address)).toEqual({ kind: 'address', address: place.address });
  });

  // Changing any of these two moves every customer's address: that is never a refactoring.
  it('these addresses are forever', () => {
    expect(sweepFactory).toBe('0xAf3DA93eFeBDaBBaDF03C30cA942EcBE091947A8');
    expect(place.address).toBe('0x96B37bb2C251DF840929DbA2FC06899f78c0b7Ee');
  });

  it('is another for each customer, number, exchange, network and Safe', () => {
    const others = [
      place,
      depositPlace('testnet', hot, whose),
      depositPlace('mainnet', { address: usdt }, whose),
      depositPlace('mainnet', hot, { ...whose, number: 1 }),
      depositPlace('mainnet', hot, { ...whose, customer: 'alicf' }),
      depositPlace('mainnet', hot, { ...whose, exchange: 'kurb' }),
      depositPlace('mainnet', hot, { exchange: 'kuraal', customer: 'ice', number: 0 }),
    ];
    expect(new Set(others.map(({ address }) => address)).size).toBe(others.length);
  });

  it('of a Safe in another form than the one, is none', () => {
    expect(() => depositPlace('mainnet', { address: hot.address.toLowerCase() }, whose)).toThrow(
      'is no Safe',
    );
  });
});
