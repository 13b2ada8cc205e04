/** Whoever looks at a Safe's guard reads from its code whom it lets in: where one bit is another, it is no guard, or lets in somebody else. */
import type { EthereumWallet } from '@kuramori/core';
import * as fc from 'fast-check';
import { getAddress, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hot, ownerNamed, owners, spare } from '../codec/house.testing.ts';
import {
  checksummed,
  deployer,
  guardDeployment,
  guardKeysOf,
  guardOf,
  readGuard,
  type Address,
  type GuardKeys,
} from '../codec/index.ts';
import { guardPlaces } from '../codec/guard-code.ts';
import { startAnvil, type Anvil } from '../testing/anvil.ts';
import { ours } from '../testing/house.ts';

let chain: Anvil;
beforeAll(async () => {
  chain = await startAnvil();
});
afterAll(() => chain[Symbol.asyncDispose]());

async function deployed(keys: GuardKeys): Promise<string> {
  await chain.send(getAddress(deployer), `0x${guardDeployment(keys)}`);
  return (await chain.client.getCode({ address: guardOf(keys) as string as Hex }))?.slice(2) ?? '';
}

const sorted = ({ spares, vaults }: GuardKeys) => ({
  spares: spares.toSorted(),
  vaults: vaults.toSorted(),
});

describe('the code on the chain', () => {
  const address = fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .filter((bytes) => bytes.some((byte) => byte !== 0))
    .map((bytes) => checksummed(bytes.toHex()));
  const list = fc.uniqueArray(address, { maxLength: 8 });

  it('stands where it is foretold, and names the keys that it was made with', async () => {
    await fc.assert(
      fc.asyncProperty(list, list, async (spares, vaults) => {
        const read = readGuard(await deployed({ spares, vaults }));
        expect(read && sorted(read)).toEqual(sorted({ spares, vaults }));
        const turned = { spares: spares.toReversed(), vaults: vaults.toReversed() };
        expect(guardOf(turned)).toBe(guardOf({ spares, vaults }));
      }),
      { numRuns: 40, seed: 6 },
    );
  });

  it('with any bit turned: no guard of ours, or of other keys', async () => {
    const keys = { spares: [spare.publicKey as Address], vaults: [] };
    const code = await deployed(keys);
    const isKey = (at: number) => guardPlaces.flat().some((place) => at >= place + 12 && at < place + 32);
    const wrong: string[] = [];
    let others = 0;
    for (let at = 0; at < code.length / 2; at += 1)
      for (let bit = 0; bit < 8; bit += 1) {
        const byte = Number.parseInt(code.slice(2 * at, 2 * at + 2), 16) ^ (1 << bit);
        const turned = code.slice(0, 2 * at) + byte.toString(16).padStart(2, '0') + code.slice(2 * at + 2);
        const read = readGuard(turned);
        if ((read === undefined) === isKey(at)) wrong.push(`${at}.${bit}`);
        if (read === undefined) continue;
        others += 1;
        if (read.spares.join() === keys.spares.join() && read.vaults.length === 0) wrong.push(`${at}.${bit}`);
      }
    expect(wrong).toEqual([]);
    expect(others).toBe(guardPlaces.flat().length * 160);
  });

  it('a byte less, a byte more, nothing, and other contracts of ours', async () => {
    const code = await deployed({ spares: [], vaults: [] });
    expect(readGuard(code)).toEqual({ spares: [], vaults: [] });
    for (const other of ['', code.slice(2), `${code}00`, ours('GuardedFromBirth').runtime])
      expect(readGuard(other)).toBe(undefined);
  });
});

describe('what a wallet’s guard must be made with', () => {
  const [first = '', second = '', third = ''] = owners.map(({ publicKey }) => publicKey);
  const wallet = (vaults: readonly string[], spares: readonly string[]): EthereumWallet => {
    const at = (publicKey: string) => ({
      publicKey,
      signer: vaults.includes(publicKey) ? null : `of ${publicKey}`,
    });
    return { ...hot, cosigners: [first, second, third].map(at), spares: spares.map(at) };
  };
  const deep = ownerNamed('spare of the vault').publicKey;

  it.each([
    ['no spares: nobody comes in', wallet([third], []), [], []],
    ['all online', wallet([], [spare.publicKey]), [spare.publicKey], []],
    ['all in vaults', wallet([first, second, third, deep], [deep]), [deep], []],
    [
      'an online spare beside a vault’s owner',
      wallet([third], [spare.publicKey]),
      [spare.publicKey],
      [third],
    ],
    [
      'a spare of each kind',
      wallet([third, deep], [spare.publicKey, deep]),
      [spare.publicKey, deep],
      [third, deep],
    ],
    [
      'a vault’s spare where no owner is in a vault: it comes in nowhere',
      wallet([deep], [deep]),
      [deep],
      [deep],
    ],
  ] as const)('%s', (_, of, spares, vaults) => {
    expect(guardKeysOf(of)).toEqual({ spares, vaults });
  });

  it('more keys than a guard has places for', () => {
    const many = Array.from({ length: 9 }, (_, index) => ownerNamed(`${index}`).publicKey);
    expect(() => guardKeysOf(wallet([], many))).toThrow('8 spares');
    expect(() => guardKeysOf(wallet([third, ...many], many.slice(0, 8)))).toThrow('8 keys of vaults');
  });
});
