/** Safes of the house on a test's chain, from Safe's published contracts. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ChainKey, EthereumWallet } from '@kuramori/core';
import { encodeFunctionData, getAddress, parseAbi, type Abi, type Address, type Hex } from 'viem';
import { owners, spare, walletAt } from '../codec/house.testing.ts';
import {
  deployer,
  encodeExecution,
  factoryDeployment,
  guardDeployment,
  guardOf,
  readPlan,
  safeHash,
  type Address as Named,
  type Bound,
  type GuardKeys,
  type Planned,
} from '../codec/index.ts';
import { signHash } from '../codec/signing.ts';
import type { Anvil } from './anvil.ts';
import { contracts, kept, sets, type Contract } from './compile.ts';

const require = createRequire(import.meta.url);

/** One of Safe's published contracts (1.5.0), as its own build made it. */
export function published(path: string): Contract {
  const file = require.resolve(`@safe-global/safe-smart-account/build/artifacts/contracts/${path}.json`);
  const { abi, bytecode } = JSON.parse(readFileSync(file, 'utf8')) as { abi: Abi; bytecode: string };
  return { abi, creation: bytecode.slice(2), runtime: '', immutables: [] };
}

/** One of ours. */
export function ours(name: string): Contract {
  const found = sets.map((folder) => kept(folder).contracts[name]).find((one) => one !== undefined);
  if (!found) throw new Error(`${name} is not in ${contracts}`);
  return found;
}

export const safeAbi = parseAbi([
  'function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)',
  'function domainSeparator() view returns (bytes32)',
  'function nonce() view returns (uint256)',
  'function getOwners() view returns (address[])',
  'function getThreshold() view returns (uint256)',
  'function setup(address[] owners, uint256 threshold, address to, bytes data, address fallbackHandler, address paymentToken, uint256 payment, address paymentReceiver)',
  'function guardBy(address guard)',
  'function createProxyWithNonce(address singleton, bytes initializer, uint256 saltNonce) returns (address proxy)',
  'event ProxyCreation(address indexed proxy, address singleton)',
]);

export interface Safes {
  readonly factory: Address;
  readonly singleton: Address;
  /** One that lets in nobody. */
  readonly guard: Address;
  readonly fromBirth: Address;
}

/** What all Safes of a chain share. */
export async function deploySafes(chain: Anvil): Promise<Safes> {
  return {
    factory: await chain.deploy(published('proxies/SafeProxyFactory.sol/SafeProxyFactory')),
    singleton: await chain.deploy(published('SafeL2.sol/SafeL2')),
    guard: await deployGuard(chain, { spares: [], vaults: [] }),
    fromBirth: await chain.deploy(ours('GuardedFromBirth')),
  };
}

/** Where it is foretold, whether somebody has made it already or not. */
async function deployGuard(chain: Anvil, keys: GuardKeys): Promise<Address> {
  const guard = getAddress(guardOf(keys));
  if ((await chain.client.getCode({ address: guard })) === undefined)
    await chain.send(getAddress(deployer), `0x${guardDeployment(keys)}`);
  return guard;
}

let made = 0n;

/**
 * A new Safe of the owners, with a guard of ours in it from its first moment that lets in these spares, or, for a planted theft,
 * without.
 */
export async function deploySafe(
  chain: Anvil,
  safes: Safes,
  {
    guarded = true,
    threshold = 2,
    keys = owners,
    spares = [spare.publicKey],
    vaults = [],
  }: {
    readonly guarded?: boolean;
    readonly threshold?: number;
    readonly keys?: readonly ChainKey[];
    readonly spares?: readonly string[];
    /** Those of both whose keys are in vaults. */
    readonly vaults?: readonly string[];
  } = {},
): Promise<EthereumWallet> {
  const none = '0x0000000000000000000000000000000000000000';
  const guard = await deployGuard(chain, {
    spares: spares as readonly Named[],
    vaults: vaults as readonly Named[],
  });
  const initializer = encodeFunctionData({
    abi: safeAbi,
    functionName: 'setup',
    args: [
      keys.map(({ publicKey }) => getAddress(publicKey)),
      BigInt(threshold),
      guarded ? safes.fromBirth : none,
      guarded ? encodeFunctionData({ abi: safeAbi, functionName: 'guardBy', args: [guard] }) : '0x',
      // No fallback handler: so the Safe gives no EIP-1271 signatures, with which a permit could be had.
      none,
      none,
      0n,
      none,
    ],
  });
  const { result, request } = await chain.client.simulateContract({
    abi: safeAbi,
    address: safes.factory,
    functionName: 'createProxyWithNonce',
    args: [safes.singleton, initializer, (made += 1n)],
    account: chain.payer,
  });
  const hash = await chain.client.writeContract(request);
  await chain.client.waitForTransactionReceipt({ hash });
  const wallet = walletAt(getAddress(result), threshold, keys);
  const online = (publicKey: string, signer: string | null) => (vaults.includes(publicKey) ? null : signer);
  return {
    ...wallet,
    cosigners: wallet.cosigners.map((one) => ({ ...one, signer: online(one.publicKey, one.signer) })),
    spares: spares.map((publicKey, index) => ({
      publicKey,
      signer: online(publicKey, `signer-${keys.length + 1 + index}`),
    })),
  };
}

/** The forwarders' factory, where the codec foretells it. */
export async function deployFactory(chain: Anvil): Promise<void> {
  const { ok, why } = await chain.send(getAddress(deployer), `0x${factoryDeployment}`);
  if (!ok) throw new Error(`the factory was not deployed: ${why}`);
}

export const hex = (bare: string): Hex => `0x${bare}`;

export function boundOf({ plan }: Pick<Planned, 'plan'>): Bound {
  const read = readPlan(plan);
  if (read.kind === 'refused') throw new Error(read.why);
  return read.bound;
}

/** Each owner's signature over a plan, by the key that the house has: refused where the house would not sign. */
export function signed({ plan, shares }: Planned): ReadonlyMap<string, string> {
  return new Map(
    shares.map(({ key, share }) => {
      const owner = [...owners, spare].find(({ publicKey }) => publicKey === key);
      if (!owner) throw new Error(`${key} is nobody here`);
      return [key, owner.sign(plan, share)];
    }),
  );
}

/** In the order that the Safe asks for. */
export function ascending(signatures: ReadonlyMap<string, string>): readonly string[] {
  return [...signatures]
    .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map(([, signature]) => signature);
}

/**
 * What a thief has who got two owners to sign whatever he likes, on a screen that shows something else: an execution with
 * signatures that the house's own keys would not give.
 */
export function signedBlindly(bound: Bound, secrets: readonly Uint8Array[]): Hex {
  const hash = Uint8Array.fromHex(safeHash(bound));
  const signatures = new Map(
    secrets.map((secret, index) => {
      const { rs, recovery } = signHash(secret, hash);
      return [owners[index]?.publicKey ?? '', rs + (27 + recovery).toString(16)];
    }),
  );
  return `0x${encodeExecution({ tx: bound.tx, signatures: ascending(signatures).join('') })}`;
}
