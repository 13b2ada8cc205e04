/** Events: what a Safe (1.5.0, SafeL2) and an ERC-20 token tell. The receipts' root binds them to the block. */
import { addressIn, announcedTopic, numberOf, readAnnounced, type Announced } from '../codec/index.ts';
import type { Log } from './reply.ts';
import { keccak } from './trie.ts';

export type ChangeKind =
  | 'setup'
  | 'added-owner'
  | 'removed-owner'
  | 'threshold'
  | 'guard'
  | 'module-guard'
  | 'enabled-module'
  | 'disabled-module'
  | 'fallback-handler'
  | 'module-acted'
  | 'approved-hash'
  | 'signed-message'
  | 'unknown';

/** What a Safe tells of its own affairs. */
export interface Change {
  readonly kind: ChangeKind;
  /** An address in its one form, or the hex that stands there. */
  readonly value: string;
}

export type SafeEvent =
  | { readonly kind: 'execution'; readonly announced: Announced }
  | { readonly kind: 'outcome'; readonly hash: string; readonly done: boolean }
  | { readonly kind: 'received' }
  | { readonly kind: 'change'; readonly change: Change };

const topicOf = (signature: string): string => keccak(new TextEncoder().encode(signature));
const success = topicOf('ExecutionSuccess(bytes32,uint256)');
const failure = topicOf('ExecutionFailure(bytes32,uint256)');
const received = topicOf('SafeReceived(address,uint256)');
const transfer = topicOf('Transfer(address,address,uint256)');

const changes: ReadonlyMap<string, ChangeKind> = new Map(
  (
    [
      ['SafeSetup(address,address[],uint256,address,address)', 'setup'],
      ['AddedOwner(address)', 'added-owner'],
      ['RemovedOwner(address)', 'removed-owner'],
      ['ChangedThreshold(uint256)', 'threshold'],
      ['ChangedGuard(address)', 'guard'],
      ['ChangedModuleGuard(address)', 'module-guard'],
      ['EnabledModule(address)', 'enabled-module'],
      ['DisabledModule(address)', 'disabled-module'],
      ['ChangedFallbackHandler(address)', 'fallback-handler'],
      ['ExecutionFromModuleSuccess(address)', 'module-acted'],
      ['ExecutionFromModuleFailure(address)', 'module-acted'],
      ['SafeModuleTransaction(address,address,uint256,bytes,uint8)', 'module-acted'],
      ['ApproveHash(bytes32,address)', 'approved-hash'],
      ['SignMsg(bytes32)', 'signed-message'],
    ] as const
  ).map(([signature, kind]) => [topicOf(signature), kind]),
);

/** What a Safe's event says. What no Safe of this version tells is a change that is unknown: its code may be another's by now. */
export function readSafeEvent({ topics, data }: Log): SafeEvent {
  const [topic = '', first] = topics;
  if (topic === announcedTopic) {
    const announced = readAnnounced(data);
    if (announced) return { kind: 'execution', announced };
  }
  if ((topic === success || topic === failure) && first !== undefined)
    return { kind: 'outcome', hash: first, done: topic === success };
  if (topic === received) return { kind: 'received' };
  const word = first ?? data.slice(0, 64);
  return {
    kind: 'change',
    change: { kind: changes.get(topic) ?? 'unknown', value: addressIn(word) ?? word },
  };
}

export interface Transfer {
  /** 40 digits without 0x. */
  readonly from: string;
  readonly to: string;
  readonly units: bigint;
}

/** EIP-20's Transfer; undefined where a log is none, ERC-721's of the same name among them. */
export function readTransfer({ topics, data }: Log): Transfer | undefined {
  const [topic, from = '', to = ''] = topics;
  if (topic !== transfer || topics.length !== 3 || data.length !== 64) return undefined;
  if (!/^0{24}/.test(from) || !/^0{24}/.test(to)) return undefined;
  return { from: from.slice(24), to: to.slice(24), units: numberOf(data) };
}
