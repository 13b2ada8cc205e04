/** Opens each chain that the configuration names, for the wallets that the policy pays out of. Another chain is another line here. */
import { Misconfigured, type Clock, type Hosts } from '@kuramori/program';
import type { ChainName, Policy, Wallet } from '@kuramori/core';
import { hotWallets, type Counter } from '../branch.ts';
import type { House } from '../house.ts';
import { openRoom } from '../withdrawals/room.ts';
import type { ChainsConfig } from './config.ts';
import { openBitcoin } from './bitcoin/open.ts';
import { openEthereum } from './ethereum/open.ts';
import { openNem } from './nem/open.ts';

/** Throws a Misconfigured that names the field. */
export async function openCounters(
  chains: ChainsConfig,
  policy: Policy,
  matched: Pick<House, 'signers'>,
  clock: Clock,
  hosts: Pick<Hosts, 'at'>,
): Promise<readonly Counter[]> {
  const hot = hotWallets(policy, matched, Object.keys(chains));
  const counters = await Promise.all(
    Array.from(hot, ([chain, wallet]) => openOne(chain, chains, policy, wallet, clock, hosts)),
  );
  return counters.flat();
}

/** The wallet's counter, and where there are any those of wallets whose place it took. */
async function openOne(
  chain: ChainName,
  chains: ChainsConfig,
  policy: Policy,
  wallet: Wallet,
  clock: Clock,
  hosts: Pick<Hosts, 'at'>,
): Promise<readonly Counter[]> {
  const only = (one: Omit<Counter, 'hot' | 'room'>) => [{ ...one, hot: wallet, room: openRoom() }];
  if (chain === 'nem' && chains.nem) return only(await openNem(chains.nem, policy, wallet, clock));
  if ((chain === 'bitcoin' || chain === 'litecoin') && wallet.chain === chain) {
    const config = chains[chain];
    if (config) return openBitcoin(config, policy, wallet);
  }
  if (wallet.chain === 'ethereum' && chains.ethereum)
    return only(openEthereum(chains.ethereum, policy, wallet, hosts));
  throw new Misconfigured(`chains.${chain}: is missing: ${wallet.id} is there`);
}
