/** The watch over the watch itself: its disk, its clock, its pace, and those it works with. */
import type { ChainName } from '@kuramori/core';
import type { Since } from './since.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** `answered`: room → whether it did, this time. */
export function silentRooms(
  answered: ReadonlyMap<string, boolean>,
  at: Signs['roomSilent'],
  since: Since,
): readonly Sighting[] {
  return [...answered].flatMap(([room, did]) => {
    const ms = since.lasts(`room ${room}`, !did);
    if (ms === null || ms <= at.seconds * 1000) return [];
    return [{ key: room, once: '', fields: { room, seconds: Math.round(ms / 1000) } }];
  });
}

/** `free`: bytes; null where that cannot be told. */
export function nearlyFull(
  folder: string,
  free: number | null,
  at: Signs['diskNearlyFull'],
): readonly Sighting[] {
  const megabytes = free === null ? Infinity : Math.floor(free / 1_000_000);
  if (megabytes >= at.megabytes) return [];
  return [{ key: folder, once: '', fields: { folder, freeMegabytes: megabytes } }];
}

/**
 * Our clock against each node's. `apartMs`: node → by how much ours is ahead, at the least that the question's way allows.
 * Where we are apart from all of them it is most likely ours.
 */
export function clocks(
  apartMs: ReadonlyMap<string, number>,
  at: Signs['clockApart'],
  since: Since,
): readonly Sighting[] {
  const off = [...apartMs].filter(([, ms]) => Math.abs(ms) > at.seconds * 1000);
  const ours = off.length > 0 && off.length === apartMs.size;
  return [...apartMs].flatMap(([node, ms]) => {
    // Twice in a row: one answer may have waited somewhere.
    const lasts = since.lasts(
      `clock ${node}`,
      off.some(([url]) => url === node),
    );
    if (lasts === null || lasts === 0) return [];
    const fields = {
      node,
      oursAheadSeconds: Math.round(ms / 1000),
      likely: ours ? 'our clock' : 'the node’s',
    };
    return [{ key: node, once: '', fields }];
  });
}

/** `agoMs`: node → how long ago the newest finished round began. A node that is silent is told as that. */
export function slow(agoMs: ReadonlyMap<string, number>, at: Signs['slowRounds']): readonly Sighting[] {
  return [...agoMs].flatMap(([node, ms]) =>
    ms <= at.seconds * 1000
      ? []
      : [{ key: node, once: '', fields: { node, seconds: Math.round(ms / 1000) } }],
  );
}

/** Of one chain: the others may be seen well. */
export function blindness(
  chain: ChainName,
  why: string | null,
  at: Signs['blind'],
  since: Since,
): readonly Sighting[] {
  const ms = since.lasts(`blind ${chain}`, why !== null);
  if (ms === null || ms <= at.seconds * 1000) return [];
  return [{ key: chain, once: '', fields: { chain, why, seconds: Math.round(ms / 1000) } }];
}
