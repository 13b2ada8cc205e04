/** Genesis: by which block a chain begins, so that a node of another chain is recognised, and named. */
import type { Network } from '@kuramori/core';
import type { BitcoinChain } from '../codec/index.ts';

/** Which chain a node serves. */
export interface Served {
  /** As the node calls it: main, test, regtest. Bitcoin's and Litecoin's call theirs alike. */
  readonly chain: string;
  /** The hash of its first block. */
  readonly genesis: string;
}

// Core: src/chainparams.cpp of each; a test computes them from their headers.
const names: Readonly<Record<string, string>> = {
  '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f': 'bitcoin mainnet',
  '000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943': 'bitcoin testnet',
  '00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043': 'bitcoin testnet',
  '00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6': 'bitcoin signet',
  '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206': 'bitcoin devnet',
  '12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2': 'litecoin mainnet',
  '4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0': 'litecoin testnet',
  '530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9': 'litecoin devnet',
};

/** Why a node is none of this chain; undefined where it is. */
export function wrongChain(
  { chain: called, genesis }: Served,
  chain: BitcoinChain,
  network: Network,
): string | undefined {
  const due = `${chain} ${network}`;
  const name = names[genesis];
  if (name === due) return undefined;
  const whose = name ?? `a chain that nobody here knows, which begins with ${genesis}`;
  return `serves ${whose} (it says "${called}"), and not ${due}`;
}
