/** Arrival: coins that came to an address of ours, one row an output, in words that no chain owns. Each chain's folder reads its own. */
import type { Wallet } from '@kuramori/core';

export type Unnamed =
  | 'to-cold'
  | 'no-message'
  | 'encrypted-message'
  | 'unreadable-message'
  | 'unknown-message'
  | 'unknown-address'
  | 'unknown-asset'
  | 'dust';

export interface Arrival {
  /** <transaction>:<index of the output>: of a transaction that pays several customers each output is one. */
  readonly id: string;
  readonly transaction: string;
  readonly wallet: Wallet;
  /** Who sent it, as the chain names them; '' where it does not say. */
  readonly sender: string;
  readonly asset: string;
  readonly units: bigint;
  /** The message's bytes as hex, and as text where it is one. */
  readonly payload: string;
  readonly message: string | null;
  /** What may tell whose it is, the likeliest first: a memo, or the address itself where each customer has one. */
  readonly marks: readonly string[];
  /** Why it is nobody's, where no mark is a customer's. */
  readonly otherwise: Unnamed;
  readonly height: number;
  /** The block's hash. */
  readonly block: string;
}
