/** Arrivals: what a block brings to addresses of ours, as far as balances bear out what is told. What a token claims is not credited by itself. */
import { ETH, type Asset } from '@kuramori/core';
import type { Address } from '../codec/index.ts';
import type { OurPlace } from './ours.ts';
import type { SeenBlock } from './blocks.ts';
import type { Move } from './seen.ts';
import type { Tally } from './tally.ts';

export interface Arrival extends OurPlace {
  readonly asset: Asset;
  readonly units: bigint;
  /** The transaction; null where none shows it: by force, or where the node has no traces. */
  readonly hash: string | null;
  /** Whoever it came from, as it is seen; null where nobody shows. */
  readonly from: Address | null;
}

/** What must not be credited before somebody has looked. */
export interface Doubtful extends OurPlace {
  readonly asset: Asset;
  readonly why: string;
}

export interface Arrivals {
  readonly arrivals: readonly Arrival[];
  readonly doubtful: readonly Doubtful[];
}

/**
 * What a block brings, address by address and asset by asset. Where the balance rose by just what is seen to move, each move has
 * arrived. A token that keeps a part of one payment brings the rest. Coins that no transaction shows have arrived as well, since
 * the state's root proves them: by force, by the consensus layer, or where the node has no traces. All else is doubtful as a whole.
 */
export function arrivalsIn({ transactions, tallies }: Pick<SeenBlock, 'transactions' | 'tallies'>): Arrivals {
  const moves = transactions.flatMap(({ hash, moves: made }) => made.map((move) => ({ ...move, hash })));
  const arrivals: Arrival[] = [];
  const doubtful: Doubtful[] = [];
  for (const tally of tallies) {
    const here = moves.filter(({ address, asset }) => address === tally.address && asset === tally.asset);
    const settled = settle(tally, here);
    if (typeof settled === 'string') doubtful.push({ ...placeIn(tally), asset: tally.asset, why: settled });
    else arrivals.push(...settled);
  }
  return { arrivals, doubtful };
}

const placeIn = ({ wallet, address, salt }: OurPlace): OurPlace => ({ wallet, address, salt });

function settle(
  tally: Tally,
  moves: readonly (Move & { readonly hash: string })[],
): readonly Arrival[] | string {
  const { asset, before, after } = tally;
  const into = moves.filter(({ way }) => way === 'in');
  const told = moves.reduce((sum, { way, units }) => sum + (way === 'in' ? units : -units), 0n);
  const arrived = into.map(({ units, hash, other }): Arrival => ({
    ...placeIn(tally),
    asset,
    units,
    hash,
    from: other,
  }));
  if (before === null || after === null)
    return into.length === 0 ? [] : 'the node does not say what the balance was, or is';
  const rose = after - before;
  if (rose === told) return arrived;
  if (asset === ETH && rose > told)
    return [...arrived, { ...placeIn(tally), asset, units: rose - told, hash: null, from: null }];
  const [only] = arrived;
  if (only && moves.length === 1 && rose > 0n && rose < told) return [{ ...only, units: rose }];
  return `the balance changed by ${rose}, and what is told is ${told}`;
}
