/** The tree itself, against RFC 6962 §2.1 written down as it stands there; and what proofs must refuse. */
import { createHash } from 'node:crypto';
import { assert, integer, property, uint8Array, array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  growTree,
  leafHash,
  tileBytes,
  tilePath,
  tilesOf,
  tileWidth,
  verifyConsistency,
  verifyInclusion,
  type Tree,
} from './index.ts';
import { bundleBytes, readBundle, readTile } from './tiles.ts';

const sha = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** k, the largest power of two smaller than n. */
const k = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);

/** §2.1. */
function mth(d: readonly Uint8Array[]): Buffer {
  const [only] = d;
  if (!only) return sha();
  if (d.length === 1) return sha(Buffer.of(0), only);
  return sha(Buffer.of(1), mth(d.slice(0, k(d.length))), mth(d.slice(k(d.length))));
}

/** §2.1.1. */
function path(m: number, d: readonly Uint8Array[]): readonly Buffer[] {
  if (d.length === 1) return [];
  const [left, right] = [d.slice(0, k(d.length)), d.slice(k(d.length))];
  return m < left.length ? [...path(m, left), mth(right)] : [...path(m - left.length, right), mth(left)];
}

/** §2.1.2. */
function subproof(m: number, d: readonly Uint8Array[], whole: boolean): readonly Buffer[] {
  if (m === d.length) return whole ? [] : [mth(d)];
  const [left, right] = [d.slice(0, k(d.length)), d.slice(k(d.length))];
  return m <= left.length
    ? [...subproof(m, left, whole), mth(right)]
    : [...subproof(m - left.length, right, false), mth(left)];
}

const leaves = Array.from({ length: 131 }, (_, at) => Buffer.from(`entry ${at}`));
const treeOf = (data: readonly Uint8Array[]): Tree => {
  const tree = growTree();
  for (const leaf of data) tree.append(leafHash(leaf));
  return tree;
};
const flipped = (bytes: Uint8Array, bit: number) => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

describe('a tree is the one of RFC 6962', () => {
  const tree = treeOf(leaves);

  it('the empty one, and every size up to 131', () => {
    expect(growTree().root().toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    for (let size = 0; size <= leaves.length; size += 1)
      expect(tree.root(size).equals(mth(leaves.slice(0, size))), String(size)).toBe(true);
  });

  it('knows its root with one leaf more, before it takes it', () => {
    const growing = growTree();
    for (const leaf of leaves) {
      const next = growing.rootWith(leafHash(leaf));
      growing.append(leafHash(leaf));
      expect(growing.root().equals(next)).toBe(true);
    }
  });

  it('every proof of every size up to 131 is that of the RFC, and verifies', () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const data = leaves.slice(0, size);
      const root = tree.root(size);
      for (let index = 0; index < size; index += 1) {
        const proof = tree.inclusion(index, size);
        // The naive ones cost more than all the rest: at the sizes around powers of two, and some more.
        if (size <= 33 || size % 16 < 2) expect(proof).toEqual(path(index, data));
        expect(verifyInclusion(leafHash(leaves[index] ?? Buffer.of()), index, size, proof, root)).toBe(true);
      }
      for (let from = 1; from <= size; from += 1) {
        const proof = tree.consistency(from, size);
        if (size <= 33 || size % 16 < 2) expect(proof).toEqual(subproof(from, data, true));
        expect(verifyConsistency({ size: from, root: tree.root(from) }, { size, root }, proof)).toBe(true);
      }
    }
  });

  it('of any entries, of any length', () => {
    assert(
      property(array(uint8Array({ maxLength: 300 }), { maxLength: 40 }), (data) => {
        expect(treeOf(data).root().equals(mth(data))).toBe(true);
      }),
    );
  });
});

