import {
  nemEpochMs,
  nemTimeOf,
  networkByte,
  parsePrivateKey,
  publicKeyOf,
  type PrivateKey,
} from '@kuramori/chains/nem/codec';
import { readBlock, type Block } from './block.ts';
import { isBlockGenuine } from './block-rules.ts';
import { openChain, type Chain } from './chain.ts';
import type { NodeConfig } from './config.ts';
import { deserialise } from './deserialise.ts';
import { NisFailure } from './failure.ts';
import { firstBlock } from './genesis.ts';
import { harvest } from './harvest.ts';
import { openPool, type Pool } from './pool.ts';
import { openSignatureCheck } from './signature-check.ts';
import { openStore } from './store.ts';
import type { Transaction } from './transaction.ts';
import { openVerdictCache } from './verdict-cache.ts';
import { neutral, success, type Verdict } from './verdict.ts';
import { signatureText } from './wire-values.ts';

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
  /** Whether the pool drops what is expired; see `poolChecksDeadlines`. */
  readonly checkDeadlines: (checks: boolean) => void;
}

export interface Announced {
  readonly verdict: Verdict;
  readonly transaction: Transaction;
}

export type Harvested =
  | { readonly kind: 'block'; readonly block: Block }
  | {
      readonly kind: 'refused';
      readonly why: 'not-a-harvester' | 'clock-behind-last-block' | 'block-invalid';
    };

/** What the network around the node is told. */
export interface Listeners {
  readonly accepted: (transaction: Transaction) => void;
  readonly harvested: (blocks: readonly Block[]) => void;
  readonly behind: () => void;
  readonly warn: (message: string) => void;
}

const maxSecondsAhead = 10;
const realInterval = 60; // nis.blockGenerationTargetTime
const jumpSeconds = 600;

