import { addressOf, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import { openLayer, type Layer } from './layer.ts';
import type { RemoteLink } from './remote.ts';
import { mosaicIdText, type MosaicDefinition, type MosaicId, type Network } from '../wire/transaction.ts';

/** What NIS knows of an account (AccountState), at one height. */
export interface Account {
  readonly address: Address;
  /** Micro-XEM. */
  readonly balance: bigint;
  readonly harvestedBlocks: number;
  /** In the order of addition; replies sort them as Java's HashSet does. */
  readonly cosignatories: readonly Address[];
  readonly cosignatoryOf: readonly Address[];
  /** 0 means all. */
  readonly minCosignatories: number;
  readonly importance: { readonly height: number; readonly value: number } | null;
  /** Oldest first; at most two. */
  readonly remoteLinks: readonly RemoteLink[];
  /** "namespace:name" of the mosaics that it holds or made. */
  readonly mosaicIds: readonly string[];
}

export interface RootNamespace {
  readonly owner: Address;
  readonly height: number;
  /** Full names of the sub-namespaces. */
  readonly children: readonly string[];
}

export interface MosaicEntry {
  readonly definition: MosaicDefinition;
  /** Whole units. */
  readonly supply: bigint;
  /** Height of the (re)definition. */
  readonly height: number;
}

/** The state of the chain at a height, or of the pool on top of it. */
export interface State {
  readonly network: Network;
  readonly accounts: Layer<Address, Account>;
  readonly roots: Layer<string, RootNamespace>;
  readonly mosaics: Layer<string, MosaicEntry>;
  /** Smallest units by `holdingKey`. */
  readonly holdings: Layer<string, bigint>;
}

export function openState(network: Network): State {
  return { network, accounts: openLayer(), roots: openLayer(), mosaics: openLayer(), holdings: openLayer() };
}

/** A state of its own on top of this one, as NIS copies its cache. */
export function over(state: State): State {
  return {
    network: state.network,
    accounts: state.accounts.over(),
    roots: state.roots.over(),
    mosaics: state.mosaics.over(),
    holdings: state.holdings.over(),
  };
}

/** Moves what changed into the state below; gives back what undoes it. */
export function commit(state: State): () => void {
  const undo = [
    state.accounts.commit(),
    state.roots.commit(),
    state.mosaics.commit(),
    state.holdings.commit(),
  ];
  return () => undo.forEach((take) => take());
}

/** Accounts that nobody has seen yet have an empty state (DefaultAccountStateCache). */
export function accountAt(state: State, address: Address): Account {
  return (
    state.accounts.get(address) ?? {
      address,
      balance: 0n,
      harvestedBlocks: 0,
      cosignatories: [],
      cosignatoryOf: [],
      minCosignatories: 0,
      importance: null,
      remoteLinks: [],
      mosaicIds: [],
    }
  );
}

export function change(state: State, address: Address, changed: Partial<Account>): void {
  state.accounts.set(address, { ...accountAt(state, address), ...changed });
}

export function isMultisig(account: Account): boolean {
  return account.cosignatories.length > 0;
}

export function holdingKey(mosaic: string, address: Address): string {
  return `${mosaic}|${address}`;
}

export function holdingOf(state: State, mosaic: MosaicId, address: Address): bigint {
  return state.holdings.get(holdingKey(mosaicIdText(mosaic), address)) ?? 0n;
}

// MosaicConstants
const namespaceSink = '3e82e1c1e4a75adaa3cba8c101c3cd31d9817a2eb966eb3b511fb2ed45b8e262' as PublicKey;
const mosaicSink = '53e140b5947f104cabc2d6fe8baedbc30ef9a0609c717d9613de593ec2a266d3' as PublicKey;
// NetworkInfos: the account that signed each network's first block.
const nemesis = {
  mainnet: '8d07f90fb4bbe7715fa327c926770166a11be2e494a970605f2e12557f66c9b9',
  testnet: 'd8e06b38d4ce227fe735eb64bec55d6b9708cf91bcbcbe7e09f36ffd8b97763d',
} as const;

export function nemesisKey(network: Network): PublicKey {
  return nemesis[network] as PublicKey;
}

const sinks = new Map<
  Network,
  { readonly namespace: Address; readonly mosaic: Address; readonly nemesis: Address }
>();

/** The accounts that are fixed by the network: the fee sinks and the signer of the first block. */
export function fixedAccounts(network: Network) {
  const known = sinks.get(network) ?? {
    namespace: addressOf(namespaceSink, network),
    mosaic: addressOf(mosaicSink, network),
    nemesis: addressOf(nemesisKey(network), network),
  };
  sinks.set(network, known);
  return known;
}

/** nem:xem as NIS defines it beside all namespaces (MosaicConstants, NemNamespaceEntry). */
export function xemEntry(network: Network): MosaicEntry {
  return {
    supply: 8_999_999_999n,
    height: 1,
    definition: {
      creator: namespaceSink,
      creatorAddress: fixedAccounts(network).namespace,
      id: { namespaceId: 'nem', name: 'xem' },
      description: 'reserved xem mosaic',
      // Its property is called mutableSupply there, so that supplyMutable keeps its default.
      properties: {
        divisibility: 6,
        initialSupply: 8_999_999_999n,
        supplyMutable: false,
        transferable: true,
      },
      levy: null,
    },
  };
}

export function isXem(id: MosaicId): boolean {
  return id.namespaceId === 'nem' && id.name === 'xem';
}

/** NamespaceCacheUtils.getMosaicEntry */
export function mosaicAt(state: State, id: MosaicId): MosaicEntry | undefined {
  if (isXem(id)) return xemEntry(state.network);
  return namespaceOwner(state, id.namespaceId) === undefined
    ? undefined
    : state.mosaics.get(mosaicIdText(id));
}

export function rootOf(namespace: string): string {
  return namespace.split('.')[0] ?? namespace;
}

/** The owner of a root or of a sub-namespace, expired or not; undefined if there is no such namespace. */
export function namespaceOwner(state: State, namespace: string): RootNamespace | undefined {
  const root = state.roots.get(rootOf(namespace));
  if (root === undefined) return undefined;
  return namespace === rootOf(namespace) || root.children.includes(namespace) ? root : undefined;
}

const blocksPerYear = 60 * 24 * 365; // BlockChainConfiguration.getEstimatedBlocksPerYear at a block a minute
export const namespaceTerm = { year: blocksPerYear, month: 60 * 24 * 30 } as const;

/** DefaultNamespaceCache.isActive: "nem" always, others for a year from their root's height. */
export function isNamespaceActive(state: State, namespace: string, height: number): boolean {
  if (namespace === 'nem') return true;
  const found = namespaceOwner(state, namespace);
  return found !== undefined && found.height + blocksPerYear > height && found.height <= height;
}
