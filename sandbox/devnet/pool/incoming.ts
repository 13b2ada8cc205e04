import { networkByte } from '@kuramori/chains/nem/codec';
import { readBlock, type Block } from '../chain/block.ts';
import { isBlockGenuine } from '../rules/block-rules.ts';
import { linkAt, type Chain } from '../chain/chain.ts';
import type { Pool } from './pool.ts';
import type { Store } from '../chain/store.ts';
import type { Transaction } from '../wire/transaction.ts';
import { openVerdictCache } from './verdict-cache.ts';
import { neutral, success, type Verdict } from '../rules/verdict.ts';

/** What comes in from wallets and peers, each thing judged once (PushService). */
export interface Incoming {
  readonly push: (transaction: Transaction) => Verdict;
  readonly pushBlock: (bytes: Uint8Array) => Verdict;
}

export interface IncomingParts {
  readonly chain: Chain;
  readonly pool: Pool;
  readonly store: Store;
  readonly now: () => number;
  readonly accepted: (transaction: Transaction) => void;
  /** A peer has blocks that this node has not. */
  readonly behind: () => void;
  readonly confirmed: (blocks: readonly Block[]) => void;
}

export function openIncoming({
  chain,
  pool,
  store,
  now,
  accepted,
  behind,
  confirmed,
}: IncomingParts): Incoming {
  const { network } = chain.genesis;
  const verdicts = openVerdictCache(now);
  const refusedBlocks = new Set<string>();

  const push = (transaction: Transaction): Verdict => {
    if (transaction.networkByte !== networkByte[network]) return 20;
    const known = verdicts.get(transaction.hash);
    if (known !== undefined) return known;
    // As PushService does, before judging: what throws below is answered NEUTRAL the next time.
    verdicts.set(transaction.hash, neutral);
    const verdict = pool.add(transaction);
    verdicts.set(transaction.hash, verdict);
    if (verdict === success) accepted(transaction);
    return verdict;
  };

  const pushBlock = (bytes: Uint8Array): Verdict => {
    const block = readBlock(bytes, network);
    if (refusedBlocks.has(block.hash) || chain.at(block.height)?.block.hash === block.hash) return neutral;
    const last = chain.last().block;
    // BlockChain.checkPushedBlock
    if (block.prevHash !== last.hash) {
      behind();
      return block.prevHash === last.prevHash ? neutral : 12;
    }
    if (!isBlockGenuine(block)) return 8;
    const verdict = chain.accept(block, now(), 'peer');
    if (verdict !== success) {
      if (refusedBlocks.size > 10_000) refusedBlocks.clear();
      refusedBlocks.add(block.hash);
      return verdict;
    }
    store.append([linkAt(chain, block.height)]);
    pool.removeAll(block.transactions);
    confirmed([block]);
    return success;
  };

  return { push, pushBlock };
}
