/** Opens an EVM chain by what the configuration says of it. */
import { ethereumNode, openOurs } from '@kuramori/chains/ethereum/node';
import { ETH, type EthereumWallet, type Policy } from '@kuramori/core';
import { Misconfigured, type Hosts } from '@kuramori/program';
import type { Counter } from '../../branch.ts';
import { anyChain } from '../chain.ts';
import { ethereumChain } from './chain.ts';
import type { EthereumConfig } from './config.ts';

/** Throws Misconfigured where an asset that is paid out has no amount from which it is sent on. */
export function openEthereum(
  { nodes, relayers, sendOn, scanFrom, minimumDeposit }: EthereumConfig,
  policy: Policy,
  hot: EthereumWallet,
  hosts: Pick<Hosts, 'at'>,
): Omit<Counter, 'hot' | 'room'> {
  const wallets = policy.wallets.filter((wallet) => wallet.chain === 'ethereum');
  const assets = policy.rules.flatMap(({ wallet, asset }) => (wallet === hot.id ? asset : []));
  const least = new Map(
    assets.map((asset) => {
      const units = sendOn[asset];
      if (units === undefined)
        throw new Misconfigured(
          `chains.ethereum.sendOn: has no ${asset}, which ${hot.id} pays out: say from how many units it is sent on from customers’ addresses`,
        );
      return [asset, units] as const;
    }),
  );
  const ours = openOurs(
    wallets,
    policy.network,
    assets.filter((asset) => asset !== ETH),
  );
  const chain = ethereumChain({
    nodes: nodes.map((url) => ethereumNode({ url }, ours)),
    hot,
    ours,
    relayers: relayers.map((at, index) => ({
      name: `relayer ${index + 1}`,
      at: hosts.at(at, `chains.ethereum.relayers.${index}`),
    })),
    least,
  });
  // Only what is final is read at all.
  return { chain: anyChain(chain), confirmations: 1, scanFrom, minimumDeposit };
}
