/** Sample: what each wallet of a chain holds at one block, by our own eyes: every node says the same. */
import type { Asset } from '@kuramori/core';
import type { At } from './view.ts';

export interface Sample extends At {
  /** Wallet → units of the chain's coin. */
  readonly balances: ReadonlyMap<string, bigint>;
  /** The same of each token that the policy lists, where the chain has any; one that does not tell is not there. */
  readonly tokens?: ReadonlyMap<Asset, ReadonlyMap<string, bigint>>;
}

export type Sampled =
  | { readonly kind: 'sample'; readonly sample: Sample }
  /** A block came meanwhile, or a node did not answer: the next round looks again. */
  | { readonly kind: 'passed' }
  /** Of one block two balances: one of the nodes lies. */
  | { readonly kind: 'differ'; readonly why: string };
