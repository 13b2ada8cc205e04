/**
 * Keys of cold wallets, each in the folder of its own vault. In a house to which nobody comes back they are nobody's: nothing is ever
 * signed with them there, and a ceremony each is a third of what it takes to build one.
 */
import { randomBytes } from 'node:crypto';
import type { ChainName, Network } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import type { HousePlan } from './plan.ts';
import { createKeys } from './rooms.ts';

export interface ColdKey {
  readonly name: string;
  readonly chainKey: string;
  /** As a descriptor names it; '' on chains without descriptors. */
  readonly described: string;
  /** Signs its vault's journal; null where no vault has it. */
  readonly recordKey: string | null;
}

/** A vault as the policy pins it. */
export interface ColdVault {
  readonly id: string;
  readonly recordKey: string;
}

export async function makeColdKey(
  plan: HousePlan,
  name: string,
  on: { readonly chain: ChainName; readonly network: Network },
): Promise<ColdKey> {
  if (!plan.vaults) {
    const secret = randomBytes(32);
    const key = codecOf(on.chain).keyOf(secret, on.chain, on.network);
    secret.fill(0);
    key.wipe();
    return { name, chainKey: key.publicKey, described: key.described ?? '', recordKey: null };
  }
  const ready = await createKeys(plan, name, on.chain === 'nem' ? undefined : { ...on, network: 'devnet' });
  return {
    name,
    chainKey: String(ready['chainKey']),
    described: describedIn(ready),
    recordKey: String(ready['recordKey']),
  };
}

export function vaultsOf(keys: readonly ColdKey[]): ColdVault[] {
  return keys.flatMap(({ name, recordKey }) => (recordKey === null ? [] : { id: name, recordKey }));
}

/** The cosigners of a cold wallet: each key, and its vault where one has it. */
export function coldCosigners(keys: readonly string[], vaults: readonly ColdVault[]) {
  return keys.map((publicKey, index) => {
    const vault = vaults[index];
    return { publicKey, signer: null, ...(vault ? { vault: vault.id } : {}) };
  });
}

/** What a ceremony says of a key in a descriptor. */
export function describedIn(ready: Record<string, unknown>): string {
  const what = ready['what'] as readonly { readonly name: string; readonly value: string }[];
  return what.find(({ name }) => name === 'key in a descriptor')?.value ?? '';
}
