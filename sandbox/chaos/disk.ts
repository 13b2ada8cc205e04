/**
 * A disk that can be full. Where this machine lets us mount one, a small file system of its own, filled by a ballast file:
 * writes then end in ENOSPC, and in between in short ones, as on any full disk. Elsewhere a limit on the size of files, set
 * on the running process: every write that would make a file grow fails, and only the code (EFBIG) is another.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, sep } from 'node:path';

export interface Disk {
  readonly how: 'mounted' | 'limited';
  /** Until then whatever is written fails. Returns whether there was anything to fill. */
  readonly fill: () => boolean;
  readonly free: () => void;
}

export interface MountedDisk extends Disk, Disposable {
  readonly how: 'mounted';
}

/** Mounts a file system of so many bytes on the folder, which must be empty; null where this machine does not let us. */
export function mountDisk(folder: string, bytes: number, source: string): MountedDisk | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const options = `size=${bytes},mode=700`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, source, folder], quietly).status !== 0) return null;
  const ballast = join(folder, '.ballast');
  const free = () => rmSync(ballast, { force: true });
  return {
    how: 'mounted',
    fill: () => (writeUntilFull(ballast), true),
    free,
    [Symbol.dispose]: () => unmount(folder),
  };
}

/** By a limit on the processes' files; null where there is no prlimit. Whoever is started anew has no limit. */
export function limitDisk(pids: () => readonly number[]): Disk | null {
  if (spawnSync('prlimit', ['--version'], quietly).status !== 0) return null;
  const set = (limit: string) => pids().filter((pid) => setLimit(pid, limit)).length > 0;
  return { how: 'limited', fill: () => set('0'), free: () => void set('unlimited') };
}

/** Only the soft limit, so that whoever is not root can lift it again; as the process's own user, whose right it is. */
function setLimit(pid: number, limit: string): boolean {
  // It may be gone, or go just now.
  const owner = statSync(`/proc/${pid}`, { throwIfNoEntry: false });
  if (owner === undefined) return false;
  const { uid, gid } = owner;
  const asIts = { ...quietly, uid, gid };
  return spawnSync('prlimit', ['--pid', String(pid), `--fsize=${limit}:`], asIts).status === 0;
}

const quietly = { stdio: 'ignore' } as const;

function writeUntilFull(file: string): void {
  const descriptor = openSync(file, 'w', 0o600);
  try {
    // The last gaps are smaller than what went in before.
    for (const size of [1 << 20, 1 << 12, 1]) {
      const zeros = Buffer.alloc(size);
      try {
        for (;;) writeSync(descriptor, zeros);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Lazily: whoever still has a file open there keeps it until they close it. */
function unmount(folder: string): void {
  spawnSync('umount', ['--lazy', folder], quietly);
}

/** The name by which the disks of a house are known again after its end. */
export function sourceOf(house: string): string {
  return `kuramori-${createHash('sha256').update(house).digest('hex').slice(0, 16)}`;
}

/** Takes away what a killed run has left mounted. */
export function unmountLeftovers(house: string): void {
  if (!existsSync('/proc/self/mounts')) return;
  const source = sourceOf(house);
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [from, folder = ''] = line.split(' ');
    if (from === source && folder.startsWith(sep)) unmount(folder.replaceAll(String.raw`\040`, ' '));
  }
}

/** A process and all that it has started; of those that are gone nothing is left to list. */
export function family(pid: number): readonly number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return [pid];
  }
  return [pid, ...children.trim().split(' ').filter(Boolean).map(Number).flatMap(family)];
}
