/**
 * Nodes that lag, stand apart from the others, rewrite their chain, fall silent or serve another one: each is named. What they
 * do to our view is view.ts's: while they do not agree nothing is countersigned, whoever is to blame.
 */
import type { Followed } from '../follow.ts';
import type { Since } from './since.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

type Nodes = readonly Followed<unknown>[];

export function behind(nodes: Nodes, at: Signs['nodeBehind'], since: Since): readonly Sighting[] {
  const highest = Math.max(...nodes.map(({ height }) => height));
  return nodes.flatMap(({ url, height }) => {
    const ms = since.lasts(`behind ${url}`, highest - height > at.blocks);
    if (ms === null || ms <= at.seconds * 1000) return [];
    return [{ key: url, once: '', fields: { node: url, height, highest, seconds: Math.round(ms / 1000) } }];
  });
}

/** At the newest block that all have. With a majority the others are named; without one nobody can say who is right. */
export function apart(nodes: Nodes, at: Signs['nodeApart'], since: Since): readonly Sighting[] {
  const height = Math.min(...nodes.map((node) => node.height));
  const said = new Map<string, string[]>();
  for (const { url, blocks } of nodes) {
    const hash = blocks.get(height)?.hash;
    if (hash !== undefined) said.set(hash, [...(said.get(hash) ?? []), url]);
  }
  const most = [...said.values()].find((urls) => urls.length * 2 > nodes.length);
  const differ = said.size > 1;
  const odd = !differ ? [] : [...said.values()].flatMap((urls) => (urls === most ? [] : urls));
  return nodes.flatMap(({ url, blocks }) => {
    const ms = since.lasts(`apart ${url}`, odd.includes(url));
    if (ms === null || ms <= at.seconds * 1000) return [];
    const fields = { node: url, height, block: blocks.get(height)?.hash, majority: most ?? null };
    return [{ key: url, once: '', fields: { ...fields, seconds: Math.round(ms / 1000) } }];
  });
}

export function silent(nodes: Nodes, at: Signs['nodeSilent'], since: Since): readonly Sighting[] {
  return nodes.flatMap(({ url, error, answeredAt }) => {
    // One that never answers has no newest good answer; one that hangs has no error yet.
    const hangs = answeredAt > -Infinity && performance.now() - answeredAt > at.seconds * 1000;
    const ms = since.lasts(`silent ${url}`, error !== null || hangs);
    if (!hangs && (ms === null || ms <= at.seconds * 1000)) return [];
    return [{ key: url, once: '', fields: { node: url, why: error ?? 'gives no answer' } }];
  });
}

/** Heights and hashes of each node as they were, to tell how deep it has rewritten its chain. */
export interface Rewrites {
  readonly look: (nodes: Nodes, at: Signs['nodeRewrites']) => readonly Sighting[];
}

/** NIS rewrites at most 360. */
const keptHashes = 400;
/** For how long a rewrite is told of, in milliseconds. */
const toldMs = 600_000;

export function openRewrites(): Rewrites {
  const before = new Map<string, Map<number, string>>();
  const found = new Map<string, { readonly at: number; readonly sighting: Sighting }>();

  /** The lowest block that was another one; undefined where none was. */
  function rewrittenFrom(known: Map<number, string>, { blocks }: Followed<unknown>): number | undefined {
    let lowest: number | undefined;
    for (const [height, hash] of [...known].toReversed()) {
      if (blocks.get(height)?.hash === hash) break;
      lowest = height;
    }
    return lowest;
  }

  return {
    look(nodes, at) {
      for (const node of nodes) {
        // While it is still being read what is gone is not what was replaced.
        if (!node.caughtUp) continue;
        const known = before.get(node.url) ?? new Map<number, string>();
        before.set(node.url, known);
        const top = [...known.keys()].at(-1) ?? 0;
        const lowest = rewrittenFrom(known, node);
        const depth = lowest === undefined ? 0 : top - lowest + 1;
        if (depth > at.blocks) {
          const fields = { node: node.url, from: lowest, to: top, blocks: depth };
          found.set(node.url, {
            at: performance.now(),
            sighting: { key: node.url, once: `${lowest}`, fields },
          });
        }
        for (const height of known.keys()) if (height >= (lowest ?? Infinity)) known.delete(height);
        const from = Math.max(lowest ?? top + 1, node.height - keptHashes + 1);
        for (let height = from; height <= node.height; height += 1) {
          const hash = node.blocks.get(height)?.hash;
          if (hash !== undefined) known.set(height, hash);
        }
        for (const height of known.keys()) {
          if (height > node.height - keptHashes) break;
          known.delete(height);
        }
      }
      for (const [url, { at: toldAt }] of found) if (performance.now() - toldAt > toldMs) found.delete(url);
      return [...found.values()].map(({ sighting }) => sighting);
    },
  };
}
