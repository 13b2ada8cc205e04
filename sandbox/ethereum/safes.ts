/** The house's Safes, from Safe's published contracts (1.5.0), each with a guard of its own in it from its first moment; and the forwarders' factory. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';
import type { EthereumWallet } from '@kuramori/core';
import {
  checksummed,
  deployer,
  factoryDeployment,
  guardDeployment,
  guardKeysOf,
  guardOf,
  selectorOf,
  word,
  type Address,
} from '@kuramori/chains/ethereum/codec';
import { ChainFailed } from '../house/chain.ts';
import { compiled } from './compiled.ts';
import { sendAs, type Ethereum } from './node.ts';

const installed = createRequire(import.meta.url);

/** What all Safes of a chain share. */
export interface Singletons {
  readonly factory: Address;
  readonly singleton: Address;
  readonly fromBirth: Address;
}

const zero = '0x0000000000000000000000000000000000000000' as Address;

export async function deploySingletons(call: Ethereum): Promise<Singletons> {
  const make = async (creation: string) => addressIn((await sendAs(call, null, `0x${creation}`)).contract);
  const made = {
    factory: await make(published('proxies/SafeProxyFactory.sol/SafeProxyFactory')),
    singleton: await make(published('SafeL2.sol/SafeL2')),
    fromBirth: await make(compiled('ours', 'GuardedFromBirth')),
  };
  await sendAs(call, deployer, `0x${factoryDeployment}`);
  return made;
}

/**
 * The Safe of a wallet, as the policy has it but for its address, with a guard that lets in its spares and nobody else. No fallback
 * handler: so it gives no EIP-1271 signatures, with which a permit could be had.
 */
export async function deploySafe(
  call: Ethereum,
  { factory, singleton, fromBirth }: Singletons,
  wallet: EthereumWallet,
  salt: number,
): Promise<string> {
  const guard = await standUpGuard(call, wallet);
  const owners = wallet.cosigners.map(({ publicKey }) => publicKey);
  const guardBy = selectorOf('guardBy(address)') + word(guard);
  const heads = 8;
  const ownersAt = 32 * heads;
  const dataAt = ownersAt + 32 * (1 + owners.length);
  const setup =
    selectorOf('setup(address[],uint256,address,bytes,address,address,uint256,address)') +
    [
      word(BigInt(ownersAt)),
      word(BigInt(wallet.threshold)),
      word(fromBirth),
      word(BigInt(dataAt)),
      word(zero),
      word(zero),
      word(0n),
      word(zero),
      word(BigInt(owners.length)),
      ...owners.map((owner) => word(owner as Address)),
      bytesOf(guardBy),
    ].join('');
  const calldata =
    selectorOf('createProxyWithNonce(address,bytes,uint256)') +
    word(singleton) +
    word(96n) +
    word(BigInt(salt)) +
    bytesOf(setup);
  const { logs } = await sendAs(call, factory, `0x${calldata}`);
  // ProxyCreation(address indexed proxy, address singleton)
  const told = logs.find(({ address }) => address.toLowerCase() === factory.toLowerCase());
  return addressIn(told?.topics[1] ?? null);
}

/** Made by anybody, once: two wallets whose guards let in the same keys, or nobody, have one. */
async function standUpGuard(call: Ethereum, wallet: EthereumWallet): Promise<Address> {
  const keys = guardKeysOf(wallet);
  const guard = guardOf(keys);
  if ((await call('eth_getCode', guard, 'latest')) === '0x')
    await sendAs(call, deployer, `0x${guardDeployment(keys)}`);
  return guard;
}

/** Length, and as many words as it takes. */
function bytesOf(hex: string): string {
  return word(BigInt(hex.length / 2)) + hex.padEnd(Math.ceil(hex.length / 64) * 64, '0');
}

function addressIn(hex: string | null): Address {
  if (hex === null) throw new ChainFailed('a contract was not made');
  return checksummed(hex.slice(-40).toLowerCase());
}

/** One of Safe's contracts, as its own build made it: creation code, hex. */
function published(path: string): string {
  const file = installed.resolve(`@safe-global/safe-smart-account/build/artifacts/contracts/${path}.json`);
  const { bytecode } = z.object({ bytecode: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  return bytecode.slice(2);
}
