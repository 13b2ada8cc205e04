/** Opens Bitcoin or Litecoin by what the configuration says of it. */
import { authorizationOf, bitcoinNode, openOurs } from '@kuramori/chains/bitcoin/node';
import type { BitcoinWallet, Policy } from '@kuramori/core';
import { Misconfigured, readSecret } from '@kuramori/program';
import { retiredFor, type Counter } from '../../branch.ts';
import { openRoom } from '../../withdrawals/room.ts';
import { anyChain } from '../chain.ts';
import type { BitcoinConfig } from './config.ts';
import { bitcoinChain } from './chain.ts';
import { openRate } from './rate.ts';

/**
 * The hot wallet's counter, and those of the wallets whose place it took. Throws Misconfigured where a file of credentials cannot
 * be read.
 */
export function openBitcoin(
  { nodes, fees, batch, ...rest }: BitcoinConfig,
  policy: Policy,
  hot: BitcoinWallet,
): readonly Counter[] {
  const wallets = policy.wallets.filter((wallet): wallet is BitcoinWallet => wallet.chain === hot.chain);
  const ours = openOurs(wallets, policy.network);
  const clients = nodes.map(({ url, credentialsFile }) =>
    bitcoinNode(
      { url, authorization: credentialsFile === undefined ? undefined : basic(credentialsFile) },
      hot.chain,
      ours,
    ),
  );
  const shared = { nodes: clients, ours, fees, batch, rate: openRate(clients, fees) };
  return [hot, ...retiredFor(policy, hot)].map((wallet) => ({
    ...rest,
    hot: wallet,
    room: openRoom(),
    chain: anyChain(bitcoinChain({ ...shared, hot: wallet })),
  }));
}

function basic(file: string): string {
  const authorization = authorizationOf(readSecret(file));
  if (authorization === undefined) throw new Misconfigured(`${file}: must hold user:password in one line`);
  return authorization;
}
