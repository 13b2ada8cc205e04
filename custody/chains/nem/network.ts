import type { NemNetwork } from '@kuramori/chains/nem/codec';
import type { Branch } from '../../branch.ts';

/** A devnet has testnet's addresses. */
export function networkOf({ policy }: Pick<Branch, 'policy'>): NemNetwork {
  return policy.network === 'mainnet' ? 'mainnet' : 'testnet';
}
