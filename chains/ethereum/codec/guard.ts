/** Guard: what a Safe's own guard lets in as its owner, by its code alone. See docs/decisions/0039-only-spares-become-owners.md */
import type { EthereumWallet } from '@kuramori/core';
import { addressIn, word } from './abi.ts';
import { bareOf, type Address } from './address.ts';
import { create2 } from './create2.ts';
import { deployer } from './forwarder.ts';
import { guardCode, guardLength, guardPlaces } from './guard-code.ts';

/** What a guard is made with. Nobody is in a list twice. */
export interface GuardKeys {
  /** Who may become an owner. */
  readonly spares: readonly Address[];
  /** Of owners and spares, those whose keys are in vaults; none where all are of one kind, and may take any place. */
  readonly vaults: readonly Address[];
}

/** As the contract has places for. */
const most = 8;

/** What the guard of a new Safe must be made with, by what the policy says of its wallet. Throws where it is more than a guard holds. */
export function guardKeysOf({
  cosigners,
  spares = [],
}: Pick<EthereumWallet, 'cosigners' | 'spares'>): GuardKeys {
  const all = [...cosigners, ...spares];
  const inVaults = all.filter(({ signer }) => signer === null);
  const isOfBoth = spares.length > 0 && inVaults.length > 0 && inVaults.length < all.length;
  const keys = {
    spares: spares.map(({ publicKey }) => publicKey as Address),
    vaults: (isOfBoth ? inVaults : []).map(({ publicKey }) => publicKey as Address),
  };
  if (keys.spares.length > most || keys.vaults.length > most)
    throw new RangeError(`a guard holds ${most} spares and ${most} keys of vaults at most`);
  return keys;
}

/** Where the guard with these keys is, whether it is already made or not: nobody can make another one there. */
export function guardOf(keys: GuardKeys): Address {
  return create2(deployer, '0'.repeat(64), creationOf(keys));
}

/** What deploys it, sent to `deployer` by anybody: hex. */
export function guardDeployment(keys: GuardKeys): string {
  return '0'.repeat(64) + creationOf(keys);
}

/** The constructor's arguments, two lists, stand behind its code; sorted, so that the same keys are the same guard. */
function creationOf({ spares, vaults }: GuardKeys): string {
  const list = (keys: readonly Address[]) => word(BigInt(keys.length)) + keys.map(word).toSorted().join('');
  return guardCode + word(64n) + word(BigInt(64 + 32 * (1 + spares.length))) + list(spares) + list(vaults);
}

/** Whom a contract lets in, by its code on the chain (hex); undefined where that is not our guard's to the byte. */
export function readGuard(code: string): GuardKeys | undefined {
  const bare = guardCode.slice(-2 * guardLength);
  if (code.length !== bare.length) return undefined;
  const words = guardPlaces.map(([first = 0]) => code.slice(2 * first, 2 * first + 64));
  let expected = bare;
  for (const [index, places] of guardPlaces.entries())
    for (const at of places)
      expected = expected.slice(0, 2 * at) + (words[index] ?? '') + expected.slice(2 * at + 64);
  if (code !== expected) return undefined;
  const keys = words.map(addressIn);
  const named = (from: number): readonly Address[] | undefined => {
    const list = keys.slice(from, from + most);
    const here = list.filter((key) => key !== undefined && !/^0+$/.test(bareOf(key)));
    return list.includes(undefined) ? undefined : (here as readonly Address[]);
  };
  const [spares, vaults] = [named(0), named(most)];
  return spares && vaults && { spares, vaults };
}
