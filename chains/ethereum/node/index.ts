// Talks to nodes of EVM chains, and keeps what their blocks do with our Safes and their customers' addresses.

/** One node, as whoever watches or pays asks it. */
export { ethereumNode, type ChainAccount, type EthereumNode, type Named, type Which } from './node.ts';
export type { At, Found, Tried } from './asks.ts';
export type { SeenBlock } from './blocks.ts';
export { wrongChain, type Served } from './genesis.ts';
export type { Announced } from './announce.ts';
export type { FeeBounds, Fees } from './fees.ts';

/** What is ours, and what a transaction does with it. */
export { openOurs, type OurPlace, type Ours, type OurToken } from './ours.ts';
export type { Move, SeenChange, SeenTransaction } from './seen.ts';
export type { Outcome, SeenExecution } from './executed.ts';
export { ethereumReading } from './reading.ts';

/** What a Safe is, by its storage; and whether it is as it was made. */
export { changedParts, controlAt, partsOf, SafeParts, type SafeAt } from './safe-at.ts';

/** What has come, and what ends a plan. */
export { arrivalsIn, type Arrival, type Arrivals, type Doubtful } from './arrivals.ts';
export type { Tally } from './tally.ts';
export {
  openHoldings,
  type Dated,
  type Drift,
  type Fate,
  type Holdings,
  type Repeated,
  type Took,
} from './holdings.ts';
