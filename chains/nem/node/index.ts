/** Talks to NIS1 nodes. */
export {
  nemNode,
  type AccountState,
  type NemNode,
  type SeenBlock,
  type Served,
  type SeenTransaction,
} from './node.ts';
export { nemReading } from './reading.ts';
export { listenForPushes, type Pushes, type PushState } from './push.ts';
