/** Capacity: how many payments of the wallet may be under way. */
import type { Branch } from '../branch.ts';

/** How many payments of the wallet may be under way: no node must hold more of ours than the next block takes. */
export function capacity({ rules, chain }: Pick<Branch, 'rules' | 'chain'>): number {
  return rules.pace.inFlight ?? chain.pace.perBlock;
}
