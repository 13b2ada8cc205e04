import type { Block } from './block.ts';
import { linkAt, type Chain, type Link } from './chain.ts';
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
  const numbersBefore = chain.history.next();
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
    chain.history.goOnFrom(numbersBefore);
    return verdict;
  }
  if (undone.length > 0) store.rewind(height, numbersBefore);
  store.append(replacing.map(({ height: at }) => linkAt(chain, at)));
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
  store.rewind(height, chain.history.next());
  pool.removeAll([]);
  if (reverted === 'pending') pool.addReverted(transactions);
  return transactions;
}

/** Takes the blocks above the height off, and gives them back, lowest first. */
export function undoTo(chain: Chain, height: number): readonly Link[] {
  const undone: Link[] = [];
  while (chain.height() > height) undone.unshift(chain.undo());
  return undone;
}

// TransactionRegistry: the order in which NIS goes through the kinds of a block.
const kinds: readonly Transaction['kind'][] = [
  'transfer',
  'importanceTransfer',
  'modification',
  'multisig',
  'namespace',
  'mosaicDefinition',
  'supplyChange',
];

// Of the highest block first, and kind by kind, as NIS collects them.
export function transactionsOf(links: readonly Link[]): readonly Transaction[] {
  return links
    .toReversed()
    .flatMap(({ block }) =>
      block.transactions.toSorted((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind)),
    );
}
