/** What a watchtower can honestly say: its view of the chain, agreed between its nodes, or why it has none. */
import { unixMsOf } from '@kuramori/chains/nem/codec';
import type { NemNode } from '@kuramori/chains/nem/node';
import type { Fate } from '@kuramori/core';
import type { Followed } from './follow.ts';

export interface Patience {
  /** A node that has not answered for so long is lost. Milliseconds. */
  readonly silenceMs: number;
  /** A chain whose newest block is older has fallen behind. Seconds. */
  readonly tipAgeSeconds: number;
  /** How long after its deadline an absent transaction is called dead: a rewrite's depth in time. Seconds. */
  readonly deadMarginSeconds: number;
}

export type View =
  | { readonly kind: 'clear'; readonly tip: { readonly height: number; readonly hash: string } }
  | { readonly kind: 'blind'; readonly why: string };

/** Nodes may be this many blocks apart while a block travels. */
const apart = 3;

/** All nodes answer, have no more to give, and agree on the newest block that all have. */
export function view(nodes: readonly Followed[], now: number, patience: Patience): View {
  const blind = (why: string): View => ({ kind: 'blind', why });
  for (const node of nodes) {
    if (node.error !== null) return blind(node.error);
    if (!node.caughtUp) return blind(`${node.url}: still catching up, at ${node.height}`);
    if (performance.now() - node.answeredAt > patience.silenceMs)
      return blind(`${node.url}: silent for more than ${patience.silenceMs} ms`);
    const age = (now - unixMsOf(node.tipTime)) / 1000;
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
  const hashes = new Set(nodes.map((node) => node.hashes.get(height)));
  const [hash] = hashes;
  if (hashes.size !== 1 || hash === undefined) return blind(`the nodes disagree on block ${height}`);
  return { kind: 'clear', tip: { height, hash } };
}

/** The least confirmed balance that any node states, or why it cannot be told. */
export async function leastBalance(nodes: readonly NemNode[], address: string): Promise<bigint | string> {
  const answers = await Promise.all(nodes.map((node) => node.account(address)));
  const balances: bigint[] = [];
  for (const answer of answers) {
    if (answer.kind === 'failed') return answer.detail;
    balances.push(answer.value.balance);
  }
  return balances.reduce((least, one) => (one < least ? one : least));
}

/** What became of a transaction of ours. `validUntil` in Unix seconds. Dead: absent, and every block past deadline and margin scanned. */
export function fate(nodes: readonly Followed[], hash: string, validUntil: number, patience: Patience): Fate {
  const heights = nodes.map(({ confirmed }) => confirmed.get(hash));
  const [first] = heights;
  if (first !== undefined && heights.every((height) => height === first))
    return { kind: 'fate', fate: 'confirmed', height: first };
  const anywhere =
    heights.some((height) => height !== undefined) || nodes.some(({ pending }) => pending.has(hash));
  if (anywhere) return { kind: 'fate', fate: 'pending', height: null };
  const scanned = Math.min(...nodes.map(({ tipTime }) => unixMsOf(tipTime) / 1000));
  const dead = scanned > validUntil + patience.deadMarginSeconds;
  return { kind: 'fate', fate: dead ? 'dead' : 'unseen', height: null };
}
