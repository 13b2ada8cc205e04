/** Follows one node: its blocks in order, and what waits unconfirmed for our accounts. Says what it sees, judges nothing. */
import type { Read, Reading, Unread, WatchedBlock, WatchedNode } from '@kuramori/chains/watched';

export interface FollowedBlock {
  readonly hash: string;
  /** Unix seconds. */
  readonly time: number;
}

export interface Followed<T> {
  readonly url: string;
  readonly height: number;
  /** By height, the newest without a gap, for as long as `keptSeconds`. */
  readonly blocks: ReadonlyMap<number, FollowedBlock>;
  /** Unix seconds of the newest block. */
  readonly tipTime: number;
  /** Hashes of our accounts' transactions that wait in the node's memory. */
  readonly pending: ReadonlyMap<string, T>;
  /** Each id that one of them counts under. */
  readonly pendingIds: ReadonlySet<string>;
  /** Each id that a transaction counts under → height, for what acts on our accounts. */
  readonly confirmed: ReadonlyMap<string, number>;
  readonly error: string | null;
  /** Whether the newest round reached the node's tip. */
  readonly caughtUp: boolean;
  /** This machine's monotonic time (ms) of the newest good answer. */
  readonly answeredAt: number;
}

export interface Sight<T> {
  readonly transaction: T;
  readonly node: string;
  /** Null while unconfirmed. */
  readonly height: number | null;
}

export interface Follower<T> {
  readonly state: () => Followed<T>;
  /** One round: unconfirmed first, since that is where a thief is seen first, then blocks. */
  readonly round: () => Promise<void>;
}

export interface Listener<T> {
  readonly reading: Pick<Reading<T>, 'hash' | 'ids'>;
  readonly addresses: readonly string[];
  /** Looked at in one round of so many: nobody's coins wait for them. */
  readonly seldom: readonly string[];
  readonly concerns: (transaction: T) => boolean;
  readonly onSight: (sight: Sight<T>) => void;
  readonly onUnread: (unread: Unread, node: string) => void;
  /** Each block, whatever is in it, once its transactions were looked at. The first comes empty: it is there to be followed. */
  readonly onBlock: (block: WatchedBlock<T>, node: string) => void;
  /** The node took its newest block back, which was of this height. */
  readonly onBack: (height: number, node: string) => void;
}

/** How many blocks are kept for comparing nodes, however old: NIS rewrites at most 360. */
const keptBlocks = 400;
/** And how long, so that the block that proves a plan dead can be named as long as its intent lives: three days. */
const keptSeconds = 3 * 86_400;
/** Two seconds, at ten rounds a second. */
const seldomRounds = 20;
/** Blocks to fetch in one round; a longer way back to the tip takes several, so that unconfirmed ones are still looked at. */
const blocksARound = 2000;
/** And for how long: a block of Bitcoin may have four million bytes. Milliseconds. */
const roundMs = 2_000;

export function follow<T>(node: WatchedNode<T>, from: number, listener: Listener<T>): Follower<T> {
  const { reading } = listener;
  const blocks = new Map<number, FollowedBlock>();
  let oldest = 0;
  const confirmed = new Map<string, number>();
  let pending = new Map<string, T>();
  let pendingIds = new Set<string>();
  // The block that the wallets were made in is read for its hash, so that nodes can be compared from the first moment.
  let height = from - 1;
  let tipTime = 0;
  let error: string | null = 'not asked yet';
  let caughtUp = false;
  let answeredAt = -Infinity;
  let rounds = 0;

  async function lookAtUnconfirmed(): Promise<string | null> {
    const now = new Map<string, T>();
    const looked =
      rounds++ % seldomRounds === 0 ? [...listener.addresses, ...listener.seldom] : listener.addresses;
    const { seen, unread, failed } = await node.waiting(looked);
    for (const transaction of seen) {
      now.set(reading.hash(transaction), transaction);
      listener.onSight({ transaction, node: node.url, height: null });
    }
    for (const one of unread) listener.onUnread(one, node.url);
    if (failed !== null) return failed;
    pending = now;
    pendingIds = new Set([...now.values()].flatMap(reading.ids));
    return null;
  }

  async function lookAtBlocks(): Promise<string | null> {
    const until = performance.now() + roundMs;
    for (let fetched = 0; fetched < blocksARound && performance.now() < until;) {
      const answer = await node.blocksAfter(height);
      if (answer.kind === 'failed') return answer.detail;
      if (answer.value.length === 0) return checkTip();
      for (const block of answer.value) {
        const known = blocks.get(height)?.hash;
        if (block.height !== height + 1) return `${node.url}: gave block ${block.height} after ${height}`;
        if (known !== undefined && block.previous !== known) {
          stepBack();
          return null;
        }
        take(block);
      }
      fetched += answer.value.length;
      caughtUp = answer.value.length < node.blocksAtOnce;
      if (caughtUp) return null;
    }
    caughtUp = false;
    return null;
  }

  /** No block after ours: either ours is the newest, or the node took blocks back and has not made new ones yet, or as many. */
  async function checkTip(): Promise<string | null> {
    const known = blocks.get(height)?.hash;
    const tip = await (node.tip?.() ?? heightOf(node, known));
    if (tip.kind === 'failed') return tip.detail;
    const replaced = tip.value.height === height && tip.value.hash !== known;
    if (known !== undefined && (tip.value.height < height || replaced)) stepBack();
    else caughtUp = true;
    return null;
  }

  /** The node rewrote its chain: forget the newest block and look again from the one before. */
  function stepBack(): void {
    for (const [hash, at] of confirmed) if (at >= height) confirmed.delete(hash);
    blocks.delete(height);
    listener.onBack(height, node.url);
    height -= 1;
    caughtUp = false;
  }

  function take(block: WatchedBlock<T>): void {
    height = block.height;
    tipTime = block.time;
    if (blocks.size === 0) oldest = height;
    blocks.set(height, { hash: block.hash, time: tipTime });
    forget();
    if (height === from) {
      listener.onBlock({ ...block, transactions: [], unread: [] }, node.url);
      return;
    }
    for (const transaction of block.transactions) {
      if (!listener.concerns(transaction)) continue;
      for (const id of reading.ids(transaction)) confirmed.set(id, height);
      listener.onSight({ transaction, node: node.url, height });
    }
    for (const unread of block.unread) listener.onUnread(unread, node.url);
    listener.onBlock(block, node.url);
  }

  function forget(): void {
    const until = (blocks.get(height)?.time ?? 0) - keptSeconds;
    while (oldest < height - keptBlocks && (blocks.get(oldest)?.time ?? 0) < until) {
      blocks.delete(oldest);
      oldest += 1;
    }
  }

  return {
    state: () => ({
      url: node.url,
      height,
      blocks,
      tipTime,
      pending,
      pendingIds,
      confirmed,
      error,
      caughtUp,
      answeredAt,
    }),
    async round() {
      const began = performance.now();
      error = (await lookAtUnconfirmed()) ?? (await lookAtBlocks());
      if (error === null) answeredAt = began;
    },
  };
}

/** Where a longer chain alone takes blocks back, a tip of our height is ours. */
async function heightOf(
  node: Pick<WatchedNode<unknown>, 'height'>,
  hash: string | undefined,
): Promise<Read<{ readonly height: number; readonly hash: string | undefined }>> {
  const read = await node.height();
  return read.kind === 'failed' ? read : { kind: 'read', value: { height: read.value, hash } };
}
