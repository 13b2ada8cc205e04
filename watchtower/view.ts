/** What a watchtower can honestly say of a chain: its view, agreed between its nodes, or why it has none. */
import type { Followed } from './follow.ts';

export interface Patience {
  /** A node that has not answered for so long is lost. Milliseconds. */
  readonly silenceMs: number;
  /** A chain whose newest block is older has fallen behind. Seconds. */
  readonly tipAgeSeconds: number;
}

export interface At {
  readonly height: number;
  readonly hash: string;
}

export type View =
  | { readonly kind: 'clear'; readonly tip: At }
  | { readonly kind: 'blind'; readonly why: string };

/** Nodes may be this many blocks apart while a block travels. */
const apart = 3;

/** All nodes answer, have no more to give, and agree on the newest block that all have. */
export function view(nodes: readonly Followed<unknown>[], now: number, patience: Patience): View {
  const blind = (why: string): View => ({ kind: 'blind', why });
  for (const node of nodes) {
    if (node.error !== null) return blind(node.error);
    if (!node.caughtUp) return blind(`${node.url}: still catching up, at ${node.height}`);
    if (performance.now() - node.answeredAt > patience.silenceMs)
      return blind(`${node.url}: silent for more than ${patience.silenceMs} ms`);
    const age = now / 1000 - node.tipTime;
    // A chain from the future: its harvester's clock or ours is wrong, and deadlines mean nothing.
    if (-age > patience.tipAgeSeconds)
      return blind(`${node.url}: its newest block is ${Math.round(-age)} s ahead of this clock`);
    if (age > patience.tipAgeSeconds)
      return blind(`${node.url}: its newest block is ${Math.round(age)} s old`);
  }
  const heights = nodes.map(({ height }) => height);
  const height = Math.min(...heights);
  if (Math.max(...heights) - height > apart)
    return blind(`the nodes are ${Math.max(...heights) - height} blocks apart`);
  const hashes = new Set(nodes.map((node) => node.blocks.get(height)?.hash));
  const [hash] = hashes;
  if (hashes.size !== 1 || hash === undefined) return blind(`the nodes disagree on block ${height}`);
  return { kind: 'clear', tip: { height, hash } };
}
