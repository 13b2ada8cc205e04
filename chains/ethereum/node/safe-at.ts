/**
 * Safe-at: what a Safe is after a block: its code, owners, threshold, nonce, guard, modules and fallback handler, each read from its
 * storage by proof. It is not asked itself: who has exchanged its code has it say what he likes (Bybit).
 */
import { z } from 'zod';
import type { Control, EthereumWallet } from '@kuramori/core';
import { checksummed, sentinel, word, type Address } from '../codec/index.ts';
import type { Read } from '../../watched.ts';
import type { Rpc } from '../../rpc.ts';
import { accountAt } from './account.ts';
import type { Header } from './reply.ts';
import { keccak } from './trie.ts';

export const SafeParts = z.strictObject({
  /** Keccak-256 of the proxy’s own code: hex. */
  codeHash: z.string(),
  /** The contract whose code it runs. */
  singleton: z.string(),
  guard: z.string(),
  moduleGuard: z.string(),
  fallbackHandler: z.string(),
});
/** What of a Safe nobody changes: pinned when it is made, and compared ever after. */
export type SafeParts = z.infer<typeof SafeParts>;

export interface SafeAt extends SafeParts {
  readonly height: number;
  readonly hash: string;
  /** As the Safe lists them. */
  readonly owners: readonly Address[];
  readonly threshold: number;
  readonly nonce: bigint;
  readonly modules: readonly Address[];
  /** Wei. */
  readonly coins: bigint;
}

// SafeStorage.sol (1.5.0), in the order of its slots; and the slots that its parts name by a text.
const slotOf = (number: bigint): string => word(number);
const named = (text: string): string => keccak(new TextEncoder().encode(text));
const entry = (mapping: bigint, key: Address): string =>
  keccak(Uint8Array.fromHex(word(key) + word(mapping)));
const [singletonSlot, modulesMap, ownersMap, ownerCountSlot, thresholdSlot, nonceSlot] = [
  0n,
  1n,
  2n,
  3n,
  4n,
  5n,
];
const fixed = [
  slotOf(singletonSlot),
  slotOf(ownerCountSlot),
  slotOf(thresholdSlot),
  slotOf(nonceSlot),
  named('guard_manager.guard.address'),
  named('module_manager.module_guard.address'),
  named('fallback_manager.handler.address'),
];
export const nonceAt = slotOf(nonceSlot);

/** A list that is longer is nobody's. */
const longest = 64;

const addressOf = (value: bigint): Address => checksummed(value.toString(16).padStart(40, '0').slice(-40));

export async function safeAt(
  rpc: Rpc,
  wallet: Pick<EthereumWallet, 'address' | 'cosigners' | 'spares'>,
  header: Header,
): Promise<Read<SafeAt>> {
  const address = wallet.address as Address;
  const head = await accountAt(rpc, address, fixed, header);
  if (head.kind === 'failed') return head;
  const [
    singleton = 0n,
    count = 0n,
    threshold = 0n,
    nonce = 0n,
    guard = 0n,
    moduleGuard = 0n,
    fallback = 0n,
  ] = head.value.words;
  const known = [...wallet.cosigners, ...(wallet.spares ?? [])].map(({ publicKey }) => publicKey as Address);
  const owners = await listAt(rpc, address, ownersMap, known, header);
  if (owners.kind === 'failed') return owners;
  const modules = await listAt(rpc, address, modulesMap, [], header);
  if (modules.kind === 'failed') return modules;
  if (BigInt(owners.value.length) !== count || threshold > BigInt(longest))
    return {
      kind: 'failed',
      detail: `${rpc.url}: ${address} counts ${count} owners, lists ${owners.value.length}, and asks for ${threshold}: it is no Safe`,
    };
  return {
    kind: 'read',
    value: {
      height: header.number,
      hash: header.hash,
      codeHash: head.value.codeHash,
      singleton: addressOf(singleton),
      guard: addressOf(guard),
      moduleGuard: addressOf(moduleGuard),
      fallbackHandler: addressOf(fallback),
      owners: owners.value,
      threshold: Number(threshold),
      nonce,
      modules: modules.value,
      coins: head.value.coins,
    },
  };
}

/** A list that a Safe keeps as a mapping from each to the next. Those who are likely in it are asked for at once. */
async function listAt(
  rpc: Rpc,
  address: Address,
  mapping: bigint,
  likely: readonly Address[],
  header: Header,
): Promise<Read<readonly Address[]>> {
  const next = new Map<Address, bigint>();
  const list: Address[] = [];
  let asked: readonly Address[] = [sentinel, ...likely];
  for (let at: Address = sentinel; list.length <= longest;) {
    if (!next.has(at)) {
      if (!asked.includes(at)) asked = [at];
      const slots = asked.map((one) => entry(mapping, one));
      const read = await accountAt(rpc, address, slots, header);
      if (read.kind === 'failed') return read;
      for (const [index, one] of asked.entries()) next.set(one, read.value.words[index] ?? 0n);
    }
    const following = next.get(at) ?? 0n;
    at = addressOf(following);
    // 0: nothing was ever put into the list.
    if (following === 0n || at === sentinel) return { kind: 'read', value: list };
    if (list.includes(at)) break;
    list.push(at);
  }
  return { kind: 'failed', detail: `${rpc.url}: ${address} has a list that does not end: it is no Safe` };
}

/** What of it is to be pinned when it is made. */
export function partsOf({ codeHash, singleton, guard, moduleGuard, fallbackHandler }: SafeAt): SafeParts {
  return { codeHash, singleton, guard, moduleGuard, fallbackHandler };
}

/** Which keys act for it, in core's words. */
export function controlAt({ owners, threshold }: Pick<SafeAt, 'owners' | 'threshold'>): Control {
  return { threshold, keys: owners.toSorted() };
}

/**
 * What of a Safe is not as it was made: in sentences that name the part. Owners and threshold are `Control`'s to compare, since
 * rotations change them; modules it must have none.
 */
export function changedParts(made: SafeParts, now: SafeAt): readonly string[] {
  const parts = SafeParts.keyof().options.filter((part) => made[part] !== now[part]);
  return [
    ...parts.map((part) => `its ${part} is ${now[part]}, and was made as ${made[part]}`),
    ...now.modules.map((module) => `its module ${module} moves everything without any owner`),
  ];
}
