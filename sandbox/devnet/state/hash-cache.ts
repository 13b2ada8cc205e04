import { withChildren, type Transaction } from '../wire/transaction.ts';

const pruneInterval = 360; // AbstractPruningObserver.PRUNE_INTERVAL

/** DefaultHashCache: the hashes of confirmed transactions, of wrapper, inner one and each cosignature. */
export interface HashCache {
  readonly heightOf: (hash: string) => number | undefined;
  readonly hasAny: (transactions: Iterable<Transaction>) => boolean;
  /** Notes a block's transactions, after pruning at its height; gives back what undoes both. */
  readonly addBlock: (height: number, timeStamp: number, transactions: readonly Transaction[]) => () => void;
}

interface Known {
  readonly height: number;
  readonly timeStamp: number;
}

/** `retentionHours` is nis.transactionHashRetentionTime: never less than 36, or -1 for ever. */
export function openHashCache(retentionHours: number): HashCache {
  const known = new Map<string, Known>();
  const seconds = retentionHours === -1 ? Infinity : Math.max(36, retentionHours) * 3_600;

  const prune = (height: number, timeStamp: number): readonly [string, Known][] => {
    if (height % pruneInterval !== 1) return [];
    const old = [...known].filter(([, hash]) => hash.timeStamp < timeStamp - seconds);
    for (const [hash] of old) known.delete(hash);
    return old;
  };

  return {
    heightOf: (hash) => known.get(hash)?.height,
    hasAny: (transactions) => {
      for (const transaction of transactions) {
        if (withChildren(transaction).some(({ hash }) => known.has(hash))) return true;
      }
      return false;
    },
    addBlock: (height, timeStamp, transactions) => {
      const pruned = prune(height, timeStamp);
      const added = transactions.flatMap(withChildren);
      for (const transaction of added) {
        if (known.has(transaction.hash)) throw new Error(`hash ${transaction.hash} already exists in cache`);
        known.set(transaction.hash, { height, timeStamp: transaction.timeStamp });
      }
      return () => {
        for (const { hash } of added) known.delete(hash);
        for (const [hash, was] of pruned) known.set(hash, was);
      };
    },
  };
}
