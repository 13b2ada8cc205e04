/** Private keys that are derived in our own arrays are the library's, and the standard's, along any path. */
import { HDKey } from '@scure/bip32';
import { array, assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, hardened, masterOf, privateChildOf, wipe } from '@kuramori/chains/secp256k1';
import { publicTextOf } from './extended-key.ts';
import { keyVersions } from './network.ts';

const steps = array(integer({ min: 0, max: 2 * hardened - 1 }), { maxLength: 5 });
const derived = (seed: Uint8Array, path: readonly number[]) =>
  path.reduce((node, step) => privateChildOf(node, step), masterOf(seed));

describe('private derivation', () => {
  it('is that of BIP 32’s first vector', () => {
    const seed = Uint8Array.fromHex('000102030405060708090a0b0c0d0e0f');
    const at = (...path: readonly number[]) => publicTextOf(derived(seed, path), keyVersions.mainnet.public);
    expect(at()).toBe(
      'xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8',
    );
    expect(at(hardened)).toBe(
      'xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw',
    );
    expect(at(hardened, 1)).toBe(
      'xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ',
    );
  });

  it('is the library’s for any seed and path', () => {
    assert(
      property(uint8Array({ minLength: 16, maxLength: 64 }), steps, (seed, path) => {
        const mine = derived(seed, path);
        const theirs = path.reduce((key, step) => key.deriveChild(step), HDKey.fromMasterSeed(seed));
        expect(mine.key.toHex()).toBe(theirs.privateKey?.toHex());
        expect(publicTextOf(mine, keyVersions.mainnet.public)).toBe(theirs.publicExtendedKey);
        expect(fingerprintOf(mine)).toBe(theirs.fingerprint);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves nothing once it is wiped', () => {
    const node = masterOf(new Uint8Array(32).fill(7));
    wipe(node);
    expect([...node.key, ...node.chainCode].every((byte) => byte === 0)).toBe(true);
  });
});
