/** Opens Bitcoin or Litecoin by what the configuration says of it. */
import { authorizationOf, bitcoinNode, openOurs } from '@kuramori/chains/bitcoin/node';
import type { BitcoinWallet, Policy } from '@kuramori/core';
import { Misconfigured, readSecret } from '@kuramori/program';
import type { Counter } from '../../branch.ts';
import { anyChain } from '../chain.ts';
import type { BitcoinConfig } from './config.ts';
import { bitcoinChain } from './chain.ts';

/** Throws Misconfigured where a file of credentials cannot be read. */
export function openBitcoin(
  { nodes, fees, batch, ...rest }: BitcoinConfig,
  policy: Policy,
  hot: BitcoinWallet,
): Omit<Counter, 'hot' | 'room'> {
  const wallets = policy.wallets.filter((wallet): wallet is BitcoinWallet => wallet.chain === hot.chain);
  const ours = openOurs(wallets, policy.network);
  const clients = nodes.map(({ url, credentialsFile }) =>
    bitcoinNode(
      { url, authorization: credentialsFile === undefined ? undefined : basic(credentialsFile) },
      hot.chain,
      ours,
    ),
  );
  return { ...rest, chain: anyChain(bitcoinChain({ nodes: clients, hot, ours, fees, batch })) };
}

function basic(file: string): string {
  const authorization = authorizationOf(readSecret(file));
  if (authorization === undefined) throw new Misconfigured(`${file}: must hold user:password in one line`);
  return authorization;
}
