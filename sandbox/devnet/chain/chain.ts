import { networkByte, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import { totalFee, type Block } from './block.ts';
import { isBlockGenuine, validateBlock } from '../rules/block-rules.ts';
import { initialDifficulty, nextDifficulty } from './difficulty.ts';
import { credit, execute } from '../state/execute.ts';
import { firstBlock, type Genesis } from './genesis.ts';
import { openHashCache, type HashCache } from '../state/hash-cache.ts';
import { openHistory, type History, type Numbers } from './history.ts';
import { groupedHeight, recalculateImportances } from '../state/importance.ts';
import type { SignatureCheck } from '../rules/signature-check.ts';
import { accountAt, change, commit, openState, over, type State } from '../state/state.ts';
import { withChildren, type Transaction } from '../wire/transaction.ts';
import { validate } from '../rules/validate.ts';
import { isFailure, success, type Verdict } from '../rules/verdict.ts';

/** A block in its place. */
export interface Link {
  readonly block: Block;
  readonly difficulty: bigint;
  /** Sum of difficulty minus seconds up to here (BlockScorer). */
  readonly score: bigint;
  /** The first that its transactions got. */
  readonly numbers: Numbers;
}

/** A block as it is on disk; files of older versions have no numbers. */
export type Saved = Pick<Link, 'block'> & Partial<Pick<Link, 'numbers'>>;

/** The confirmed chain: blocks, the state after the last, and what replies need of the past. */
export interface Chain {
  readonly genesis: Genesis;
  readonly state: State;
  readonly hashes: HashCache;
  readonly history: History;
  readonly height: () => number;
  readonly last: () => Link;
  readonly at: (height: number) => Link | undefined;
  readonly importanceHeight: () => number;
  readonly publicKeyOf: (address: Address) => PublicKey | undefined;
  /** NIS notes the key of any known account as soon as it reads it, even in what it then refuses. */
  readonly learn: (transaction: Transaction) => void;
  readonly learnKey: (address: Address, publicKey: PublicKey) => void;
  /** Judges the block as the next one and appends it (BlockChainValidator); its own harvester need not verify it. */
  readonly accept: (block: Block, now: number, from: 'peer' | 'self') => Verdict;
  /** Appends what this node has accepted before, with the numbers of then: a restart. */
  readonly restore: (saved: Saved) => void;
  /** Takes out the last block; throws at the first. */
  readonly undo: () => Link;
}

export function openChain(genesis: Genesis, retentionHours: number, isGenuine: SignatureCheck): Chain {
  const state = openState(genesis.network);
  const hashes = openHashCache(retentionHours);
  const history = openHistory();
  const keys = new Map<Address, PublicKey>();
  const links: Link[] = [];
  const undos: (() => void)[] = [];
  let importanceHeight = 0;

  const last = (): Link => {
    const link = links.at(-1);
    if (link === undefined) throw new Error('chain: no first block');
    return link;
  };

  const learnKey = (address: Address, key: PublicKey) => {
    if (state.accounts.get(address) !== undefined) keys.set(address, key);
  };
  const learn = (transaction: Transaction) => {
    for (const each of withChildren(transaction)) {
      learnKey(each.signerAddress, each.signer);
      if (each.kind === 'modification')
        for (const { address, cosigner } of each.modifications) learnKey(address, cosigner);
      if (each.kind === 'importanceTransfer') learnKey(each.remoteAddress, each.remote);
    }
  };

  // What a block does beside its transactions: fees and count to the harvester, importances every 359 blocks.
  const harvest = (block: Block, after: State): number => {
    credit(after, block.signerAddress, totalFee(block));
    const { harvestedBlocks } = accountAt(after, block.signerAddress);
    change(after, block.signerAddress, { harvestedBlocks: harvestedBlocks + 1 });
    const group = groupedHeight(block.height + 1);
    if (group !== importanceHeight) recalculateImportances(after, group);
    return group;
  };

  const append = (block: Block, after: State, group: number, numbers = history.next()) => {
    const difficulty = links.length === 0 ? initialDifficulty : nextDifficulty(links.slice(-60).map(past));
    const before = links.at(-1);
    const gain = before === undefined ? 0n : difficulty - BigInt(block.timeStamp - before.block.timeStamp);
    const undoState = commit(after);
    const undoHashes = hashes.addBlock(block.height, block.timeStamp, block.transactions);
    const undoHistory = history.add(block.height, block.transactions, state, numbers);
    const groupBefore = importanceHeight;
    importanceHeight = group;
    links.push({ block, difficulty, score: (before?.score ?? 0n) + gain, numbers });
    undos.push(() => {
      undoHistory();
      undoHashes();
      undoState();
      importanceHeight = groupBefore;
      links.pop();
    });
    learnKey(block.signerAddress, block.signer);
    block.transactions.forEach(learn);
  };

  const accept: Chain['accept'] = (block, now, from) => {
    const byte = networkByte[genesis.network];
    if (!block.transactions.every(isGenuine)) return 105;
    if (block.height !== last().block.height + 1) return 102;
    if (block.prevHash !== last().block.hash) return 103;
    if (from === 'peer' && !isBlockGenuine(block)) return 103;
    // In place of the proof of importance: one harvester, and time that goes forward.
    if (block.signer !== genesis.harvester || block.timeStamp <= last().block.timeStamp) return 104;
    const after = over(state);
    const seen = new Set<string>();
    for (const transaction of block.transactions) {
      const all = withChildren(transaction).map(({ hash }) => hash);
      if (all.some((hash) => seen.has(hash))) return 106;
      const setting = { state: after, height: block.height, now, networkByte: byte, as: 'in-block' } as const;
      const verdict = validate(transaction, setting);
      if (isFailure(verdict)) return verdict;
      execute(transaction, after, block.height);
      all.forEach((hash) => seen.add(hash));
    }
    const verdict = validateBlock(block, hashes, now, byte, genesis.maxTransactionsPerBlock);
    if (verdict !== success) return verdict;
    append(block, after, harvest(block, after));
    return success;
  };

  const restore = ({ block, numbers }: Saved) => {
    const after = over(state);
    for (const transaction of block.transactions) execute(transaction, after, block.height);
    append(block, after, harvest(block, after), numbers);
  };

  const first = firstBlock(genesis);
  const endowed = over(state);
  for (const { address, amount } of genesis.balances) credit(endowed, address, amount);
  recalculateImportances(endowed, 1);
  append(first, endowed, 1);
  keys.clear();

  return {
    genesis,
    state,
    hashes,
    history,
    height: () => last().block.height,
    last,
    at: (height) => links[height - 1],
    importanceHeight: () => importanceHeight,
    publicKeyOf: (address) => keys.get(address),
    learn,
    learnKey,
    accept,
    restore,
    undo: () => {
      const link = last();
      if (link.block.height === 1) throw new Error('undo: the first block stays');
      undos.pop()?.();
      return link;
    },
  };
}

/** The block at the height, which must be there. */
export function linkAt(chain: Chain, height: number): Link {
  const link = chain.at(height);
  if (link === undefined) throw new Error(`linkAt: there is no block at ${height}`);
  return link;
}

function past({ block, difficulty }: Link) {
  return { timeStamp: block.timeStamp, difficulty };
}
