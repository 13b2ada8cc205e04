/**
 * Read elsewhere: whether anybody but this process has read a key file since. A file's time of access is set far back; the
 * kernel brings it forward when the file is read (relatime does, once it is older than the last change), and whoever sets it
 * back again changes ctime. Root can hide what it does, as it can hide everything; malware of the room's own user cannot.
 */
import { readFileSync, statSync, utimesSync } from 'node:fs';
import { basename } from 'node:path';

export interface Read {
  readonly file: string;
  /** When it was noticed, ms of Unix time. */
  readonly at: number;
}

export interface Watched {
  /** The newest reads, the oldest first; looked for at each call. */
  readonly look: () => readonly Read[];
  /** Files whose reading this file system does not tell (noatime, a read-only disk): nobody watches those. */
  readonly unwatched: readonly string[];
}

const most = 16;

interface Mark {
  readonly atimeMs: number;
  readonly ctimeMs: number;
}

export function watchReads(files: readonly string[], now: () => number): Watched {
  const marks = new Map<string, Mark>();
  const unwatched: string[] = [];
  let reads: readonly Read[] = [];

  for (const file of files) {
    try {
      const { atimeMs } = mark(file);
      readFileSync(file).fill(0);
      if (statSync(file).atimeMs === atimeMs) unwatched.push(basename(file));
      else marks.set(file, mark(file));
    } catch {
      unwatched.push(basename(file));
    }
  }

  return {
    unwatched,
    look() {
      for (const [file, known] of marks) {
        const seen = timesOf(file);
        if (seen?.atimeMs === known.atimeMs && seen.ctimeMs === known.ctimeMs) continue;
        reads = [...reads, { file: basename(file), at: now() }].slice(-most);
        try {
          marks.set(file, mark(file));
        } catch {
          // Gone, or no longer ours: that was told, and there is nothing left to watch.
          marks.delete(file);
        }
      }
      return reads;
    },
  };
}

/** A day before its last change: then the next read brings it forward. */
function mark(file: string): Mark {
  const { mtime } = statSync(file);
  utimesSync(file, new Date(mtime.getTime() - 86_400_000), mtime);
  const { atimeMs, ctimeMs } = statSync(file);
  return { atimeMs, ctimeMs };
}

function timesOf(file: string): Mark | null {
  try {
    return statSync(file);
  } catch {
    return null;
  }
}
