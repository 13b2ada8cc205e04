/** The disk of each process of a house, all mounted before it is built; or, where none can be mounted, limits on their files. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { House, Restartable } from '../house/house.ts';
import { clusterFolder } from '../postgres/server.ts';
import { family, limitDisk, mountDisk, sourceOf, type Disk, type MountedDisk } from './disk.ts';

export interface Disks extends Disposable {
  /** How they are made full, in words for the table. */
  readonly how: string;
  /** Undefined where this machine has no way to make it full. */
  readonly of: (house: House, name: Restartable) => Promise<Disk | undefined>;
}

/** Bytes. A tmpfs takes what is written and no more; Postgres is told to keep its log small. */
const [small, postgresSize] = [64 << 20, 320 << 20];

/** Of those whose disk may be filled, Postgres among them, each gets one of its own. */
export function openDisks(folder: string, all: readonly Restartable[]): Disks {
  const mounted = new Map<string, MountedDisk>();
  const places = [
    ...all.flatMap((name) => (name === 'postgres' ? [] : [[name, join(folder, name), small] as const])),
    ['postgres', clusterFolder(join(folder, 'postgres')), postgresSize] as const,
  ];
  const takeAway = () => {
    for (const disk of mounted.values()) disk[Symbol.dispose]();
    mounted.clear();
    // Where the cluster had to be outside the house, nothing of it stays.
    for (const [, place] of places)
      if (!place.startsWith(folder)) rmSync(dirname(place), { recursive: true, force: true });
  };
  for (const [name, place, bytes] of places) {
    const disk = mountDisk(place, bytes, sourceOf(folder));
    if (disk === null) {
      takeAway();
      break;
    }
    mounted.set(name, disk);
  }
  if (mounted.size > 0)
    return {
      how: 'small file systems, really full',
      of: (_house, name) => Promise.resolve(mounted.get(name)),
      [Symbol.dispose]: takeAway,
    };
  const possible = limitDisk(() => []) !== null;
  return {
    how: possible
      ? 'limits on file sizes, since no file system may be mounted here'
      : 'not at all: this machine lets us mount nothing, and has no prlimit',
    of: async (house, name) => {
      const pid = name === 'postgres' ? (await house.postgres())?.pid : house.running.get(name)?.pid;
      return possible && pid !== undefined ? (limitDisk(() => family(pid)) ?? undefined) : undefined;
    },
    [Symbol.dispose]: takeAway,
  };
}
