/** Watched: a chain as whoever watches wallets asks its nodes and reads its transactions, in words that no chain owns. */

export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'failed'; readonly detail: string };

/** A transaction whose meaning nobody here can read: somebody must look when it could be ours. */
export interface Unread {
  readonly hash: string | null;
  /** The account that signed it, as the node says. */
  readonly signer: string | null;
  readonly why: string;
}

export interface Looked<T> {
  readonly seen: readonly T[];
  readonly unread: readonly Unread[];
}

/** What waits, as far as the node told it: what was seen before something failed is seen. */
export interface Waiting<T> extends Looked<T> {
  readonly failed: string | null;
}

export interface WatchedBlock<T> {
  readonly height: number;
  readonly hash: string;
  readonly previous: string;
  /** Unix seconds. */
  readonly time: number;
  readonly transactions: readonly T[];
  readonly unread: readonly Unread[];
}

/** A node, as far as following it goes. It is believed in nothing that we can compute ourselves. */
export interface WatchedNode<T> {
  readonly url: string;
  readonly height: () => Promise<Read<number>>;
  /** The newest block, where the chain may put another of the same height in its place (Ethereum): the height alone would hide it. */
  readonly tip?: () => Promise<Read<{ readonly height: number; readonly hash: string }>>;
  /** What acts on these accounts and waits in the node's memory. */
  readonly waiting: (addresses: readonly string[]) => Promise<Waiting<T>>;
  /** Some blocks after the height, oldest first: at most `blocksAtOnce`, and fewer only where the chain ends. */
  readonly blocksAfter: (height: number) => Promise<Read<readonly WatchedBlock<T>[]>>;
  readonly blocksAtOnce: number;
}

/** One signature, and the bytes that it binds. */
export interface SignedPart {
  /** Hex: what a signing record of it would record as its share. */
  readonly bytes: string;
  readonly signer: string;
  readonly signature: string;
}

/** How a chain's transactions are read by whoever asks whether they are ours, and explained. */
export interface Reading<T> {
  readonly hash: (seen: T) => string;
  /** Each id that it counts under, its own first. */
  readonly ids: (seen: T) => readonly string[];
  /** The address of the account that it takes from, or changes who may act for. */
  readonly account: (seen: T) => string;
  /** The key that made it, whoever else signed. */
  readonly signer: (seen: T) => string;
  readonly parts: (seen: T) => readonly SignedPart[];
  /** In a few words: `a transfer`. */
  readonly named: (seen: T) => string;
  /** The same object for the same transaction with the same signatures, however often it is shown. */
  readonly identity: (seen: T) => object;
}
