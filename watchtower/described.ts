/** What signed bytes do, as the incident tells it: whatever a thief chose freely is hex. Each chain tells it in its own words. */
import type { BitcoinDescribed } from './chains/bitcoin-describe.ts';
import type { EthereumDescribed } from './chains/ethereum-describe.ts';
import type { NemDescribed } from './chains/nem-describe.ts';

export type Described =
  | NemDescribed
  | BitcoinDescribed
  | EthereumDescribed
  /** Signed, and nobody here can say what it does. */
  | { readonly kind: 'unread'; readonly why: string };
