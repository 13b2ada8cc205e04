/** A fork on command: other blocks in place of the newest ones, and one more, so that every peer follows by itself. */
import type { PrivateKey } from '@kuramori/chains/nem/codec';
import type { Pool } from '../pool/pool.ts';
import { success } from '../rules/verdict.ts';
import type { Block } from './block.ts';
import { linkAt, type Chain, type Link } from './chain.ts';
import { makeBlock } from './harvest.ts';
import { transactionsOf, undoTo } from './rewrite.ts';
import type { Store } from './store.ts';

const maxSecondsAhead = 10;

export interface ForkAsked {
  /** How many blocks are replaced. */
  readonly depth: number;
  /** Hashes of confirmed transactions that the other blocks leave out. */
  readonly drop: ReadonlySet<string>;
  /** What becomes of those here. Peers put them back among what is pending, as NIS does after any fork. */
  readonly dropped: 'pending' | 'forgotten';
}

export type Forked =
  | {
      readonly kind: 'forked';
      readonly blocks: readonly Block[];
      /** Hashes of what was confirmed and is no more: left out on command, or what came after it and needs it. */
      readonly left: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly why:
        | 'not-a-harvester'
        | 'deeper-than-the-chain'
        | 'unknown-transaction'
        | 'clock-behind-fork'
        | 'block-invalid';
    };

interface Parts {
  readonly chain: Chain;
  readonly pool: Pool;
  readonly store: Store;
  readonly key: PrivateKey | undefined;
}

/**
 * Replaces the newest blocks by others a second later each, with the same transactions but those to leave out, and adds
 * an empty one: the other chain weighs more by that block's difficulty. The same chain and command give the same fork.
 */
export function forkChain(
  { chain, pool, store, key }: Parts,
  { depth, drop, dropped }: ForkAsked,
  now: number,
): Forked {
  const refused = (why: Extract<Forked, { kind: 'refused' }>['why']): Forked => ({ kind: 'refused', why });
  if (key === undefined) return refused('not-a-harvester');
  const height = chain.height() - depth;
  if (height < 1) return refused('deeper-than-the-chain');
  if (chain.last().block.timeStamp + 2 > now + maxSecondsAhead) return refused('clock-behind-fork');
  const numbers = chain.history.next();
  const undone = undoTo(chain, height);
  const was = transactionsOf(undone);
  const made = drop.isSubsetOf(new Set(was.map(({ hash }) => hash)))
    ? remake(chain, undone, key, drop, now)
    : ('unknown-transaction' as const);
  if (typeof made === 'string') {
    undoTo(chain, height);
    undone.forEach(chain.restore);
    chain.history.goOnFrom(numbers);
    return refused(made);
  }
  store.rewind(height, numbers);
  store.append(made.map((block) => linkAt(chain, block.height)));
  const confirmed = made.flatMap(({ transactions }) => transactions);
  const still = new Set(confirmed.map(({ hash }) => hash));
  const left = was.filter(({ hash }) => !still.has(hash));
  pool.removeAll(confirmed);
  if (dropped === 'pending') pool.addReverted(left);
  return { kind: 'forked', blocks: made, left: left.map(({ hash }) => hash) };
}

function remake(
  chain: Chain,
  undone: readonly Link[],
  key: PrivateKey,
  drop: ReadonlySet<string>,
  now: number,
): readonly Block[] | 'block-invalid' {
  const made: Block[] = [];
  const last = undone.at(-1)?.block.timeStamp ?? chain.last().block.timeStamp;
  const plans = undone.map(({ block }) => ({
    timeStamp: block.timeStamp + 1,
    transactions: block.transactions.filter(({ hash }) => !drop.has(hash)),
  }));
  for (const { timeStamp, transactions } of [...plans, { timeStamp: last + 2, transactions: [] }]) {
    const block = makeBlock(chain, transactions, key, timeStamp, now);
    if (chain.accept(block, now, 'self') !== success) return 'block-invalid';
    made.push(block);
  }
  return made;
}
