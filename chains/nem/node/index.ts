/** Talks to NIS1 nodes. */
export {
  nemNode,
  type AccountState,
  type NemNode,
  type Read,
  type SeenBlock,
  type Served,
  type SeenTransaction,
  type Unread,
} from './node.ts';
export { listenForPushes, type Pushes, type PushState } from './push.ts';
