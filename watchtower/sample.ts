/** Sample: what each wallet holds at one block, by our own eyes: every node says the same, and stands at that block before and after. */
import type { NemNode } from '@kuramori/chains/nem/node';
import type { Wallet } from '@kuramori/core';

export interface Sample {
  readonly height: number;
  readonly hash: string;
  /** Wallet → micro-XEM. */
  readonly balances: ReadonlyMap<string, bigint>;
}

export type Sampled =
  | { readonly kind: 'sample'; readonly sample: Sample }
  /** A block came meanwhile, or a node did not answer: the next round looks again. */
  | { readonly kind: 'passed' }
  /** Of one block two balances: one of the nodes lies. */
  | { readonly kind: 'differ'; readonly why: string };

export async function takeSample(
  nodes: readonly NemNode[],
  wallets: readonly Pick<Wallet, 'id' | 'address'>[],
  tip: { readonly height: number; readonly hash: string },
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
async function allStandAt(
  nodes: readonly NemNode[],
  { height, hash }: { readonly height: number; readonly hash: string },
): Promise<boolean> {
  // NIS numbers blocks from 1 and gives none after 0.
  if (height < 2) return false;
  const answers = await Promise.all(nodes.map((node) => node.blocksAfter(height - 1)));
  return answers.every(
    (answer) => answer.kind === 'read' && answer.value.length === 1 && answer.value[0]?.hash === hash,
  );
}
