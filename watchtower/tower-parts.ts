/** What a watchtower is made of. */
import type { Policy, PolicyChain, SigningKey } from '@kuramori/core';
import type { Where } from '@kuramori/chains/http';
import type { Clock, CodeWatch } from '@kuramori/program';
import type { Archive } from './archive.ts';
import type { BooksPatience } from './books-on-chain.ts';
import type { OpenEye } from './eye.ts';
import type { Freezer } from './frozen.ts';
import type { Incident } from './incident.ts';
import type { PagerToMind } from './mind-pager.ts';
import type { Peer } from './peers.ts';
import type { Release } from './signs/code.ts';
import type { Signs } from './signs/thresholds.ts';

export interface TowerParts {
  /** The newest version, and all. */
  readonly policy: Policy;
  readonly digest: string;
  readonly chain: PolicyChain;
  readonly key: SigningKey;
  readonly clock: Clock;
  /** One on each chain that any version has wallets of. */
  readonly eyes: readonly OpenEye[];
  /** The other watchtowers; none where this is the only one. */
  readonly peers: readonly Peer[];
  /** Signer id → where it listens. */
  readonly signers: ReadonlyMap<string, Where>;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  /** A node that has not answered for so long is lost. Milliseconds. */
  readonly silenceMs: number;
  readonly books: BooksPatience;
  readonly signs: Signs;
  /** What code is ours, by what people pinned. */
  readonly release: Release;
  /** This watchtower's own code. */
  readonly code?: Pick<CodeWatch, 'state'>;
  /** Where this watchtower writes. */
  readonly folder: string;
  /** Off only in a drill that shows what evacuation buys. */
  readonly evacuates: boolean;
  /** Who pages people; null where nobody does. */
  readonly pager: PagerToMind | null;
}