describe('a tree across the borders of tiles', () => {
  // Level 2 begins at 65,536 entries.
  const size = 66_400;
  const tree = growTree();
  for (let at = 0; at < size; at += 1) tree.append(sha(Buffer.from(String(at))));
  const whole = tree.root();

  it('random proofs verify, and none at another place, for another size or of another root', () => {
    const place = integer({ min: 0, max: size - 1 });
    assert(
      property(place, integer({ min: 1, max: size }), integer({ min: 0, max: 255 }), (one, of, bit) => {
        const index = one % of;
        const [leaf, root] = [tree.subtrees(0, index, index + 1), tree.root(of)];
        const proof = tree.inclusion(index, of);
        expect(verifyInclusion(leaf, index, of, proof, root)).toBe(true);
        expect(verifyInclusion(leaf, index + 1, of, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, of, proof, flipped(root, bit))).toBe(false);
        expect(verifyInclusion(flipped(leaf, bit), index, of, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, of, [...proof, leaf], root)).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(leaf, index, of, proof.slice(1), root)).toBe(false);
        const growth = tree.consistency(of);
        const older = { size: of, root };
        expect(verifyConsistency(older, { size, root: whole }, growth)).toBe(true);
        expect(verifyConsistency({ size: of, root: flipped(root, bit) }, { size, root: whole }, growth)).toBe(
          false,
        );
        expect(verifyConsistency(older, { size, root: flipped(whole, bit) }, growth)).toBe(false);
        if (of < size) {
          expect(verifyConsistency(older, { size, root: whole }, growth.slice(1))).toBe(false);
          expect(verifyConsistency(older, { size, root: whole }, [...growth, leaf])).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, size])(
    'the tiles of %i entries are those of tlog-tiles, and lead to the root',
    (of) => {
      const names = tilesOf(of);
      // tlog-tiles: floor(s / 256**l) mod 256 hashes in the partial tile of level l; of no level an empty one.
      for (let level = 0; level < 4; level += 1) {
        const count = Math.floor(of / 256 ** level);
        const those = names.filter((name) => name.level === level);
        expect(those.filter(({ width }) => width === 256).length).toBe(Math.floor(count / 256));
        expect(those.filter(({ width }) => width < 256).map(({ width }) => width)).toEqual(
          count % 256 === 0 ? [] : [count % 256],
        );
      }
      expect(names.filter(({ level }) => level === 'entries').map(tilePath)).toEqual(
        names.filter(({ level }) => level === 0).map((name) => tilePath({ ...name, level: 'entries' })),
      );
      for (const name of names) {
        if (name.level === 'entries') continue;
        const hashes = readTile(tileBytes(tree, { ...name, level: name.level })) ?? [];
        expect(hashes.length).toBe(name.width);
        // Each hash of a level is the root over a whole tile of the level below.
        if (name.level === 0) continue;
        const below = growTree();
        const first = name.index * tileWidth;
        for (const hash of readTile(
          tileBytes(tree, { level: name.level - 1, index: first, width: tileWidth }),
        ) ?? [])
          below.append(hash);
        expect(below.root().equals(hashes[0] ?? Buffer.of())).toBe(true);
      }
    },
  );

  it("size 70,000 is tlog-tiles' own example", () => {
    const counted = new Map<string, number>();
    for (const { level, width } of tilesOf(70_000)) {
      const what = `${level} ${width}`;
      counted.set(what, (counted.get(what) ?? 0) + 1);
    }
    expect(Object.fromEntries(counted)).toEqual({
      '0 256': 273,
      '0 112': 1,
      '1 256': 1,
      '1 17': 1,
      '2 1': 1,
      'entries 256': 273,
      'entries 112': 1,
    });
  });
});

describe('what is no proof is refused', () => {
  const tree = treeOf(leaves);
  const [leaf, root] = [leafHash(leaves[37] ?? Buffer.of()), tree.root()];
  const proof = tree.inclusion(37);
  const growth = tree.consistency(70);
  const [older, newer] = [
    { size: 70, root: tree.root(70) },
    { size: 131, root },
  ];

  it('every flipped bit in it', () => {
    for (const [at, hash] of proof.entries())
      for (let bit = 0; bit < 256; bit += 1)
        expect(verifyInclusion(leaf, 37, 131, proof.with(at, flipped(hash, bit)), root)).toBe(false);
    for (const [at, hash] of growth.entries())
      for (let bit = 0; bit < 256; bit += 1)
        expect(verifyConsistency(older, newer, growth.with(at, flipped(hash, bit)))).toBe(false);
  });

  it('a log from which an entry was left out does not follow the one with it', () => {
    const without = treeOf(leaves.toSpliced(20, 1));
    for (const proved of [growth, without.consistency(70), tree.consistency(70, 130)])
      expect(verifyConsistency(older, { size: 130, root: without.root() }, proved)).toBe(false);
    expect(
      verifyInclusion(leafHash(leaves[20] ?? Buffer.of()), 20, 130, without.inclusion(20), without.root()),
    ).toBe(false);
  });

  it('a proof longer than its tree is high: the last entry of a large tree is not the only one of a small one', () => {
    const last = leafHash(leaves[130] ?? Buffer.of());
    expect(verifyInclusion(last, 130, 131, tree.inclusion(130), root)).toBe(true);
    expect(verifyInclusion(last, 0, 1, tree.inclusion(130), root)).toBe(false);
  });

  it('an inner node does not pass for an entry, nor an entry for an inner node', () => {
    const two = treeOf(leaves.slice(0, 2));
    const inside = Buffer.concat([leafHash(leaves[0] ?? Buffer.of()), leafHash(leaves[1] ?? Buffer.of())]);
    expect(leafHash(inside).equals(two.root())).toBe(false);
    expect(verifyInclusion(two.root(), 0, 1, [], two.root())).toBe(true);
    expect(verifyInclusion(leafHash(inside), 0, 1, [], two.root())).toBe(false);
  });

  it.each([
    [-1, 131],
    [131, 131],
    [0.5, 131],
    [37, 0],
    [37, Number.NaN],
    [37, 2 ** 60],
    [Number.POSITIVE_INFINITY, 131],
  ])('leaf %d of %d', (index, size) => {
    expect(verifyInclusion(leaf, index, size, proof, root)).toBe(false);
  });

  it.each([
    [132, 131],
    [-1, 131],
    [0, 131],
    [131, 131],
    [70.5, 131],
  ])('growth from %d to %d', (from, to) => {
    expect(verifyConsistency({ size: from, root: older.root }, { size: to, root }, growth)).toBe(false);
  });

  it('a proof of nothing: anything follows the empty tree, and only by an empty proof', () => {
    const empty = { size: 0, root: growTree().root() };
    expect(verifyConsistency(empty, newer, [])).toBe(true);
    expect(verifyConsistency(empty, newer, [root])).toBe(false);
    expect(verifyConsistency({ size: 0, root }, newer, [])).toBe(false);
    expect(verifyConsistency(newer, newer, [])).toBe(true);
    expect(verifyConsistency(newer, { ...newer, root: older.root }, [])).toBe(false);
  });
});

describe('names and bundles', () => {
  it.each([
    [0, 256, 'tile/0/000'],
    [5, 7, 'tile/0/005.p/7'],
    [999, 256, 'tile/0/999'],
    [1000, 256, 'tile/0/x001/000'],
    [1_234_067, 256, 'tile/0/x001/x234/067'],
    [1_234_067, 255, 'tile/0/x001/x234/067.p/255'],
  ])('tile %i of width %i', (index, width, expected) => {
    expect(tilePath({ level: 0, index, width })).toBe(expected);
    expect(tilePath({ level: 'entries', index, width })).toBe(expected.replace('/0/', '/entries/'));
  });

  it('a bundle gives back its entries, and not where it ends in the middle of one', () => {
    assert(
      property(array(uint8Array({ maxLength: 700 }), { maxLength: 6 }), (data) => {
        const bytes = bundleBytes(data);
        expect(readBundle(bytes)?.map((one) => [...one])).toEqual(data.map((one) => [...one]));
        if (bytes.length === 0) return;
        expect(readBundle(bytes.subarray(0, -1))).not.toEqual(data);
        expect(readBundle(Buffer.concat([bytes, Buffer.of(0)]))).toBe(undefined);
      }),
    );
    expect(() => bundleBytes([Buffer.alloc(65_536)])).toThrow();
    expect(readBundle(bundleBytes([Buffer.alloc(65_535)]))?.[0]?.length).toBe(65_535);
  });
});
