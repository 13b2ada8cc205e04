/** Capacity: how many payments of the wallet may be under way. */
import { paymentsPerBlock } from '@kuramori/chains/nem/codec';
import type { House } from '../house.ts';

/** How many payments of the wallet may be under way: no node must hold more of ours than the next block takes. */
export function capacity({ rules, hot }: Pick<House, 'rules' | 'hot'>): number {
  return rules.pace.inFlight ?? paymentsPerBlock(hot);
}
