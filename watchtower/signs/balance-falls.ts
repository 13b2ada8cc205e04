/**
 * A wallet's balance falls by more than all spends and fees explain that any node shows. Only both nodes together can hide a
 * spend, and only where they hide it from all their blocks: whoever sits between us and them. One node alone can neither make
 * this up, since all must state the balance at one block, and what came counts only where all show it; nor is one look enough.
 */
import type { Followed } from '../follow.ts';
import type { Sample } from '../sample.ts';
import type { Flowed } from './flows.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export interface Falls {
  /** A new block's sample: what every node says the wallets hold there. */
  readonly sampled: (sample: Sample, nodes: readonly Followed<unknown>[]) => void;
  readonly found: (at: Signs['balanceFalls']) => readonly Sighting[];
}

interface Watched {
  readonly base: Sample;
  /** How many samples in a row did not explain it, and by how much the newest. */
  readonly looks: number;
  readonly missing: bigint;
  readonly height: number;
}

/** `wallets`: each wallet's name in samples → its address. */
export function openFalls(flows: Flowed, wallets: ReadonlyMap<string, string>): Falls {
  const watched = new Map<string, Watched>();

  return {
    sampled(sample, nodes) {
      for (const [wallet, account] of wallets) {
        const before = watched.get(wallet);
        const stands = before && nodes.every(({ blocks }) => standsAt(blocks, before.base));
        const missing = stands ? missingAt(before.base, sample, wallet, account, nodes) : 0n;
        watched.set(
          wallet,
          before && missing > 0n
            ? { base: before.base, looks: before.looks + 1, missing, height: sample.height }
            : { base: sample, looks: 0, missing: 0n, height: sample.height },
        );
      }
    },
    found: (at) =>
      [...watched].flatMap(([wallet, { base, looks, missing, height }]) =>
        looks < at.blocks
          ? []
          : [
              {
                key: wallet,
                once: `${base.height} ${base.hash}`,
                fields: { wallet, missing, since: base.height, height },
              },
            ],
      ),
  };

  function missingAt(
    base: Sample,
    sample: Sample,
    wallet: string,
    account: string,
    nodes: readonly Followed<unknown>[],
  ): bigint {
    const [had, has] = [base.balances.get(wallet), sample.balances.get(wallet)];
    if (had === undefined || has === undefined || sample.height <= base.height) return 0n;
    const after = { account, height: base.height, upTo: sample.height };
    const left = flows.shownByAny(nodes, after).reduce((sum, one) => sum + one.left, 0n);
    const came = flows.shownByAll(nodes, after).reduce((sum, one) => sum + one.came, 0n);
    return had + came - left - has;
  }
}

function standsAt(blocks: Followed<unknown>['blocks'], { height, hash }: Sample): boolean {
  return blocks.get(height)?.hash === hash;
}
