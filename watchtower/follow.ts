/** Follows one node: its blocks in order, and what waits unconfirmed for our accounts. Says what it sees, judges nothing. */
import type { NemNode, SeenBlock, SeenTransaction, Unread } from '@kuramori/chains/nem/node';

export interface Followed {
  readonly url: string;
  readonly height: number;
  /** Height → block hash, for the newest blocks. */
  readonly hashes: ReadonlyMap<number, string>;
  /** NEM seconds of the newest block. */
  readonly tipTime: number;
  /** Hashes of our accounts' transactions that wait in the node's memory. */
  readonly pending: ReadonlyMap<string, SeenTransaction>;
  /** Transaction → height, for what acts on our accounts. */
  readonly confirmed: ReadonlyMap<string, number>;
  readonly error: string | null;
  /** Whether the newest round reached the node's tip. */
  readonly caughtUp: boolean;
  /** This machine's monotonic time (ms) of the newest good answer. */
  readonly answeredAt: number;
}

export interface Sight {
  readonly transaction: SeenTransaction;
  readonly node: string;
  /** Null while unconfirmed. */
  readonly height: number | null;
}

export interface Follower {
  readonly state: () => Followed;
  /** One round: unconfirmed first, since that is where a thief is seen first, then blocks. */
  readonly round: () => Promise<void>;
}

interface Listener {
  readonly addresses: readonly string[];
  readonly concerns: (transaction: SeenTransaction) => boolean;
  readonly onSight: (sight: Sight) => void;
  readonly onUnread: (unread: Unread, node: string) => void;
}

/** How many block hashes are kept for comparing nodes: NIS rewrites at most 360. */
const keptHashes = 400;
/** Blocks to fetch in one round; a longer way back to the tip takes several, so that unconfirmed ones are still looked at. */
const blocksARound = 2000;

export function follow(node: NemNode, from: number, listener: Listener): Follower {
  const hashes = new Map<number, string>();
  const confirmed = new Map<string, number>();
  let pending = new Map<string, SeenTransaction>();
  // The block that the wallets were made in is read for its hash, so that nodes can be compared from the first moment.
  let height = from - 1;
  let tipTime = 0;
  let error: string | null = 'not asked yet';
  let caughtUp = false;
  let answeredAt = -Infinity;

  async function lookAtUnconfirmed(): Promise<string | null> {
    const now = new Map<string, SeenTransaction>();
    const answers = await Promise.all(listener.addresses.map((address) => node.unconfirmed(address)));
    for (const answer of answers) {
      if (answer.kind === 'failed') return answer.detail;
      for (const transaction of answer.value.seen) {
        now.set(transaction.hash, transaction);
        listener.onSight({ transaction, node: node.url, height: null });
      }
      for (const unread of answer.value.unread) listener.onUnread(unread, node.url);
    }
    pending = now;
    return null;
  }

  async function lookAtBlocks(): Promise<string | null> {
    for (let fetched = 0; fetched < blocksARound;) {
      const answer = await node.blocksAfter(height);
      if (answer.kind === 'failed') return answer.detail;
      if (answer.value.length === 0) return checkTip();
      for (const block of answer.value) {
        const known = hashes.get(height);
        if (block.height !== height + 1) return `${node.url}: gave block ${block.height} after ${height}`;
        if (known !== undefined && block.previous !== known) {
          stepBack();
          return null;
        }
        take(block);
      }
      fetched += answer.value.length;
      caughtUp = answer.value.length < 10;
      if (caughtUp) return null;
    }
    caughtUp = false;
    return null;
  }

  /** No block after ours: either ours is the newest, or the node took blocks back and has not made new ones yet. */
  async function checkTip(): Promise<string | null> {
    const tip = await node.height();
    if (tip.kind === 'failed') return tip.detail;
    if (tip.value < height && hashes.has(height)) stepBack();
    else caughtUp = true;
    return null;
  }

  /** The node rewrote its chain: forget the newest block and look again from the one before. */
  function stepBack(): void {
    for (const [hash, at] of confirmed) if (at >= height) confirmed.delete(hash);
    hashes.delete(height);
    height -= 1;
    caughtUp = false;
  }

  function take(block: SeenBlock): void {
    height = block.height;
    tipTime = block.timeStamp;
    hashes.set(height, block.hash);
    hashes.delete(height - keptHashes);
    if (height === from) return;
    for (const transaction of block.transactions) {
      if (!listener.concerns(transaction)) continue;
      confirmed.set(transaction.hash, height);
      listener.onSight({ transaction, node: node.url, height });
    }
    for (const unread of block.unread) listener.onUnread(unread, node.url);
  }

  return {
    state: () => ({
      url: node.url,
      height,
      hashes,
      tipTime,
      pending,
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
