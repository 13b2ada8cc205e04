/**
 * Flows: what each node's blocks brought to our accounts and took from them, for as long as signs look back. They are read
 * again after a restart, so nothing of it is written down.
 */
import type { WatchedBlock } from '@kuramori/chains/watched';
import type { Followed } from '../follow.ts';

/** What one transaction does to one account, in units of the chain's coin. */
export interface Flow {
  readonly hash: string;
  readonly account: string;
  readonly left: bigint;
  readonly came: bigint;
  /** The account that paid. */
  readonly by: string;
}

export interface Flows<T> extends Flowed {
  readonly saw: (block: WatchedBlock<T>, node: string) => void;
}

export interface Flowed {
  /** What any node shows after a height, or after a moment. */
  readonly shownByAny: (nodes: readonly Followed<unknown>[], after: After) => readonly Flow[];
  /** What every node shows: nobody can make that up alone. */
  readonly shownByAll: (nodes: readonly Followed<unknown>[], after: After) => readonly Flow[];
}

export interface After {
  readonly account?: string;
  readonly height?: number;
  readonly upTo?: number;
  /** Milliseconds of Unix time. */
  readonly moment?: number;
}

/** As long as the longest window of any sign, and some. */
const keptMs = 49 * 3_600_000;

interface Page {
  readonly hash: string;
  readonly at: number;
  readonly flows: readonly Flow[];
}

/** `flowsOf`: what a transaction does to accounts of ours. */
export function openFlows<T>(flowsOf: (seen: T) => readonly Flow[]): Flows<T> {
  /** Node → height → what that block did. Blocks that did nothing to us are not kept. */
  const pages = new Map<string, Map<number, Page>>();

  function of({ url, blocks }: Followed<unknown>, after: After): readonly Flow[] {
    const found: Flow[] = [];
    for (const [height, page] of pages.get(url) ?? []) {
      if (height <= (after.height ?? 0) || height > (after.upTo ?? Infinity)) continue;
      if (page.at <= (after.moment ?? 0)) continue;
      // Of a block that the node has taken back since, nothing counts.
      if (blocks.get(height)?.hash !== page.hash) continue;
      found.push(...page.flows.filter(({ account }) => account === (after.account ?? account)));
    }
    return found;
  }

  const idOf = ({ hash, account }: Flow) => `${hash} ${account}`;

  return {
    saw(block, node) {
      const at = block.time * 1000;
      const flows = block.transactions.flatMap(flowsOf);
      const own = pages.get(node) ?? new Map<number, Page>();
      pages.set(node, own);
      // In the order of heights, also after a rewrite: the oldest is the first one.
      own.delete(block.height);
      if (flows.length > 0) own.set(block.height, { hash: block.hash, at, flows });
      for (const [height, page] of own) {
        if (page.at >= at - keptMs) break;
        own.delete(height);
      }
    },
    shownByAny(nodes, after) {
      const all = new Map<string, Flow>();
      for (const node of nodes) for (const flow of of(node, after)) all.set(idOf(flow), flow);
      return [...all.values()];
    },
    shownByAll(nodes, after) {
      const [first, ...others] = nodes.map((node) => of(node, after));
      const rest = others.map((flows) => new Set(flows.map(idOf)));
      return (first ?? []).filter((flow) => rest.every((ids) => ids.has(idOf(flow))));
    },
  };
}
