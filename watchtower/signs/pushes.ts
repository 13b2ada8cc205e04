/** Nodes that should push and do not: a subscription that has died looks like an account at rest, but blocks go on. */
import type { PushState } from '@kuramori/chains/nem/node';
import type { Followed } from '../follow.ts';
import type { Since } from './since.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export interface PushSilence {
  readonly look: (
    nodes: readonly Followed<unknown>[],
    pushed: readonly (PushState & { readonly node: string })[],
    at: Signs['pushSilent'],
    since: Since,
  ) => readonly Sighting[];
}

export function openPushSilence(): PushSilence {
  /** Node → its pushes so far, and its height when there was the newest. */
  const newest = new Map<string, { readonly pushes: number; readonly height: number }>();

  /** Blocks of a node since its newest push. While it is read up to its tip they are old ones, which nobody pushes. */
  function blocksSince({ url, height, caughtUp }: Followed<unknown>, pushes: number): number {
    const known = newest.get(url);
    if (caughtUp && known?.pushes === pushes && height >= known.height) return height - known.height;
    if (caughtUp) newest.set(url, { pushes, height });
    else newest.delete(url);
    return 0;
  }

  return {
    look: (nodes, pushed, at, since) =>
      pushed.flatMap(({ node, connected, pushes, why }) => {
        const followed = nodes.find(({ url }) => url === node);
        const blocks = followed ? blocksSince(followed, pushes) : 0;
        const away = since.lasts(`not connected ${node}`, !connected);
        // Twice in a row: a push may be on its way.
        const silent = since.lasts(`pushes nothing ${node}`, blocks >= at.blocks);
        const isAway = away !== null && away > at.seconds * 1000;
        if (!isAway && (silent === null || silent === 0)) return [];
        return [{ key: node, once: '', fields: { node, connected, why, blocks } }];
      }),
  };
}
