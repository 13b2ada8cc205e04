/** Signs of one chain: what its blocks and its nodes show, whatever the chain. What it alone can show stands beside its eye. */
import type { ChainName } from '@kuramori/core';
import type { WatchedBlock } from '@kuramori/chains/watched';
import type { Looks } from '../looks.ts';
import type { Sample } from '../sample.ts';
import { openFlows, type Flow, type Flowed } from './flows.ts';
import { apart, behind, openRewrites, silent } from './nodes.ts';
import { blindness, slow } from './own.ts';
import type { Sighting } from './sighting.ts';
import { openSince, type Since } from './since.ts';
import type { SignId, Signs } from './thresholds.ts';

/** What looking for some signs has found; what it does not name is as it was. */
export type Found = { readonly [Id in SignId]?: readonly Sighting[] };

export interface ChainSigns {
  /** A new block's sample. */
  readonly sampled: (sample: Sample) => void;
  /** What has left an account since a moment (ms of Unix time), by whatever any node's blocks show. */
  readonly leftSince: (account: string, moment: number) => bigint;
  /** Looks at all that is known already; asks nobody. */
  readonly look: () => Found;
  /** Asks the nodes; `seldom`: what is asked once a minute, too. */
  readonly ask: (seldom: boolean) => Promise<Found>;
}

export interface ChainSignsParts<T> {
  readonly chain: ChainName;
  readonly looks: () => Pick<Looks<T>, 'followed' | 'see' | 'roundsBegan'>;
  readonly signs: Signs;
  /** What a transaction does to accounts of ours. */
  readonly flowsOf: (seen: T) => readonly Flow[];
  /** What this chain alone can show. */
  readonly own: (flows: Flowed, since: Since) => Partial<ChainSigns> & { readonly look: ChainSigns['look'] };
}

export function openChainSigns<T>(
  parts: ChainSignsParts<T>,
): ChainSigns & { readonly saw: (block: WatchedBlock<T>, node: string) => void } {
  const { chain, looks, signs } = parts;
  const flows = openFlows(parts.flowsOf);
  const rewrites = openRewrites();
  const since = openSince();
  const own = parts.own(flows, since);
  return {
    saw: flows.saw,
    sampled: (sample) => own.sampled?.(sample),
    leftSince: (account, moment) =>
      flows.shownByAny(looks().followed(), { account, moment }).reduce((sum, one) => sum + one.left, 0n),
    look() {
      const { followed, see, roundsBegan } = looks();
      const states = followed();
      const seen = see();
      const began = roundsBegan();
      const ago = states.flatMap(({ url, error, caughtUp }, index) => {
        const at = began[index] ?? 0;
        return error === null && caughtUp && at > 0 ? [[url, Date.now() - at] as const] : [];
      });
      return {
        nodeBehind: behind(states, signs.nodeBehind, since),
        nodeApart: apart(states, signs.nodeApart, since),
        nodeSilent: silent(states, signs.nodeSilent, since),
        nodeRewrites: rewrites.look(states, signs.nodeRewrites),
        blind: blindness(chain, seen.kind === 'blind' ? seen.why : null, signs.blind, since),
        slowRounds: slow(new Map(ago), signs.slowRounds),
        ...own.look(),
      };
    },
    ask: async (seldom) => (await own.ask?.(seldom)) ?? {},
  };
}
