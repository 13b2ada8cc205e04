/** Which chains are watched, and how each is configured: another chain is a file under chains/ and a line here. */
import { z } from 'zod';
import type { ChainName, PolicyChain } from '@kuramori/core';
import { Misconfigured, type Hosts } from '@kuramori/program';
import { BitcoinConfig } from './chains/bitcoin-config.ts';
import { bitcoinEyeOf } from './chains/bitcoin.ts';
import { EthereumConfig } from './chains/ethereum-config.ts';
import { ethereumEyeOf } from './chains/ethereum.ts';
import { NemConfig, nemEyeOf } from './chains/nem.ts';
import type { OpenEye } from './eye.ts';

/** Those of the policy's wallets; a chain without a wallet of ours needs no watching. */
export const ChainsConfig = z.strictObject({
  nem: NemConfig.optional(),
  bitcoin: BitcoinConfig.optional(),
  litecoin: BitcoinConfig.optional(),
  ethereum: EthereumConfig.optional(),
});
type ChainsConfig = z.output<typeof ChainsConfig>;

const openers: Readonly<
  Record<ChainName, (config: ChainsConfig, network: Network, hosts: Pick<Hosts, 'at'>) => OpenEye | undefined>
> = {
  nem: ({ nem }, network) => nem && nemEyeOf(nem, network),
  bitcoin: ({ bitcoin }) => bitcoin && bitcoinEyeOf(bitcoin, 'bitcoin'),
  litecoin: ({ litecoin }) => litecoin && bitcoinEyeOf(litecoin, 'litecoin'),
  ethereum: ({ ethereum }, _network, hosts) =>
    ethereum &&
    ethereumEyeOf(
      ethereum,
      ethereum.relayers.map((at, index) => hosts.at(at, `chains.ethereum.relayers.${index}`)),
    ),
};
type Network = PolicyChain[number]['policy']['network'];

/** An eye for each chain that any version has a wallet of. Throws Misconfigured: what nobody watches must not look as if somebody did. */
export function eyesOf(
  config: ChainsConfig,
  chain: PolicyChain,
  files: { readonly config: string; readonly policy: string },
  /** Where those are who listen: relayers among them. */
  hosts: Pick<Hosts, 'at'>,
): readonly OpenEye[] {
  const eyes = new Map<ChainName, OpenEye>();
  for (const { policy } of chain)
    for (const { chain: name, id } of policy.wallets) {
      if (eyes.has(name)) continue;
      const eye = openers[name](config, policy.network, hosts);
      if (!eye)
        throw new Misconfigured(
          `${files.config}: chains.${name}: is not there, and version ${policy.version} of the policy has the wallet ${id} on it: say by which nodes it is watched`,
        );
      eyes.set(name, eye);
    }
  const spare = (Object.keys(config) as (keyof ChainsConfig)[]).find(
    (name) => config[name] !== undefined && !eyes.has(name),
  );
  if (spare !== undefined)
    throw new Misconfigured(
      `${files.config}: chains.${spare}: the policy has no wallet on it: take it out, or the wallet in`,
    );
  return [...eyes.values()];
}
