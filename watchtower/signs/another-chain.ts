/** NEM's nodes by the chain that each says it serves: a node of another one is named. */
import type { Served } from '@kuramori/chains/nem/node';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** What each node served first, by its own word: a node that comes back with another chain is not the one it was. */
export interface Chains {
  readonly look: (
    served: ReadonlyMap<string, Served>,
    networkId: number,
    at: Signs['anotherChain'],
  ) => readonly Sighting[];
}

export function openChains(): Chains {
  const first = new Map<string, string>();
  return {
    look(served, networkId, at) {
      for (const [url, { genesis }] of served)
        if (genesis !== null && !first.has(url)) first.set(url, genesis);
      const said = [...served.values()].flatMap(({ genesis }) => genesis ?? []);
      const most = said.find((one) => said.filter((other) => other === one).length * 2 > served.size);
      const differ = new Set(said).size > 1;
      return [...served].flatMap(([url, one]) => {
        const why = flawOf(one, networkId, at.genesis, first.get(url), most, differ);
        if (why === null) return [];
        return [{ key: url, once: why, fields: { node: url, ...one, why } }];
      });
    },
  };
}

function flawOf(
  { networkId, genesis }: Served,
  ours: number,
  pinned: string | null,
  first: string | undefined,
  most: string | undefined,
  differ: boolean,
): string | null {
  if (networkId !== ours) return `its network is ${networkId}, ours is ${ours}`;
  if (genesis === null) return null;
  if (pinned !== null && genesis !== pinned)
    return `its first block is another than the configuration pins, ${pinned}`;
  if (first !== undefined && genesis !== first) return `its first block was ${first}`;
  if (pinned !== null || !differ || genesis === most) return null;
  return most === undefined
    ? 'the nodes have different first blocks'
    : `most nodes have the first block ${most}`;
}
