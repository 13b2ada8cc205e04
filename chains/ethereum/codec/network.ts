import type { Network } from '@kuramori/core';

/** EIP-155. Testnet is Sepolia; a devnet is a node of ours. */
const chainIds: Readonly<Record<Network, bigint>> = { mainnet: 1n, testnet: 11_155_111n, devnet: 31_337n };

export function chainIdOf(network: Network): bigint {
  return chainIds[network];
}
