/** An account of NEM, as every node has it. */
import type { NemNode } from '@kuramori/chains/nem/node';
import { sameControl, type Control } from '@kuramori/core';

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
