/** A list that denies an address in another form than outputs have it would deny nothing: a policy with one is refused. */
import { describe, expect, it } from 'vitest';
import type { Policy } from '@kuramori/core';
import { policy as ofNem, alice } from '../signers/testing/desk.ts';
import { hot as bitcoin, addressOf } from '../signers/testing/bitcoin.ts';
import { hot as ethereum, customer } from './ethereum/codec/house.testing.ts';
import { wrongAddresses } from './codecs.ts';

const over = (...wallets: Policy['wallets']): Policy => ({ ...ofNem, wallets });
const all = over(...ofNem.wallets, bitcoin, ethereum);
const listing = (policy: Policy, ...addresses: readonly string[]) =>
  [...wrongAddresses({ ...policy, lists: [{ id: 'thieves', addresses: [...addresses] }] })].map(
    ({ path, why }) => `${path.join('.')} ${why}`,
  );

describe('a list', () => {
  it('may have addresses of every chain that the policy has a wallet on, written as outputs have them', () => {
    expect(listing(all, alice, addressOf('alice'), customer)).toEqual([]);
  });

  it.each([
    [
      'Ethereum’s, all small',
      customer.toLowerCase(),
      new RegExp(`lists\\.0\\.addresses\\.0 .*is written ${customer} on ethereum`),
    ],
    ['Bitcoin’s, all capital', addressOf('alice').toUpperCase(), /is written rltc1\S+ on litecoin/],
    ['NEM’s, with dashes', alice.replace(/(.{6})/g, '$1-'), /is no address of nem on devnet/],
    [
      'nobody’s',
      'alice',
      /is no address of nem on devnet .*; is no address of litecoin .*; is no address of ethereum/,
    ],
  ])('in another form is told: %s', (_whose, address, line) => {
    const [told] = listing(all, address);
    expect(told).toMatch(line);
  });

  it('of a chain that the policy has no wallet on is told', () => {
    expect(listing(ofNem, customer)[0]).toMatch(/is no address of nem/);
  });
});

it('a wallet’s own flaws are told with their chain’s words, at their place', () => {
  const wrong = { ...bitcoin, address: addressOf('thief') };
  const [told] = [...wrongAddresses(over(...ofNem.wallets, wrong))];
  expect(told).toMatchObject({ path: ['wallets', 2, 'address'] });
});
