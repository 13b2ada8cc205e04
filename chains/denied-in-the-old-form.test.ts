/** A list denies an address in a form that no output of its chain has, because another chain's outputs have it. */
import { describe, expect, it } from 'vitest';
import { wrongAddresses, codecOf } from './codecs.ts';
import { policy as plain } from '../core/testing/house.ts';
import { cold, hot } from '../signers/testing/bitcoin.ts';
import { addressAt } from './bitcoin/codec/index.ts';

describe('a list', () => {
  it('with a Litecoin script’s address in its old form, in a house that has bitcoins too, is told of', () => {
    // P2SH with Bitcoin's byte: what litecoind still reads, and our codec writes otherwise.
    const old = '2MsFDzHRUAMpjHxKyoEHU3aMCMsVtMqs1PV';
    const litecoin = codecOf('litecoin').readAddress(old, 'litecoin', 'devnet');
    expect(litecoin).toMatchObject({ kind: 'address' });
    expect(litecoin).not.toMatchObject({ address: old });
    const twin = (wallet: typeof hot) => ({
      ...wallet,
      id: `${wallet.id}-btc`,
      chain: 'bitcoin' as const,
      address: addressAt({ chain: 'bitcoin', descriptor: wallet.descriptor }, 'devnet', 0, 0),
    });
    const lists = [{ id: 'sanctioned', addresses: [old] }];
    const alone = [...wrongAddresses({ ...plain, wallets: [hot, cold], lists })];
    expect(alone).toHaveLength(1);
    const both = [...wrongAddresses({ ...plain, wallets: [hot, cold, twin(hot), twin(cold)], lists })];
    expect(both).toHaveLength(1);
  });
});
