/** What became of a plan of NEM, where a deadline ends what is in no block. */
import type { Trace } from '@kuramori/chains/nem/codec';
import type { Dead, Fate } from '@kuramori/core';
import type { Followed } from '../follow.ts';

export interface Deadline {
  /** How long after its deadline an absent transaction is called dead: a rewrite's depth in time. Seconds. */
  readonly deadMarginSeconds: number;
  /** And how many blocks later than it: no block so deep is replaced any more. NIS: blockChainRewriteLimit, 360. */
  readonly rewriteDepth: number;
}

/** What became of a payment, under whichever of its ids it is there. */
export function fate(nodes: readonly Followed<unknown>[], trace: Trace, margin: Deadline): Fate {
  const heights = nodes.map(({ confirmed }) => heightOf(confirmed, trace));
  const [first] = heights;
  if (first !== undefined && heights.every((height) => height === first))
    return { kind: 'fate', fate: 'confirmed', height: first };
  if (!isAbsent(nodes, trace)) return { kind: 'fate', fate: 'pending', height: null };
  const dead = isOver(nodes, trace, margin);
  return { kind: 'fate', fate: dead ? 'dead' : 'unseen', height: null };
}

/**
 * The block that proves a plan dead: the first one after its deadline, where no node has the payment in any wrapping, and
 * deadline and margin are past on the one chain that they agree on. Undefined where it is not proven. The view is clear.
 */
export function deadBy(
  nodes: readonly Followed<unknown>[],
  trace: Trace,
  margin: Deadline,
): Dead['proof'] | undefined {
  if (!isAbsent(nodes, trace) || !isOver(nodes, trace, margin)) return undefined;
  const proofs = nodes.map(({ blocks, height }) => firstAfter(blocks, height, trace.validUntil));
  const [first] = proofs;
  const same = proofs.every((proof) => proof?.height === first?.height && proof?.hash === first?.hash);
  return same ? first : undefined;
}

function heightOf(confirmed: ReadonlyMap<string, number>, { ids }: Trace): number | undefined {
  return ids.map((id) => confirmed.get(id)).find((height) => height !== undefined);
}

function isAbsent(nodes: readonly Followed<unknown>[], trace: Trace): boolean {
  return nodes.every(
    ({ confirmed, pendingIds }) =>
      heightOf(confirmed, trace) === undefined &&
      // In a stranger's wrapper it waits under that one's hash.
      !trace.ids.some((id) => pendingIds.has(id)),
  );
}

/** Every block is read past the deadline, by a time and by a depth that no rewrite reaches back over. */
function isOver(nodes: readonly Followed<unknown>[], { validUntil }: Trace, margin: Deadline): boolean {
  return nodes.every(({ blocks, height, tipTime }) => {
    const settled = blocks.get(height - margin.rewriteDepth);
    return (
      tipTime > validUntil + margin.deadMarginSeconds && settled !== undefined && settled.time > validUntil
    );
  });
}

/** Block times only grow, so the first later than a time is found by halving; undefined where it is no longer kept. */
function firstAfter(
  blocks: Followed<unknown>['blocks'],
  tip: number,
  time: number,
): Dead['proof'] | undefined {
  const [oldest] = blocks.keys();
  if (oldest === undefined) return undefined;
  let [low, high] = [oldest, tip];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((blocks.get(middle)?.time ?? 0) > time) high = middle;
    else low = middle + 1;
  }
  // The oldest kept one may have earlier ones before it that were later than the time, too.
  const found = blocks.get(low);
  return low === oldest || found === undefined ? undefined : { height: low, hash: found.hash };
}
