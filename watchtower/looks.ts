/** Looks: every node of a chain, each followed at its own pace, and what they agree on. */
import type { WatchedNode } from '@kuramori/chains/watched';
import { openBell } from './bell.ts';
import { follow, type Followed, type Follower, type Listener } from './follow.ts';
import { view, type Patience, type View } from './view.ts';

export interface LooksParts<T> {
  readonly nodes: readonly WatchedNode<T>[];
  /** Looking starts after this height: where the wallets were made. */
  readonly watchFrom: number;
  readonly pollMs: number;
  readonly patience: Patience;
  readonly now: () => number;
  readonly listener: Listener<T>;
}

export interface Looks<T> extends Disposable {
  readonly followed: () => readonly Followed<T>[];
  readonly see: () => View;
  /** The next look at a node begins at once. */
  readonly hasten: (url: string) => void;
  /** When each node's newest finished round began (this machine's clock, ms), as the nodes are ordered. */
  readonly roundsBegan: () => readonly number[];
  readonly status: () => {
    readonly blind: string | null;
    readonly nodes: { readonly url: string; readonly height: number; readonly error: string | null }[];
    readonly rounds: number;
    readonly roundBegan: number;
  };
  /** Looks until it is disposed of; settles then. */
  readonly watch: () => Promise<unknown>;
}

export function openLooks<T>({ nodes, watchFrom, pollMs, patience, now, listener }: LooksParts<T>): Looks<T> {
  let stopped = false;
  const looked = nodes.map(() => ({ rounds: 0, began: 0 }));
  const bells = nodes.map(openBell);
  const followers = nodes.map((node) => follow(node, watchFrom, listener));
  const followed = () => followers.map((follower) => follower.state());
  const see = (): View => view(followed(), now(), patience);

  /** Each node at its own pace: one that is silent must not slow the look at the other. */
  async function watchOne(follower: Follower<T>, index: number): Promise<void> {
    while (!stopped) {
      const began = Date.now();
      await follower.round();
      looked[index] = { rounds: (looked[index]?.rounds ?? 0) + 1, began };
      await bells[index]?.wait(Math.max(0, pollMs - (Date.now() - began)));
    }
  }

  return {
    followed,
    see,
    hasten: (url) => bells[nodes.findIndex((node) => node.url === url)]?.ring(),
    roundsBegan: () => looked.map(({ began }) => began),
    status() {
      const seen = see();
      return {
        blind: seen.kind === 'blind' ? seen.why : null,
        nodes: followed().map(({ url, height, error }) => ({ url, height, error })),
        rounds: Math.min(...looked.map(({ rounds }) => rounds)),
        roundBegan: Math.min(...looked.map(({ began }) => began)),
      };
    },
    watch: () => Promise.all(followers.map(watchOne)),
    [Symbol.dispose]() {
      stopped = true;
      for (const bell of bells) bell.stop();
    },
  };
}
