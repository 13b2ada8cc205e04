/**
 * Files that survive a power cut. Opened O_SYNC, so that a write returns only once it is on the disk: Node's permission
 * model denies fsync (docs/decisions/0003).
 */
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  promises,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { jsonText } from './json.ts';
import { log } from './log.ts';
import { Misconfigured, reasonOf } from './config.ts';
import { reach } from './die-at.ts';

/** A file of one JSON value a line that only ever grows. */
export interface LineFile extends Disposable {
  /** The whole lines that it held when it was opened. */
  readonly lines: readonly string[];
  /** Bytes of a torn last line that were cut off when it was opened. */
  readonly cut: number;
  /** Adds lines; returns when all are on the disk. Throws where the disk does not take them, and ever after. */
  readonly append: (...values: readonly unknown[]) => void;
  /**
   * What is added while `work` runs goes to the disk in one write at its end, before anything is returned. Throws where the
   * disk does not take it: then nothing of `work` may be answered for, and the process must end.
   */
  readonly gather: <T>(work: () => T) => T;
}

/**
 * Opens or makes the file, mode 0600. A torn last line was never answered for: it is cut off, and logged. Throws Misconfigured
 * where it is a link: somebody else may have put it there, and what they have would be cut, and grow.
 */
export function openLines(file: string): LineFile {
  const descriptor = openOr(file, growing | constants.O_SYNC);
  // In bytes: a tear can go through the middle of a character.
  const bytes = readFileSync(descriptor);
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
  if (whole.length < bytes.length) {
    log('a torn last line is cut off', { file, bytes: bytes.length - whole.length });
    ftruncateSync(descriptor, whole.length);
  }
  let failed = false;
  let gathered: string[] | null = null;

  /** After a failed write nobody knows what the disk holds, so this process writes nothing more. */
  function mustHaveWritten(): void {
    if (failed)
      throw new Misconfigured(`${file}: an earlier write failed: see to the disk and restart this process`);
  }

  function put(text: string): void {
    mustHaveWritten();
    failed = true;
    try {
      writeAll(descriptor, text);
    } catch (cause) {
      throw unwritten(file, cause);
    }
    failed = false;
  }

  return {
    lines: whole.toString('utf8').split('\n').slice(0, -1),
    cut: bytes.length - whole.length,
    append(...values) {
      const lines = values.map((value) => `${jsonText(value)}\n`);
      if (gathered) gathered.push(...lines);
      else if (lines.length > 0) put(lines.join(''));
    },
    gather(work) {
      if (gathered) return work();
      // What the memory holds since then is on no disk, and must not be answered for either.
      mustHaveWritten();
      gathered = [];
      // Also where `work` throws: what it had taken before is in memory, and must be on the disk too.
      try {
        return work();
      } finally {
        const lines = gathered;
        gathered = null;
        if (lines.length > 0) put(lines.join(''));
      }
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/**
 * Adds text to a file, mode 0600, and does not wait for the disk. All of it or nothing: of what a full disk took in part nothing
 * stays, or the next would be glued to half a line. Throws as openLines where it is a link.
 */
export function addText(file: string, text: string): void {
  const descriptor = openOr(file, growing);
  const { size } = fstatSync(descriptor);
  try {
    appendFileSync(descriptor, text);
  } catch (cause) {
    ftruncateSync(descriptor, size);
    throw cause;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a new file, mode 0600: after a crash it is there whole or not at all. Never replaces one: it could be the only copy of a key. */
export function writeNew(file: string, text: string | Uint8Array): void {
  const taken = (cause?: unknown) =>
    new Misconfigured(`${file}: is there already, and is never overwritten`, { cause });
  if (existsSync(file)) throw taken();
  const next = `${file}.next`;
  removeHalf(next);
  try {
    write(next, text, file);
    linkOrMove(next, file);
  } catch (cause) {
    if (cause instanceof Misconfigured) throw cause;
    throw (cause as NodeJS.ErrnoException).code === 'EEXIST' ? taken(cause) : unwritten(file, cause);
  } finally {
    rmSync(next, { force: true });
  }
}

/** Unlike a rename, a link never takes the place of another file, however late that one came. */
function linkOrMove(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (cause) {
    // The file systems of USB sticks know no links.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') throw cause;
    renameSync(from, to);
  }
}

/**
 * Writes other bytes over a file where it stands, and removes it. What the disk keeps elsewhere it cannot reach. Throws where it
 * is a link: what that leads to may be anybody's.
 */
export function overwriteAndRemove(file: string, random: (length: number) => Uint8Array): void {
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isFile())
    throw new Misconfigured(
      `${file}: is a link or a folder, and nothing is written through it: see what it leads to, destroy that if it is yours, and remove it`,
    );
  const descriptor = openOr(file, constants.O_WRONLY | constants.O_SYNC | constants.O_NOFOLLOW);
  try {
    writeAll(descriptor, random(fstatSync(descriptor).size));
  } catch (cause) {
    throw unwritten(file, cause);
  } finally {
    closeSync(descriptor);
  }
  rmSync(file);
}

/** Replaces a file in one step: after a crash it holds either the old text or the new. */
export function replaceFile(file: string, text: string | Uint8Array): void {
  const next = `${file}.next`;
  removeHalf(next);
  write(next, text);
  renameSync(next, file);
}

/** As replaceFile, and this process goes on meanwhile: for what is made again from elsewhere if it is lost. Makes the folder. */
export async function replaceBeside(file: string, bytes: string | Uint8Array): Promise<void> {
  const next = `${file}.next`;
  try {
    await promises.mkdir(folderOf(file), { recursive: true, mode: 0o700 });
    await promises.rm(next, { force: true });
    const handle = await promises.open(next, fresh, 0o600);
    try {
      reach('write', 'before');
      await handle.writeFile(bytes);
      reach('write', 'after');
    } finally {
      await handle.close();
    }
    await promises.rename(next, file);
  } catch (cause) {
    // Half a file is of no use to anybody, and its room may be.
    await promises.rm(next, { force: true }).catch(() => {});
    throw unwritten(file, cause);
  }
}

/** A file that only grows, wherever it is: but what a link leads to may be anybody's. */
const growing = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** A file that this process makes: never one that somebody has put there, nor what a link of theirs leads to. */
const fresh =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_SYNC;

/** Writes a file that was not there. `named` is what an error calls it. */
function write(file: string, text: string | Uint8Array, named = file): void {
  const descriptor = openOr(file, fresh, named);
  try {
    writeAll(descriptor, text);
  } catch (cause) {
    throw unwritten(named, cause);
  } finally {
    closeSync(descriptor);
  }
}

/** What a crash left of it, or somebody else put there: the name alone goes, not what a link leads to. */
function removeHalf(next: string): void {
  try {
    rmSync(next, { force: true });
  } catch (cause) {
    throw new Misconfigured(`${next}: is in the way (${reasonOf(cause)}): remove it`, { cause });
  }
}

function writeAll(descriptor: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  reach('write', 'before');
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
  reach('write', 'after');
}

function openOr(file: string, flags: string | number, named = file): number {
  try {
    return openSync(file, flags, 0o600);
  } catch (cause) {
    if (isFull(cause)) throw unwritten(named, cause);
    if ((cause as NodeJS.ErrnoException).code === 'ELOOP')
      throw new Misconfigured(
        `${named}: is a symbolic link, and nothing is written through one. If you did not make it, find out who did. To have the file on another disk, give its path there in the configuration, or bind-mount its folder (mount --bind)`,
        { cause },
      );
    throw new Misconfigured(`${named}: ${reasonOf(cause)}`, { cause });
  }
}

/** Whether a write failed for lack of space, be it the disk's or a quota's. */
function isFull(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

function unwritten(file: string, cause: unknown): Misconfigured {
  const why = () => {
    if (isFull(cause)) return `disk full: free space at ${folderOf(file)}, then start again`;
    if ((cause as NodeJS.ErrnoException).code === 'EFBIG')
      return `the size limit of files is reached: lift it (ulimit -f) or free space at ${folderOf(file)}, then start again`;
    return `cannot be written (${reasonOf(cause)}): see to the disk and restart this process`;
  };
  return new Misconfigured(`${file}: ${why()}`, { cause });
}

/** The folder that a file is in. */
export function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/')) || (file.startsWith('/') ? '/' : '.');
}
