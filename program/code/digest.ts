/** The digest of a process's code: SHA-256 of the list that `sha256sum` would write of its files, sorted by their names' bytes. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { codeFiles, markOf, type CodeFile, type Tree } from './files.ts';

/** Stands for the content of what cannot be read, so that no release has that digest. */
export const unread = '0'.repeat(64);
/** As much is hashed in one go: about half a millisecond. */
const pieceBytes = 256 * 1024;

/** Yields wherever something else may be done meanwhile. */
export function* hashing({ path, stats }: CodeFile): Generator<void, string> {
  // To open a pipe would wait for whoever writes to it.
  if (!stats?.isFile()) return unread;
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, Number(stats.size) + 1));
    for (;;) {
      const length = readSync(file, piece);
      if (length === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, length));
      yield;
    }
  } catch {
    return unread;
  } finally {
    if (file !== null) closeSync(file);
  }
}

export interface Measured {
  readonly digest: string;
  /** Name → SHA-256 of the content. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** `known`: mark → hash, of what was measured before; several kinds of rooms share most of their code. */
export function* measuring(tree: Tree, known = new Map<string, string>()): Generator<void, Measured> {
  const hashes = new Map<string, string>();
  for (const file of codeFiles(tree)) {
    const mark = markOf(file);
    const hash = known.get(mark) ?? (yield* hashing(file));
    if (hash !== unread) known.set(mark, hash);
    hashes.set(file.name, hash);
    yield;
  }
  return { digest: digestOf(listOf(hashes)), hashes };
}

/** As sha256sum (GNU coreutils) writes it: also names with a backslash or a line break, which could else pose as two lines. */
export function listOf(hashes: ReadonlyMap<string, string>): string {
  return [...hashes]
    .toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map(([name, hash]) => {
      const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
      return `${escaped === name ? '' : '\\'}${hash}  ${escaped}\n`;
    })
    .join('');
}

/** Of a list as it stands in a file; null where it is none. */
export function readList(text: string): ReadonlyMap<string, string> | null {
  const hashes = new Map<string, string>();
  if (!text.endsWith('\n')) return null;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, escaped, hash, name] = /^(\\?)([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (hash === undefined || name === undefined) return null;
    hashes.set(escaped === '' ? name : unescape(name), hash);
  }
  return hashes;
}

function unescape(name: string): string {
  return name.replaceAll(/\\([\\nr])/g, (_, sign: string) => ({ n: '\n', r: '\r' })[sign] ?? sign);
}

export function digestOf(list: string): string {
  return createHash('sha256').update(list).digest('hex');
}
