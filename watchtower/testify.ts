/** What a watchtower can honestly say: its view of the chain, agreed between its nodes, or why it has none. */
import type { Trace } from '@kuramori/chains/nem/codec';
import type { NemNode } from '@kuramori/chains/nem/node';
import { sameControl, type Control, type Dead, type Fate } from '@kuramori/core';
import type { Followed } from './follow.ts';

export interface Patience {
  /** A node that has not answered for so long is lost. Milliseconds. */
  readonly silenceMs: number;
  /** A chain whose newest block is older has fallen behind. Seconds. */
  readonly tipAgeSeconds: number;
  /** How long after its deadline an absent transaction is called dead: a rewrite's depth in time. Seconds. */
  readonly deadMarginSeconds: number;
  /** And how many blocks later than it: no block so deep is replaced any more. NIS: blockChainRewriteLimit, 360. */
  readonly rewriteDepth: number;
}

export type View =
  | { readonly kind: 'clear'; readonly tip: { readonly height: number; readonly hash: string } }
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

/** A wallet's account, as the nodes have it now. */
export interface Account {
  /** The least confirmed balance that any of them states. */
  readonly balance: bigint;
  /** Whose keys act for it; null where they do not say the same. */
  readonly control: Control | null;
}

/** What every node says of an account, or why it cannot be told. */
export async function accountAt(nodes: readonly NemNode[], address: string): Promise<Account | string> {
  const answers = await Promise.all(nodes.map((node) => node.account(address)));
  const accounts: Account[] = [];
  for (const answer of answers) {
    if (answer.kind === 'failed') return answer.detail;
    const { balance, threshold, cosigners } = answer.value;
    accounts.push({ balance, control: { threshold, keys: cosigners.toSorted() } });
  }
  return accounts.reduce((one, other) => ({
    balance: one.balance < other.balance ? one.balance : other.balance,
    control: sameControl(one.control, other.control) ? one.control : null,
  }));
}

/** What became of a payment, under whichever of its ids it is there. */
export function fate(nodes: readonly Followed<unknown>[], trace: Trace, patience: Patience): Fate {
  const heights = nodes.map(({ confirmed }) => heightOf(confirmed, trace));
  const [first] = heights;
  if (first !== undefined && heights.every((height) => height === first))
    return { kind: 'fate', fate: 'confirmed', height: first };
  if (!isAbsent(nodes, trace)) return { kind: 'fate', fate: 'pending', height: null };
  const dead = isOver(nodes, trace, patience);
  return { kind: 'fate', fate: dead ? 'dead' : 'unseen', height: null };
}

/**
 * The block that proves a plan dead: the first one after its deadline, where no node has the payment in any wrapping, and
 * deadline and margin are past on the one chain that they agree on. Undefined where it is not proven. The view is clear.
 */
export function deadBy(
  nodes: readonly Followed<unknown>[],
  trace: Trace,
  patience: Patience,
): Dead['proof'] | undefined {
  if (!isAbsent(nodes, trace) || !isOver(nodes, trace, patience)) return undefined;
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
function isOver(nodes: readonly Followed<unknown>[], { validUntil }: Trace, patience: Patience): boolean {
  return nodes.every(({ blocks, height, tipTime }) => {
    const settled = blocks.get(height - patience.rewriteDepth);
    return (
      tipTime > validUntil + patience.deadMarginSeconds && settled !== undefined && settled.time > validUntil
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
