/** What NEM's accounts hold at one block: every node says the same, and stands at that block before and after. */
import type { NemNode } from '@kuramori/chains/nem/node';
import type { Named } from '../ours.ts';
import type { Sampled } from '../sample.ts';
import type { At } from '../view.ts';

export async function takeSample(
  nodes: readonly NemNode[],
  wallets: readonly Named[],
  tip: At,
): Promise<Sampled> {
  if (!(await allStandAt(nodes, tip))) return { kind: 'passed' };
  const balances = new Map<string, bigint>();
  const differing: string[] = [];
  for (const { id, address } of wallets) {
    const answers = await Promise.all(nodes.map((node) => node.account(address)));
    const [first] = answers;
    for (const answer of answers) {
      if (answer.kind !== 'read' || first?.kind !== 'read') return { kind: 'passed' };
      balances.set(id, answer.value.balance);
      if (answer.value.balance !== first.value.balance)
        differing.push(
          `${id}: ${nodes[0]?.url} says ${first.value.balance}, another ${answer.value.balance}`,
        );
    }
  }
  if (!(await allStandAt(nodes, tip))) return { kind: 'passed' };
  if (differing.length > 0) return { kind: 'differ', why: differing.join('; ').slice(0, 500) };
  return { kind: 'sample', sample: { ...tip, balances } };
}

/** It is the newest one of each: its hash names everything before it, so between two looks nothing else was executed. */
async function allStandAt(nodes: readonly NemNode[], { height, hash }: At): Promise<boolean> {
  // NIS numbers blocks from 1 and gives none after 0.
  if (height < 2) return false;
  const answers = await Promise.all(nodes.map((node) => node.blocksAfter(height - 1)));
  return answers.every(
    (answer) => answer.kind === 'read' && answer.value.length === 1 && answer.value[0]?.hash === hash,
  );
}
