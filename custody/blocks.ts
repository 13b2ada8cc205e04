/** Blocks that the nodes agree on: what one node says alone is not believed. */
import type { NemNode, SeenBlock } from '@kuramori/chains/nem/node';
import { canonicalText, type Plain } from '@kuramori/core';

export type Agreed =
  | { readonly kind: 'blocks'; readonly blocks: readonly SeenBlock[] }
  | { readonly kind: 'stopped'; readonly why: string };

/** The lowest of the nodes' heights, where two at least answer. */
export async function commonHeight(
  nodes: readonly NemNode[],
): Promise<{ readonly height: number } | { readonly why: string }> {
  const answers = await Promise.all(nodes.map((node) => node.height()));
  const heights = answers.flatMap((answer) => (answer.kind === 'read' ? answer.value : []));
  if (heights.length < 2) return { why: failures(answers) };
  return { height: Math.min(...heights) };
}

/** The next blocks after a height, as far as every node that answers gives the same ones, and two at least do. */
export async function agreedBlocks(nodes: readonly NemNode[], after: number): Promise<Agreed> {
  const answers = await Promise.all(
    nodes.map(async (node) => ({ node, answer: await node.blocksAfter(after) })),
  );
  const given = answers.flatMap(({ node, answer }) =>
    answer.kind === 'read' ? { node, blocks: answer.value } : [],
  );
  const [first, ...others] = given;
  if (first === undefined || others.length === 0)
    return { kind: 'stopped', why: failures(answers.map(({ answer }) => answer)) };
  const common = Math.min(...given.map(({ blocks }) => blocks.length));
  const blocks = first.blocks.slice(0, common);
  for (const [index, block] of blocks.entries()) {
    if (block.height !== after + 1 + index) {
      return {
        kind: 'stopped',
        why: `${first.node.url}: gave block ${block.height} where ${after + 1 + index} was asked for`,
      };
    }
    const other = others.find((one) => essence(one.blocks[index]) !== essence(block));
    if (other) {
      return {
        kind: 'stopped',
        why: `${first.node.url} and ${other.node.url} disagree on block ${block.height}: nothing is booked until they agree`,
      };
    }
  }
  return { kind: 'blocks', blocks };
}

/** Everything of a block that is booked, so that two nodes with one hash and two contents do not agree. */
function essence(block: SeenBlock | undefined): string {
  if (!block) return '';
  const { height, hash, previous, timeStamp, transactions, unread } = block;
  const seen = transactions.map((one): Plain => [
    one.hash,
    // In whatever order a node keeps them.
    one.cosignatures.map(({ transaction }) => canonicalText({ ...transaction })).sort(),
  ]);
  const unreadable = unread.map((one): Plain => [one.hash, one.signer]);
  return canonicalText([height, hash, previous, timeStamp, seen, unreadable]);
}

type Answer = { readonly kind: 'read' } | { readonly kind: 'failed'; readonly detail: string };

function failures(answers: readonly Answer[]): string {
  return `two nodes must answer: ${answers.flatMap((answer) => (answer.kind === 'failed' ? answer.detail : [])).join('; ')}`;
}
