import type { Block } from './block.ts';
import type { Chain } from './chain.ts';
import type { Pool } from '../pool/pool.ts';
import type { Store } from './store.ts';
import type { Transaction } from '../wire/transaction.ts';
import { success, type Verdict } from '../rules/verdict.ts';

interface Parts {
  readonly chain: Chain;
  readonly pool: Pool;
  readonly store: Store;
}

/**
 * Replaces the blocks above the height by a peer's, if all of those are valid and their chain weighs more;
 * else nothing changes. What is unconfirmed by it is pending again (BlockChainUpdateContext).
 */
export function replaceBlocks(
  { chain, pool, store }: Parts,
  height: number,
  replacing: readonly Block[],
  now: number,
): Verdict {
  const scoreBefore = chain.last().score;
  const undone = undoTo(chain, height);
  let verdict: Verdict = success;
  for (const block of replacing) {
    verdict = chain.accept(block, now, 'peer');
    if (verdict !== success) break;
  }
  if (verdict === success && chain.last().score <= scoreBefore) verdict = 13;
  if (verdict !== success) {
    undoTo(chain, height);
    undone.forEach(chain.restore);
    return verdict;
  }
  if (undone.length > 0) store.rewind(height);
  store.append(replacing);
  const confirmed = replacing.flatMap(({ transactions }) => transactions);
  const hashes = new Set(confirmed.map(({ hash }) => hash));
  pool.removeAll(confirmed);
  pool.addReverted(transactionsOf(undone).filter(({ hash }) => !hashes.has(hash)));
  return success;
}

/** Takes the blocks above the height off the chain; gives back their transactions, which are pending again or forgotten. */
export function rewindBlocks(
  { chain, pool, store }: Parts,
  height: number,
  reverted: 'pending' | 'forgotten',
): readonly Transaction[] {
  const transactions = transactionsOf(undoTo(chain, height));
  store.rewind(height);
  pool.removeAll([]);
  if (reverted === 'pending') pool.addReverted(transactions);
  return transactions;
}

function undoTo(chain: Chain, height: number): readonly Block[] {
  const undone: Block[] = [];
  while (chain.height() > height) undone.unshift(chain.undo());
  return undone;
}

// Of the highest block first, as NIS collects them.
function transactionsOf(blocks: readonly Block[]): readonly Transaction[] {
  return blocks.toReversed().flatMap(({ transactions }) => transactions);
}