export function openNode(config: NodeConfig, clockMs: () => number, listeners: Listeners): NodeCore {
  const { network } = config.genesis;
  const byte = networkByte[network];
  const key = harvesterKey(config);
  // While missed blocks are made up for, the node lives through their times one after the other.
  let replayed: number | undefined;
  const now = () => replayed ?? nemTimeOf(clockMs());
  let checksDeadlines = config.poolChecksDeadlines;

  const isGenuine = openSignatureCheck();
  const chain = openChain(config.genesis, config.hashRetentionHours, isGenuine);
  const { store, blocks, torn } = openStore(config.dataFolder, firstBlock(config.genesis), network);
  if (torn !== undefined) listeners.warn(torn);
  blocks.forEach(chain.restore);
  const pool = openPool({
    state: chain.state,
    hashes: chain.hashes,
    height: chain.height,
    now,
    networkByte: byte,
    importanceHeight: chain.importanceHeight,
    isGenuine,
    checksDeadlines: () => checksDeadlines,
  });
  const verdicts = openVerdictCache(now);

  const push = (transaction: Transaction): Verdict => {
    if (transaction.networkByte !== byte) return 20;
    refuseImportanceTransfers(transaction);
    const known = verdicts.get(transaction.hash);
    if (known !== undefined) return known;
    // As PushService does, before judging: what throws below is answered NEUTRAL the next time.
    verdicts.set(transaction.hash, neutral);
    const verdict = pool.add(transaction);
    verdicts.set(transaction.hash, verdict);
    if (verdict === success) listeners.accepted(transaction);
    return verdict;
  };

  const produce = (timeStamp: number): Block | undefined => {
    if (key === undefined) return undefined;
    pool.dropExpired(timeStamp);
    const block = harvest(chain, pool, key, timeStamp, now());
    const verdict = chain.accept(block, now(), 'self');
    if (verdict !== success) {
      listeners.warn(`generated block did not pass validation: ${verdict}`);
      return undefined;
    }
    pool.removeAll(block.transactions);
    return block;
  };

  const nextDue = (interval: number, time: number): number => {
    const last = chain.last().block.timeStamp;
    // However fast blocks are made otherwise, hours that were jumped over are made up at the real pace.
    return last + (time - last > jumpSeconds ? Math.max(interval, realInterval) : interval);
  };

  const catchUp = () => {
    const interval = config.harvest?.intervalSeconds ?? 0;
    const time = nemTimeOf(clockMs());
    if (interval > 0) {
      const made: Block[] = [];
      try {
        for (
          let due = nextDue(interval, time);
          due <= time;
          due = Math.max(due + 1, nextDue(interval, time))
        ) {
          replayed = due;
          const block = produce(due);
          if (block !== undefined) made.push(block);
        }
      } finally {
        replayed = undefined;
        store.append(made);
      }
      if (made.length > 0) listeners.harvested(made);
    }
    pool.dropExpired(time);
  };

  const harvestOne = (): Harvested => {
    if (key === undefined) return { kind: 'refused', why: 'not-a-harvester' };
    const pending = pool.list().map(({ timeStamp }) => timeStamp + 1);
    // A block takes what is older than itself and may be ten seconds ahead of the clock.
    const wanted = Math.max(now(), chain.last().block.timeStamp + 1, ...pending);
    const timeStamp = Math.min(wanted, now() + maxSecondsAhead);
    if (timeStamp <= chain.last().block.timeStamp) return { kind: 'refused', why: 'clock-behind-last-block' };
    const block = produce(timeStamp);
    if (block === undefined) return { kind: 'refused', why: 'block-invalid' };
    store.append([block]);
    listeners.harvested([block]);
    return { kind: 'block', block };
  };

  const blockVerdicts = new Set<string>();
  const pushBlock = (bytes: Uint8Array): Verdict => {
    const block = readBlock(bytes, network);
    if (blockVerdicts.has(block.hash) || chain.at(block.height)?.block.hash === block.hash) return neutral;
    const last = chain.last().block;
    // BlockChain.checkPushedBlock
    if (block.prevHash !== last.hash) {
      listeners.behind();
      return block.prevHash === last.prevHash ? neutral : 12;
    }
    if (!isBlockGenuine(block)) return 8;
    const verdict = chain.accept(block, now(), 'peer');
    if (verdict !== success) {
      if (blockVerdicts.size > 10_000) blockVerdicts.clear();
      blockVerdicts.add(block.hash);
      return verdict;
    }
    store.append([block]);
    pool.removeAll(block.transactions);
    return success;
  };

  const undoTo = (height: number): readonly Block[] => {
    const undone: Block[] = [];
    while (chain.height() > height) undone.unshift(chain.undo());
    return undone;
  };

  const replace = (height: number, replacing: readonly Block[]): Verdict => {
    const scoreBefore = chain.last().score;
    const undone = undoTo(height);
    let verdict: Verdict = success;
    for (const block of replacing) {
      verdict = chain.accept(block, now(), 'peer');
      if (verdict !== success) break;
    }
    // BlockChainUpdateContext: never for a chain that is not better.
    if (verdict === success && chain.last().score <= scoreBefore) verdict = 13;
    if (verdict !== success) {
      undoTo(height);
      undone.forEach(chain.restore);
      return verdict;
    }
    if (undone.length > 0) store.rewind(height);
    store.append(replacing);
    const confirmed = replacing.flatMap(({ transactions }) => transactions);
    const hashes = new Set(confirmed.map(({ hash }) => hash));
    pool.removeAll(confirmed);
    pool.addReverted(
      undone.toReversed().flatMap(({ transactions }) => transactions.filter(({ hash }) => !hashes.has(hash))),
    );
    return success;
  };

  return {
    config,
    chain,
    pool,
    now,
    networkTimeMs: () => clockMs() - nemEpochMs,
    announce: (data, signature) => {
      const read = deserialise(data, 'non-verifiable', network);
      const transaction = { ...read, signature: signatureText(signature) };
      chain.learn(transaction);
      return { verdict: push(transaction), transaction };
    },
    push: (transaction) => {
      chain.learn(transaction);
      return push(transaction);
    },
    pushBlock,
    catchUp,
    harvestOne,
    replace,
    rewind: (height, reverted) => {
      const undone = undoTo(height);
      store.rewind(height);
      const transactions = undone.toReversed().flatMap((block) => block.transactions);
      pool.removeAll([]);
      if (reverted === 'pending') pool.addReverted(transactions);
      return transactions;
    },
    checkDeadlines: (checks) => {
      checksDeadlines = checks;
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
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

function refuseImportanceTransfers(transaction: Transaction): void {
  const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
  if (inner.kind !== 'importanceTransfer') return;
  throw new NisFailure(501, 'the devnet does not take importance transfers: it has one harvester', '');
}
