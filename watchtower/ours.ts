/** What is ours, by every version of the policy: a version that drops a wallet must not blind us to it. */
import {
  asNem,
  chainKeys,
  heard,
  standing,
  type Policy,
  type PolicyChain,
  type Version,
  type NemWallet,
} from '@kuramori/core';
import type { NemNetwork } from '@kuramori/chains/nem/codec';
import type { Archive } from './archive.ts';

export interface Ours {
  readonly chain: PolicyChain;
  readonly network: NemNetwork;
  /** The versions that count now, without the watchtowers that were suspended, the one in force first. */
  readonly standing: () => readonly [Policy, ...Policy[]];
  /** The version in force, as it was signed: by it alone coins go home, and customers are sent. */
  readonly inForce: () => Version;
  /** Every wallet of every version, the newest version's last. */
  readonly wallets: readonly NemWallet[];
  readonly at: (address: string) => NemWallet | undefined;
  /** As the version in force has it; a waiting version may drop it, and its coins must still go home. */
  readonly called: (name: string) => NemWallet | undefined;
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
  const wallets = chain.flatMap(({ policy }) => policy.wallets.map(asNem));
  const byAddress = new Map(wallets.map((wallet) => [wallet.address, wallet]));
  const counting = () => standing(chain, archive.versions(), now());
  const inForce = () => {
    const [current] = counting();
    return chain.find(({ policy }) => policy === current) ?? chain[0];
  };
  return {
    chain,
    network: chain[0].policy.network === 'mainnet' ? 'mainnet' : 'testnet',
    standing: () => heard(counting(), suspended()),
    inForce,
    wallets,
    at: (address) => byAddress.get(address),
    called: (name) =>
      [...inForce().policy.wallets.map(asNem), ...wallets.toReversed()].find(({ id }) => id === name),
    keysAt: (address) => wallets.filter((wallet) => wallet.address === address).flatMap(chainKeys),
    acts: (key) =>
      counting().some((policy) => policy.wallets.some((wallet) => chainKeys(wallet).includes(key))) &&
      !archive.rotations().some(({ rotation }) => rotation.rotation.remove === key),
  };
}
