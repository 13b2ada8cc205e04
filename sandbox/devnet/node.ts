import {
  nemEpochMs,
  nemTimeOf,
  networkByte,
  parsePrivateKey,
  publicKeyOf,
  type PrivateKey,
} from '@kuramori/chains/nem/codec';
import type { Block } from './chain/block.ts';
import { openChain, type Chain } from './chain/chain.ts';
import type { Numbers } from './chain/history.ts';
import type { NodeConfig } from './config.ts';
import { deserialise } from './wire/deserialise.ts';
import { firstBlock } from './chain/genesis.ts';
import { openClock, openHarvesting, type Harvested } from './chain/harvesting.ts';
import { openIncoming } from './pool/incoming.ts';
import { openPool, type Pool } from './pool/pool.ts';
import { forkChain, type ForkAsked, type Forked } from './chain/fork.ts';
import { replaceBlocks, rewindBlocks } from './chain/rewrite.ts';
import { openSignatureCheck } from './rules/signature-check.ts';
import { openStore } from './chain/store.ts';
import type { Transaction } from './wire/transaction.ts';
import { success, type Verdict } from './rules/verdict.ts';
import { signatureText } from './wire/wire-values.ts';

/** What one node knows and does, without its network: announces and blocks come in, blocks are made. */
export interface NodeCore extends Disposable {
  readonly config: NodeConfig;
  readonly chain: Chain;
  readonly pool: Pool;
  /** NEM seconds. */
  readonly now: () => number;
  /** Milliseconds since NEM's epoch. */
  readonly networkTimeMs: () => number;
  readonly announce: (data: Uint8Array, signature: Uint8Array) => Announced;
  /** A transaction from a peer (PushService.pushTransaction). */
  readonly push: (transaction: Transaction) => Verdict;
  readonly pushBlock: (bytes: Uint8Array) => Verdict;
  /** Makes the blocks that are due by the clock, and drops what has expired. */
  readonly catchUp: () => void;
  readonly harvestOne: () => Harvested;
  /** Replaces the blocks above the height by others; all or none. */
  readonly replace: (height: number, blocks: readonly Block[]) => Verdict;
  /** Takes blocks off the end; their transactions are pending again unless they are to be forgotten. */
  readonly rewind: (height: number, reverted: 'pending' | 'forgotten') => readonly Transaction[];
  /** Replaces the newest blocks by others that weigh more; peers follow. */
  readonly fork: (asked: ForkAsked) => Forked;
  /** Whether the pool drops what is expired; see `poolChecksDeadlines`. */
  readonly checkDeadlines: (checks: boolean) => void;
}

export interface Announced {
  readonly verdict: Verdict;
  readonly transaction: Transaction;
}

/** What the network around the node is told. */
export interface Listeners {
  readonly accepted: (transaction: Transaction) => void;
  readonly harvested: (blocks: readonly Block[]) => void;
  readonly behind: () => void;
  /** Blocks that are the chain's now, whoever made them, and what is newly unconfirmed: what NIS pushes. */
  readonly confirmed: (blocks: readonly Block[]) => void;
  readonly pending: (transaction: Transaction) => void;
  readonly warn: (message: string) => void;
  /** The disk does not take a block: the node's memory is ahead of it, and must answer nobody any more. */
  readonly broken: (cause: unknown) => void;
}

export function openNode(config: NodeConfig, clockMs: () => number, listeners: Listeners): NodeCore {
  const { network } = config.genesis;
  const { warn, accepted, behind, broken, confirmed } = listeners;
  const harvested = (made: readonly Block[]) => {
    listeners.harvested(made);
    // NIS makes them one by one.
    for (const block of made) confirmed([block]);
  };
  const key = harvesterKey(config);
  const clock = openClock(() => nemTimeOf(clockMs()));
  let checksDeadlines = config.poolChecksDeadlines;

  const isGenuine = openSignatureCheck();
  const chain = openChain(config.genesis, config.hashRetentionHours, isGenuine);
  const opened = openStore(config.dataFolder, firstBlock(config.genesis), network, broken);
  const { store, blocks, next, torn } = opened;
  if (torn !== undefined) warn(torn);
  blocks.forEach(chain.restore);
  if (next !== undefined) chain.history.goOnFrom(later(next, chain.history.next()));
  const pool = openPool({
    state: chain.state,
    hashes: chain.hashes,
    height: chain.height,
    now: clock.now,
    networkByte: networkByte[network],
    importanceHeight: chain.importanceHeight,
    maxTransactionsPerBlock: config.genesis.maxTransactionsPerBlock,
    isGenuine,
    checksDeadlines: () => checksDeadlines,
    admitted: listeners.pending,
  });
  const parts = { chain, pool, store };
  const incoming = openIncoming({ ...parts, now: clock.now, accepted, behind, confirmed });
  const interval = config.harvest?.intervalSeconds ?? 0;
  const harvesting = openHarvesting({ ...parts, key, interval, clock, harvested, warn });

  return {
    config,
    chain,
    pool,
    now: clock.now,
    networkTimeMs: () => clockMs() - nemEpochMs,
    announce: (data, signature) => {
      const read = deserialise(data, 'non-verifiable', network);
      const transaction = { ...read, signature: signatureText(signature) };
      chain.learn(transaction);
      return { verdict: incoming.push(transaction), transaction };
    },
    push: (transaction) => {
      chain.learn(transaction);
      return incoming.push(transaction);
    },
    pushBlock: incoming.pushBlock,
    catchUp: harvesting.catchUp,
    harvestOne: harvesting.harvestOne,
    replace: (height, replacing) => {
      const verdict = replaceBlocks(parts, height, replacing, clock.now());
      if (verdict === success) confirmed(replacing);
      return verdict;
    },
    rewind: (height, reverted) => rewindBlocks(parts, height, reverted),
    fork: (asked) => {
      const forked = forkChain({ ...parts, key }, asked, clock.now());
      if (forked.kind === 'forked') {
        listeners.harvested(forked.blocks);
        confirmed(forked.blocks);
      }
      return forked;
    },
    checkDeadlines: (checks) => {
      checksDeadlines = checks;
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

function later(one: Numbers, other: Numbers): Numbers {
  return { row: Math.max(one.row, other.row), definition: Math.max(one.definition, other.definition) };
}

function harvesterKey({ genesis, harvest: settings }: NodeConfig): PrivateKey | undefined {
  if (settings === undefined) return undefined;
  const parsed = parsePrivateKey(settings.privateKey);
  if (parsed.kind === 'refused') throw new Error(`harvest.privateKey: ${parsed.why}`);
  if (publicKeyOf(parsed.privateKey) !== genesis.harvester) {
    throw new Error('harvest.privateKey: is not the key of genesis.harvester');
  }
  return parsed.privateKey;
}
