import { z } from 'zod';
import { blockBytes, readBlock, type Block } from '../chain/block.ts';
import { deserialise } from '../wire/deserialise.ts';
import type { NodeCore } from '../node.ts';
import { ask, Hashes, Items, Tip } from './peer-client.ts';
import type { PeerView } from '../http/route-node.ts';
import { verifiable } from '../wire/serialise.ts';
import type { Transaction } from '../wire/transaction.ts';

const rewriteLimit = 360; // nis.blockChainRewriteLimit
/** Blocks or hashes in one reply to a peer (getMaxBlocksPerSyncAttempt). */
export const blocksAtOnce = rewriteLimit + 40;
const anything = z.unknown();

/** Passes on what the node accepts, and fetches what it lacks. */
export interface Gossip extends AsyncDisposable {
  /** Sent within the broadcast interval (NetworkBroadcastBuffer). */
  readonly queue: (transaction: Transaction) => void;
  /** Sent at once. */
  readonly sendBlocks: (blocks: readonly Block[]) => void;
  /** Sends what is queued now; resolves when done. */
  readonly flush: () => Promise<void>;
  /** Compares with all peers now; resolves when done. */
  readonly sync: () => Promise<void>;
  readonly peers: () => readonly PeerView[];
}

export function openGossip(node: NodeCore): Gossip {
  const { peers, broadcastMs, syncMs } = node.config;
  const reachable = new Map(peers.map((url) => [url, false]));
  let queued: Transaction[] = [];
  let work: Promise<void> = Promise.resolve();
  let stopped = false;

  // One thing after the other, so that a cosignature never overtakes its wrapper.
  const run = (task: () => Promise<void>): Promise<void> => {
    work = work.then(async () => (stopped ? undefined : task()));
    return work;
  };

  const broadcast = async () => {
    const items = unspoilt(queued, node).map((transaction) => verifiable(transaction).toHex());
    queued = [];
    if (items.length === 0) return;
    for (const url of peers) await ask(url, '/devnet/peer/transactions', anything, { items });
  };

  const syncAll = async () => {
    for (const url of peers) reachable.set(url, await syncWith(url, node));
  };

  const timers =
    peers.length === 0
      ? []
      : [setInterval(() => void run(broadcast), broadcastMs), setInterval(() => void run(syncAll), syncMs)];
  if (peers.length > 0) void run(syncAll);

  return {
    queue: (transaction) => {
      if (peers.length > 0) queued.push(transaction);
    },
    sendBlocks: (blocks) => {
      // Many at once are made only when time has jumped; the peer fetches the rest when it gets the last.
      const items = (blocks.length > 3 ? blocks.slice(-1) : blocks).map((block) =>
        blockBytes(block, block.signature).toHex(),
      );
      if (peers.length === 0) return;
      void run(async () => {
        for (const url of peers) await ask(url, '/devnet/peer/blocks', anything, { items });
      });
    },
    flush: () => run(broadcast),
    sync: () => run(syncAll),
    peers: () => [...reachable].map(([url, is]) => ({ url, reachable: is })),
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      timers.forEach(clearInterval);
      await work;
    },
  };
}

/**
 * NIS signs a transaction for its peers when it is queued, cosignatures included, but writes it when it is
 * sent. A wrapper that was cosigned in between no longer fits, and the peer then throws away the rest of the
 * batch with it (SecureSerializableEntity.getEntity, PushController.pushTransactions). What is lost so reaches
 * peers only when they ask for what is pending. The recordings' "R gap 0 ms" and "R2" show it.
 */
function unspoilt(batch: readonly Transaction[], { pool }: NodeCore): readonly Transaction[] {
  const cosigned = new Set(
    pool
      .list()
      .flatMap((entry) => (entry.kind === 'multisig' && entry.cosignatures.length > 0 ? entry.hash : [])),
  );
  const spoilt = batch.findIndex(
    (queued) => queued.kind === 'multisig' && queued.cosignatures.length === 0 && cosigned.has(queued.hash),
  );
  return spoilt === -1 ? batch : batch.slice(0, spoilt);
}

/** BlockChainUpdater.updateChain: a better chain is adopted; from an equal one, what is pending is fetched. */
async function syncWith(url: string, node: NodeCore): Promise<boolean> {
  const tip = await ask(url, '/devnet/peer/tip', Tip);
  if (tip === undefined) return false;
  // As incompatible nodes of other networks are: not spoken to.
  if (tip.genesis !== node.chain.at(1)?.block.hash) return false;
  while (BigInt(tip.score) > node.chain.last().score) if (!(await fetchBlocks(url, node))) break;
  if (tip.hash === node.chain.last().block.hash) await fetchPending(url, node);
  return true;
}

async function fetchBlocks(url: string, node: NodeCore): Promise<boolean> {
  const { chain } = node;
  const from = Math.max(1, chain.height() - rewriteLimit);
  const theirs = await ask(url, `/devnet/peer/hashes?from=${from}`, Hashes);
  if (theirs === undefined) return false;
  let common = from - 1;
  for (const [at, hash] of theirs.hashes.entries())
    if (chain.at(from + at)?.block.hash === hash) common = from + at;
  // Forked deeper than may be rewritten.
  if (common < from) return false;
  const received = await ask(url, `/devnet/peer/blocks?after=${common}`, Items);
  if (received === undefined || received.items.length === 0) return false;
  const { network } = chain.genesis;
  try {
    const blocks = received.items.map((item) => readBlock(Uint8Array.fromHex(item), network));
    return node.replace(common, blocks) === 1;
  } catch {
    return false;
  }
}

async function fetchPending(url: string, node: NodeCore): Promise<void> {
  const received = await ask(url, '/devnet/peer/unconfirmed', Items);
  const read = (received?.items ?? []).flatMap((item): readonly Transaction[] => {
    try {
      return [deserialise(Uint8Array.fromHex(item), 'verifiable', node.chain.genesis.network)];
    } catch {
      return [];
    }
  });
  node.pool.addBatch(read);
}
