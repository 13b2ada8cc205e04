/** Tiles: a tree as files, as C2SP tlog-tiles names and fills them. */
import { hashLength, type Tree } from './merkle.ts';

/** Hashes in a full tile, and entries in a full bundle. */
export const tileWidth = 256;

export interface TileName {
  /** How high above the leaves, in tiles; or the bundles of the entries themselves. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 256 where it is full. */
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits, all but the last with an x before it: 1234067 is x001/x234/067. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/[0-9]{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === tileWidth ? '' : `.p/${width}`}`;
}

/**
 * Every tile and bundle of a tree of so many leaves; of each level at most the last is partial, and none is empty. `since`:
 * without those that were full already in a tree of that size.
 */
export function tilesOf(size: number, since = 0): readonly TileName[] {
  return ['entries' as const, ...levelsOf(size)].flatMap((level) => {
    const below = tileWidth ** (level === 'entries' ? 0 : level);
    const count = Math.floor(size / below);
    const [begin, full] = [Math.floor(since / below / tileWidth), Math.floor(count / tileWidth)];
    const names = Array.from({ length: full - begin }, (_, at) => ({
      level,
      index: begin + at,
      width: tileWidth,
    }));
    const width = count % tileWidth;
    return width === 0 ? names : [...names, { level, index: full, width }];
  });
}

function levelsOf(size: number): readonly number[] {
  const levels: number[] = [];
  for (let count = size; count > 0; count = Math.floor(count / tileWidth)) levels.push(levels.length);
  return levels;
}

/** The hashes of a tile, as a tree has them: each that of a full tile below, or of a leaf. */
export function tileBytes(
  tree: Tree,
  { level, index, width }: TileName & { readonly level: number },
): Buffer {
  return tree.subtrees(8 * level, index * tileWidth, index * tileWidth + width);
}

/** A bundle of entries: each after its length as a big-endian uint16. Throws where one is longer than that can say. */
export function bundleBytes(leaves: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(leaf.length);
      return [length, leaf];
    }),
  );
}

/** The entries of a bundle; undefined where it ends in the middle of one. */
export function readBundle(bytes: Buffer): readonly Buffer[] | undefined {
  const leaves: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 2 > bytes.length) return undefined;
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) return undefined;
    leaves.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return leaves;
}

/** The hashes of a tile; undefined where it ends in the middle of one. */
export function readTile(bytes: Buffer): readonly Buffer[] | undefined {
  if (bytes.length % hashLength !== 0) return undefined;
  return Array.from({ length: bytes.length / hashLength }, (_, at) =>
    bytes.subarray(at * hashLength, (at + 1) * hashLength),
  );
}
