/** The key of a seed is the one that other wallets of the chain derive from it: by their own libraries, and the sets that are published. */
import { existsSync, readFileSync } from 'node:fs';
import { HDKey } from '@scure/bip32';
import { assert, property, uint8Array } from 'fast-check';
import { Bip32 } from 'symbol-sdk';
import { NemFacade } from 'symbol-sdk/nem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import type { ChainName, Network } from '@kuramori/core';
import { codecOf } from './codecs.ts';
import { nem, privateKeyOf, publicKeyOf } from './nem/codec/index.ts';

/** As BIP 39 gives them. */
const seeds = uint8Array({ minLength: 64, maxLength: 64 });
const runs = { numRuns: 20 };

function publicKeyAt(seed: Uint8Array, chain: ChainName, network: Network): string {
  const codec = codecOf(chain);
  const secret = codec.secretFromSeed(seed);
  return codec.keyOf(secret, chain, network).publicKey;
}

it('Ethereum: the first account that a wallet shows, m/44’/60’/0’/0/0 (viem, 20 seeds)', () => {
  assert(
    property(seeds, (seed) => {
      const { privateKey } = HDKey.fromMasterSeed(seed).derive("m/44'/60'/0'/0/0");
      const { address } = privateKeyToAccount(`0x${privateKey?.toHex() ?? ''}`);
      expect(publicKeyAt(seed, 'ethereum', 'mainnet').toLowerCase()).toBe(address.toLowerCase());
    }),
    runs,
  );
});

it.each([
  ['bitcoin', 'mainnet', 0],
  ['litecoin', 'mainnet', 2],
  ['bitcoin', 'testnet', 1],
] as const)(
  '%s on %s: the account m/48’/%i’/0’/2’ of BIP 48 (@scure/bip32, 20 seeds)',
  (chain, network, coin) => {
    const versions = network === 'mainnet' ? undefined : { private: 0x04358394, public: 0x043587cf };
    assert(
      property(seeds, (seed) => {
        const account = HDKey.fromMasterSeed(seed, versions).derive(`m/48'/${coin}'/0'/2'`);
        expect(publicKeyAt(seed, chain, network)).toBe(account.publicExtendedKey);
      }),
      runs,
    );
  },
);

describe('NEM', () => {
  it('m/44’/43’/0’/0’/0’ under the curve’s own name (symbol-sdk, 20 seeds)', () => {
    assert(
      property(seeds, (seed) => {
        const root = new Bip32(NemFacade.BIP32_CURVE_NAME).fromSeed(seed);
        const pair = NemFacade.bip32NodeToKeyPair(root.derivePath(new NemFacade('mainnet').bip32Path(0)));
        expect(publicKeyAt(seed, 'nem', 'mainnet')).toBe(pair.publicKey.toString().toLowerCase());
      }),
      runs,
    );
  });

  const publicSet = new URL('../../shared/data/nem/hd-derivation.json', import.meta.url);
  it.runIf(existsSync(publicSet))(
    "symbol's derivations (needs ../shared/data/nem/hd-derivation.json)",
    () => {
      const { public_net: sets } = JSON.parse(readFileSync(publicSet, 'utf8')) as {
        public_net: readonly {
          seed: string;
          childAccounts: readonly { path: readonly number[]; publicKey: string }[];
        }[];
      };
      const first = sets.flatMap(({ seed, childAccounts }) =>
        childAccounts
          .filter(({ path }) => path.join('/') === '44/43/0/0/0')
          .map(({ publicKey }) => ({ seed, publicKey: publicKey.toLowerCase() })),
      );
      expect(first.length).toBeGreaterThan(3);
      for (const { seed, publicKey } of first)
        expect(publicKeyOf(privateKeyOf(nem.secretFromSeed(Buffer.from(seed, 'hex'))))).toBe(publicKey);
    },
  );
});
