/** Blocks that a majority of the nodes agree on: what one node says alone is not believed, and who says it is named. */
import type { WatchedBlock, WatchedNode } from '@kuramori/chains/watched';
import { canonicalText, type Plain } from '@kuramori/core';
import type { Chain } from '../chains/chain.ts';
import type { Heard, Panel } from './panel.ts';

type Node = WatchedNode<unknown>;
type Block = WatchedBlock<unknown>;

/** A node that did not say what the others said. */
export interface Complaint {
  readonly node: string;
  /** It said something else than a majority; a silent or slow one did not. */
  readonly lies: boolean;
  readonly why: string;
}

interface Believed {
  readonly complaints: readonly Complaint[];
}

export type Agreed =
  | (Believed & { readonly kind: 'blocks'; readonly blocks: readonly Block[] })
  | (Believed & { readonly kind: 'stopped'; readonly why: string });

export type Tip =
  | (Believed & { readonly kind: 'tip'; readonly height: number })
  | (Believed & { readonly kind: 'stopped'; readonly why: string });

/** How many blocks behind a node may be while a block travels. */
const travelling = 10;

/** The greatest height that a majority has reached: neither one that lags nor one that boasts moves it. */
export async function commonHeight(panel: Panel): Promise<Tip> {
  const heard = await panel.ask((node) => node.height());
  const complaints = failuresOf(heard);
  const heights = heard
    .flatMap(({ answer }) => (answer.kind === 'read' ? answer.value : []))
    .sort((one, other) => other - one);
  const height = heights[panel.majority - 1];
  if (height === undefined) return { kind: 'stopped', why: tooFew(panel, complaints), complaints };
  for (const { node, answer } of heard) {
    if (answer.kind === 'read' && answer.value < height - travelling)
      complaints.push({
        node: node.url,
        lies: false,
        why: `is at block ${answer.value}, the others are at ${height}`,
      });
  }
  return { kind: 'tip', height, complaints };
}

/**
 * The next blocks after a height, as far as a majority of all nodes gives the same ones. Above `until` nothing is compared:
 * nodes that have different newest blocks for a while are honest.
 */
export async function agreedBlocks(
  { essence }: Pick<Chain, 'essence'>,
  panel: Panel,
  after: number,
  until = Number.POSITIVE_INFINITY,
): Promise<Agreed> {
  const heard = await panel.ask((node) => node.blocksAfter(after));
  const complaints = failuresOf(heard);
  let given = heard.flatMap(({ node, answer }) =>
    answer.kind === 'read' ? { node, blocks: answer.value.slice(0, until - after) } : [],
  );
  if (given.length < panel.majority) return { kind: 'stopped', why: tooFew(panel, complaints), complaints };
  const blocks: Block[] = [];
  for (;;) {
    const height = after + 1 + blocks.length;
    const { votes, odd } = count(essence, given, blocks.length, height);
    for (const one of odd) complaints.push(one);
    const voters = given.filter(({ blocks: theirs }) => theirs[blocks.length] !== undefined);
    const won = votes.find(({ by }) => by.length >= panel.majority);
    if (!won) {
      // Some have no block there yet; where those who have one differ, nothing is booked until they agree.
      const differ = votes.length > 1 || (odd.length > 0 && voters.length >= panel.majority);
      if (blocks.length > 0 || !differ) return { kind: 'blocks', blocks, complaints };
      return { kind: 'stopped', why: disagreement(votes, odd, height), complaints };
    }
    const [previous] = blocks.slice(-1);
    if (previous && won.block.previous !== previous.hash) {
      const why = `${won.by.map(({ url }) => url).join(' and ')}: block ${height} does not follow block ${height - 1}`;
      return { kind: 'stopped', why, complaints };
    }
    for (const { by } of votes) {
      if (by === won.by) continue;
      const why = `says something else about block ${height} than ${won.by.length} others: it lies, or follows another chain`;
      for (const { url } of by) complaints.push({ node: url, lies: true, why });
    }
    blocks.push(won.block);
    given = given.filter(({ node }) => won.by.includes(node));
  }
}

interface Vote {
  readonly block: Block;
  readonly by: Node[];
}

/** Who says what about one block; those who gave another height than was asked for say nothing. */
function count(
  essence: Chain['essence'],
  given: readonly { readonly node: Node; readonly blocks: readonly Block[] }[],
  index: number,
  height: number,
): { readonly votes: readonly Vote[]; readonly odd: readonly Complaint[] } {
  const votes = new Map<string, Vote>();
  const odd: Complaint[] = [];
  for (const { node, blocks } of given) {
    const block = blocks[index];
    if (!block) continue;
    if (block.height !== height) {
      odd.push({
        node: node.url,
        lies: true,
        why: `gave block ${block.height} where ${height} was asked for`,
      });
      continue;
    }
    const said = essenceOf(block, essence);
    const vote = votes.get(said);
    if (vote) vote.by.push(node);
    else votes.set(said, { block, by: [node] });
  }
  return { votes: [...votes.values()], odd };
}

function disagreement(votes: readonly Vote[], odd: readonly Complaint[], height: number): string {
  if (votes.length < 2) return odd.map(({ node, why }) => `${node}: ${why}`).join('; ');
  const sides = votes.map(({ by }) => by.map(({ url }) => url).join(' and '));
  return `${sides.join(' and ')} disagree on block ${height}: nothing is booked until they agree`;
}

/** Everything of a block that is booked, so that two nodes with one hash and two contents do not agree. */
function essenceOf(
  { height, hash, previous, time, transactions, unread }: Block,
  essence: Chain['essence'],
): string {
  const unreadable = unread.map((one): Plain => [one.hash, one.signer]);
  return canonicalText([height, hash, previous, time, transactions.map(essence), unreadable]);
}

function failuresOf(heard: readonly Heard<unknown>[]): Complaint[] {
  return heard.flatMap(({ node, answer }) =>
    answer.kind === 'failed' ? { node: node.url, lies: false, why: answer.detail } : [],
  );
}

function tooFew({ majority }: Panel, complaints: readonly Complaint[]): string {
  const number = majority === 2 ? 'two' : String(majority);
  return `${number} nodes must answer: ${complaints.map(({ why }) => why).join('; ')}`;
}
