/** What is ours, by every version of the policy: a version that drops a wallet must not blind us to it. */
import {
  chainKeys,
  heard,
  standing,
  type ChainName,
  type Policy,
  type PolicyChain,
  type Version,
  type Wallet,
} from '@kuramori/core';
import type { Archive } from './archive.ts';

export interface Ours {
  readonly chain: PolicyChain;
  /** The versions that count now, without the watchtowers that were suspended, the one in force first. */
  readonly standing: () => readonly [Policy, ...Policy[]];
  /** The version in force, as it was signed: by it alone coins go home, and customers are sent. */
  readonly inForce: () => Version;
  /** Every wallet of every version, the newest version's last. */
  readonly wallets: readonly Wallet[];
  readonly at: (address: string) => Wallet | undefined;
  /** As the version in force has it; a waiting version may drop it, and its coins must still go home. */
  readonly called: (name: string) => Wallet | undefined;
  /** Every key that any version lets act for an account. */
  readonly keysAt: (address: string) => readonly string[];
  /** Whether a key may act for an account of ours: named by a version that counts, and removed by no rotation. */
  readonly acts: (key: string) => boolean;
}

export function openOurs(
  chain: PolicyChain,
  archive: Archive,
  suspended: () => ReadonlySet<string>,
  now: () => number,
): Ours {
  const wallets = chain.flatMap(({ policy }) => policy.wallets);
  const byAddress = new Map(wallets.map((wallet) => [wallet.address, wallet]));
  const counting = () => standing(chain, archive.versions(), now());
  const inForce = () => {
    const [current] = counting();
    return chain.find(({ policy }) => policy === current) ?? chain[0];
  };
  return {
    chain,
    standing: () => heard(counting(), suspended()),
    inForce,
    wallets,
    at: (address) => byAddress.get(address),
    called: (name) => [...inForce().policy.wallets, ...wallets.toReversed()].find(({ id }) => id === name),
    keysAt: (address) => wallets.filter((wallet) => wallet.address === address).flatMap(chainKeys),
    acts: (key) =>
      counting().some((policy) => policy.wallets.some((wallet) => chainKeys(wallet).includes(key))) &&
      !archive.rotations().some(({ rotation }) => rotation.rotation.remove === key),
  };
}

/** A wallet under the name by which people know it. */
export type Named = Pick<Wallet, 'id' | 'address'>;

/**
 * Each wallet of a chain that any version names, once, as its newest version has it: the newest version's by their names, and
 * retired ones, whose names may be another's by now, by their addresses.
 */
export function watchedOn<C extends ChainName>(
  { chain, wallets }: Ours,
  ...chains: readonly C[]
): readonly Extract<Wallet, { chain: C }>[] {
  const here = wallets.filter((wallet): wallet is Extract<Wallet, { chain: C }> =>
    (chains as readonly string[]).includes(wallet.chain),
  );
  const newest = new Set((chain.at(-1) ?? chain[0]).policy.wallets.map(({ address }) => address));
  const once = new Map(here.map((wallet) => [wallet.address, wallet]));
  return [...once.values()].map((wallet) =>
    newest.has(wallet.address) ? wallet : { ...wallet, id: wallet.address },
  );
}
