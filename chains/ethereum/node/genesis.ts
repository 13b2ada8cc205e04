/** Genesis: by which chain id and first block a chain is told, so that a node of another one is recognised, and named. */
import type { Network } from '@kuramori/core';
import { chainIdOf } from '../codec/index.ts';

/** Which chain a node serves. */
export interface Served {
  readonly chainId: bigint;
  /** The hash of its first block: hex. */
  readonly genesis: string;
}

/** go-ethereum: params/config.go. */
const genesisOf: Readonly<Record<Exclude<Network, 'devnet'>, string>> = {
  mainnet: 'd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
  testnet: '25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993dd6d9',
};

/**
 * Why a node is none of this network; undefined where it is. A devnet begins with a block of its own each time: whoever knows
 * which says so (`first`).
 */
export function wrongChain(
  { chainId, genesis }: Served,
  network: Network,
  first?: string,
): string | undefined {
  const due = chainIdOf(network);
  if (chainId !== due) return `serves chain ${chainId}, and not ${network}, which is ${due}`;
  const begins = network === 'devnet' ? first : genesisOf[network];
  if (begins === undefined || genesis === begins) return undefined;
  return `serves a chain of the id ${due} that begins with ${genesis}, and not ${network}, which begins with ${begins}`;
}
