/**
 * A client of one node of an EVM chain. It believes nothing that it can compute: a block is what its hash is of, its transactions
 * and events what its roots are of, coins and a Safe's storage what the state's root is of, and the chain the one whose id and
 * first block it must have. What is left is the node's word: traces, which balances are held against; what tokens answer; and
 * which blocks the chain holds for final.
 */
import type { Asset, EthereumWallet } from '@kuramori/core';
import { bareOf, type Address, type GuardKeys } from '../codec/index.ts';
import { rpcTo, type Endpoint } from '../../rpc.ts';
import type { Read, WatchedNode } from '../../watched.ts';
import { accountAt, type Account } from './account.ts';
import { announceTo, type Announced } from './announce.ts';
import { find, tries, type At, type Found, type Tried } from './asks.ts';
import { blocksAtOnce, openBlocks, type SeenBlock } from './blocks.ts';
import { feesNow, type FeeBounds, type Fees } from './fees.ts';
import { wrongChain, type Served } from './genesis.ts';
import { guardAt } from './guard-at.ts';
import type { Ours } from './ours.ts';
import { openPool } from './pool.ts';
import { Quantity, Small, type Header } from './reply.ts';
import { safeAt, type SafeAt } from './safe-at.ts';
import type { SeenTransaction } from './seen.ts';
import { balancesAt } from './tally.ts';

/** `latest`: the head. `safe`: what most validators have attested. `finalized`: what only a third of the stake, burnt, could take back. */
export type Named = 'latest' | 'safe' | 'finalized';

/** A block by the chain's name for it, or just this one. */
export type Which = Named | At;

export interface ChainAccount extends At, Pick<Account, 'nonce' | 'coins'> {}

export interface EthereumNode extends Required<WatchedNode<SeenTransaction>> {
  readonly blocksAfter: (height: number) => Promise<Read<readonly SeenBlock[]>>;
  /** Milliseconds of Unix time: of the newest block, as its maker had it. */
  readonly time: () => Promise<Read<number>>;
  /** Not held against what should be served: `wrongChain` says what is wrong with it. */
  readonly served: () => Promise<Read<Served>>;
  readonly at: (named: Named) => Promise<Read<At>>;
  readonly safe: (wallet: EthereumWallet, which: Which) => Promise<Read<SafeAt>>;
  /** Whom a Safe’s guard lets in as its owner, by its proven code; null where that is no guard of ours. */
  readonly guard: (guard: Address, which: Which) => Promise<Read<GuardKeys | null>>;
  /** Proven, as all that `safe` says. */
  readonly account: (address: Address, which: Which) => Promise<Read<ChainAccount>>;
  /** What an address has of an asset: of the coin proven; of a token what its contract answers, null where that is no number. */
  readonly units: (address: Address, asset: Asset, which: Which) => Promise<Read<bigint | null>>;
  /** The next number of an account by what waits in the node's pool: its word. */
  readonly pending: (address: Address) => Promise<Read<bigint>>;
  readonly fees: (bounds: FeeBounds) => Promise<Read<Fees>>;
  /** Calldata is hex. */
  readonly tries: (from: Address, to: Address, calldata: string) => Promise<Read<Tried>>;
  /** A signed transaction, hex. */
  readonly announce: (raw: string) => Promise<Read<Announced>>;
  readonly find: (hash: string) => Promise<Read<Found>>;
}

/** `first`: the hash of a devnet's first block, where somebody knows it. */
export function ethereumNode(endpoint: Endpoint, ours: Ours, first?: string): EthereumNode {
  const rpc = rpcTo(endpoint, '2.0');
  const { url } = rpc;
  const blocks = openBlocks(rpc, ours);
  const pool = openPool(rpc, ours, async (wallets) => {
    const newest = await blocks.header('latest');
    return newest.kind === 'failed' ? newest : blocks.noncesAfter(newest.value, new Set(wallets));
  });
  let proven = false;

  async function served(): Promise<Read<Served>> {
    const id = await rpc.one('eth_chainId', [], Quantity);
    if (id.kind === 'failed') return id;
    const genesis = await blocks.header('0x0');
    if (genesis.kind === 'failed') return genesis;
    return read({ chainId: id.value, genesis: genesis.value.hash });
  }

  /** Before anything is believed, and until it once was so: another chain is named instead. */
  async function onChain<T>(ask: () => Promise<Read<T>>): Promise<Read<T>> {
    if (!proven) {
      const says = await served();
      if (says.kind === 'failed') return says;
      const why = wrongChain(says.value, ours.network, first);
      if (why !== undefined) return { kind: 'failed', detail: `${url}: ${why}` };
      proven = true;
    }
    return ask();
  }

  async function after<T>(
    which: Which,
    ask: (header: Header) => Promise<Read<T>> | Read<T>,
  ): Promise<Read<T>> {
    return onChain(async () => {
      const header = await (typeof which === 'string' ? blocks.header(which) : blocks.headerOf(which.hash));
      return header.kind === 'failed' ? header : ask(header.value);
    });
  }

  const atNamed: EthereumNode['at'] = (named) =>
    after(named, ({ number, hash }) => read({ height: number, hash }));

  return {
    url,
    blocksAtOnce,
    served,
    height: () => onChain(() => rpc.one('eth_blockNumber', [], Small)),
    time: () => after('latest', ({ timestamp }) => read(timestamp * 1000)),
    at: atNamed,
    tip: () => atNamed('latest'),
    blocksAfter: (height) => onChain(() => blocks.after(height)),
    async waiting(addresses) {
      const looked = await onChain(async () => read(await pool.look()));
      if (looked.kind === 'failed') return { seen: [], unread: [], failed: looked.detail };
      const ids = new Set(
        ours.wallets.filter(({ address }) => addresses.includes(address)).map(({ id }) => id),
      );
      const { seen, ...rest } = looked.value;
      return { ...rest, seen: seen.filter(({ wallets }) => wallets.some((id) => ids.has(id))) };
    },
    safe: (wallet, which) => after(which, (header) => safeAt(rpc, wallet, header)),
    guard: (guard, which) => after(which, (header) => guardAt(rpc, guard, header)),
    account: (address, which) =>
      after(which, async (header) => {
        const found = await accountAt(rpc, address, [], header);
        if (found.kind === 'failed') return found;
        const { nonce, coins } = found.value;
        return read({ height: header.number, hash: header.hash, nonce, coins });
      }),
    units: (address, asset, which) =>
      after(which, async (header) => {
        const found = await balancesAt(rpc, [{ address, asset }], [header]);
        return found.kind === 'failed' ? found : read(found.value[0]?.[0] ?? null);
      }),
    pending: (address) =>
      onChain(() => rpc.one('eth_getTransactionCount', [`0x${bareOf(address)}`, 'pending'], Quantity)),
    fees: (bounds) => onChain(() => feesNow(rpc, bounds)),
    tries: (from, to, calldata) => onChain(() => tries(rpc, from, to, calldata)),
    announce: (raw) => onChain(() => announceTo(rpc, raw)),
    find: (hash) => onChain(() => find(rpc, blocks, hash)),
  };
}

function read<T>(value: T): Read<T> {
  return { kind: 'read', value };
}
