/** Folder: a journal's tiles as they lie on a disk, read and held against each other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  growTree,
  leafHash,
  readBundle,
  readSignedCheckpoint,
  readTile,
  tileBytes,
  tilePath,
  tilesOf,
  tileWidth,
  type SignedCheckpoint,
  type TileName,
  type Tree,
} from '@kuramori/core';
import type { Damage } from './entries.ts';

export interface Folder {
  /** The signed checkpoint as it stands there, and what it says; undefined where it cannot be read. */
  readonly text: string;
  readonly signed: SignedCheckpoint | undefined;
  /** The entries that the checkpoint speaks for; undefined where one cannot be read. */
  readonly leaves: readonly (Buffer | undefined)[];
  readonly tree: Tree;
}

/** More than a signer records in a hundred years; a checkpoint that says more is not worth a loop over it. */
const mostEntries = 100_000_000;

/** The file's bytes; null where it is not there. The code of an error is left out: what helps elsewhere does not help here. */
export function bytesOf(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Error(`${file}: cannot be read: ${message}`, { cause });
  }
}

export function readFolder(folder: string, damage: Damage[]): Folder {
  const at = (path: string) => join(folder, path);
  const bad = (where: string, what: string) => void damage.push({ where: at(where), what });
  const file = bytesOf(at('checkpoint'));
  const signed = file ? readSignedCheckpoint(file) : undefined;
  const spoken = signed?.checkpoint.size ?? 0;
  const size = spoken > mostEntries ? 0 : spoken;
  if (!file) bad('checkpoint', 'is not there');
  else if (!signed) bad('checkpoint', 'is no signed checkpoint');
  if (spoken > mostEntries) bad('checkpoint', `speaks of ${spoken} entries: that is no journal`);
  const names = tilesOf(size);

  const leaves = new Map<number, Buffer>();
  const hashes = new Map<number, Buffer>();
  for (const name of names) {
    if (name.level !== 'entries' && name.level !== 0) continue;
    const found = tileIn(folder, name, damage);
    if (!found) continue;
    const parts = name.level === 0 ? readTile(found.bytes) : readBundle(found.bytes);
    if (!parts) bad(found.path, 'ends in the middle');
    else if (parts.length !== found.width) bad(found.path, `holds ${parts.length} and not ${found.width}`);
    for (const [place, part] of (parts ?? []).slice(0, name.width).entries())
      (name.level === 0 ? hashes : leaves).set(name.index * tileWidth + place, part);
  }

  // One by the entries, one by the hashes: where they differ, the other tiles and the root tell which of the two was altered.
  const [tree, stated] = [growTree(), growTree()];
  const nothing = Buffer.alloc(32);
  let complete = true;
  for (let index = 0; index < size; index += 1) {
    const leaf = leaves.get(index);
    const hash = leaf ? leafHash(leaf) : undefined;
    const said = hashes.get(index);
    // Its files are told already.
    if (!hash && !said) complete = false;
    if (hash && said && !hash.equals(said))
      bad(
        pathOf('entries', index, size),
        `entry ${index + 1} is not the one that ${pathOf(0, index, size)} has the hash of`,
      );
    tree.append(hash ?? said ?? nothing);
    stated.append(said ?? hash ?? nothing);
  }
  if (complete && spoken === size) {
    for (const name of names) {
      const { level } = name;
      if (level === 'entries' || level === 0) continue;
      const found = tileIn(folder, name, damage);
      const begins = found?.bytes.subarray(0, name.width * 32);
      const expected = [tree, stated].map((one) => tileBytes(one, { ...name, level }));
      if (found && begins && !expected.some((one) => one.equals(begins)))
        bad(found.path, 'is not what the tiles below it come to');
      else if (found && found.bytes.length !== found.width * 32)
        bad(found.path, `holds ${found.bytes.length} bytes and not ${found.width * 32}`);
    }
    const root = signed?.checkpoint.root;
    if (root && !tree.root().equals(root) && !stated.root().equals(root))
      bad('checkpoint', `its root is not that of the ${size} entries here`);
  }
  const inOrder = Array.from({ length: size }, (_, index) => leaves.get(index));
  return { text: file?.toString('utf8') ?? '', signed, leaves: inOrder, tree };
}

/** As the checkpoint's size names it; or the full one, if the journal has gone on since (tlog-tiles, "Partial Tiles"). */
function tileIn(
  folder: string,
  name: TileName,
  damage: Damage[],
): { readonly path: string; readonly bytes: Buffer; readonly width: number } | null {
  for (const width of new Set([name.width, tileWidth])) {
    const path = tilePath({ ...name, width });
    const bytes = bytesOf(join(folder, path));
    if (bytes) return { path, bytes, width };
  }
  damage.push({ where: join(folder, tilePath(name)), what: 'is not there' });
  return null;
}

/** Where entry `index + 1` of so many lies. */
export function pathOf(level: 'entries' | 0, index: number, size: number): string {
  const tile = Math.floor(index / tileWidth);
  const width = Math.min(tileWidth, size - tile * tileWidth);
  return tilePath({ level, index: tile, width });
}
