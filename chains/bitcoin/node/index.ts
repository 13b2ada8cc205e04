// Talks to nodes of Bitcoin's family, and keeps what their blocks do with our wallets.

/** One node, as whoever watches or pays asks it. */
export { bitcoinNode, type BitcoinNode, type RateBounds, type SeenBlock } from './node.ts';
export { authorizationOf, ConfiguredNode } from './configured.ts';
export type { Endpoint } from '../../rpc.ts';
export { wrongChain, type Served } from './genesis.ts';
export type { Announced } from './announce.ts';

/** What is ours, and what a transaction does with it. */
export { openOurs, type Keeping, type OurCoin, type Ours } from './ours.ts';
export type { OurPlace } from './windows.ts';
export type { Origin, SeenTransaction, Taken } from './seen.ts';
export { bitcoinReading } from './reading.ts';

/** The coins of our wallets, and what ends a plan. */
export {
  broughtBy,
  matures,
  openHoldings,
  type At,
  type HeldCoin,
  type Holdings,
  type Plan,
  type Spendable,
  type Took,
} from './holdings.ts';
