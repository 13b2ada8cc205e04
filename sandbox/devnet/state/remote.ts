import type { Address } from '@kuramori/chains/nem/codec';
import type { Account } from './state.ts';

/** One end of an importance transfer: who harvests for whom, from which height (RemoteLink). */
export interface RemoteLink {
  readonly end: 'owner' | 'remote';
  readonly other: Address;
  readonly height: number;
  /** 1 activates, 2 deactivates (ImportanceTransferMode). */
  readonly mode: number;
}

/** RemoteStatus */
export type RemoteStatus =
  | 'NOT_SET'
  | `${'OWNER' | 'REMOTE'}_${'ACTIVATING' | 'ACTIVE' | 'DEACTIVATING' | 'INACTIVE'}`;

const rewriteLimit = 360; // a link takes effect once it cannot be rewritten any more
const keptLinks = 2; // RemoteLinks.REMOTE_LINKS_SIZE

/** The links with one more; only the last two are kept. */
export function withLink({ remoteLinks }: Account, link: RemoteLink): readonly RemoteLink[] {
  return [...remoteLinks, link].slice(-keptLinks);
}

export function currentLink({ remoteLinks }: Account): RemoteLink | undefined {
  return remoteLinks.at(-1);
}

/** RemoteLinks.getRemoteStatus */
export function remoteStatus({ remoteLinks }: Account, height: number): RemoteStatus {
  const active = remoteLinks.findLast((link) => link.height <= height);
  if (active === undefined) return 'NOT_SET';
  const isRecent = height - active.height < rewriteLimit;
  const end = active.end === 'owner' ? 'OWNER' : 'REMOTE';
  if (active.mode === 1) return `${end}_${isRecent ? 'ACTIVATING' : 'ACTIVE'}`;
  return `${end}_${isRecent ? 'DEACTIVATING' : 'INACTIVE'}`;
}

/** Whether the account's last link, as owner or as remote, can still be rewritten. */
export function changedRecently(account: Account, height: number): boolean {
  const link = currentLink(account);
  return link !== undefined && height - link.height < rewriteLimit;
}
