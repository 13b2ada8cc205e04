/** Merkle: the tree over a journal's entries, as RFC 6962 §2.1 hashes it (the same as RFC 9162 §2.1): proofs made and verified. */
import { createHash } from 'node:crypto';

export const hashLength = 32;

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const [leafPrefix, nodePrefix] = [Buffer.of(0), Buffer.of(1)];

/** §2.1: MTH({d0}) = SHA-256(0x00 || d0). */
export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(leafPrefix, leaf);
}

/** §2.1: SHA-256(0x01 || left || right). */
function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(nodePrefix, left, right);
}

/** A tree that grows by appending, every full subtree's hash in memory: 64 bytes an entry. Sizes are counts of leaves. */
export interface Tree {
  readonly size: () => number;
  /** Takes the next leaf's hash; O(log n), one hash on average. */
  readonly append: (leaf: Uint8Array) => void;
  /** The root over the first `size` leaves, of all where it is not given. */
  readonly root: (size?: number) => Buffer;
  /** The root as it would be with one leaf more. */
  readonly rootWith: (leaf: Uint8Array) => Buffer;
  /** §2.1.1: from the leaf's sibling up to the root's child. */
  readonly inclusion: (index: number, size?: number) => readonly Buffer[];
  /** §2.1.2; empty where the older tree is. */
  readonly consistency: (from: number, to?: number) => readonly Buffer[];
  /** The hashes of full subtrees of 2^height leaves, one after the other: what a tile is made of. */
  readonly subtrees: (height: number, from: number, to: number) => Buffer;
}

/** Hashes of the full subtrees of one height. */
interface Row {
  bytes: Buffer;
  count: number;
}

export function growTree(): Tree {
  const rows: Row[] = [{ bytes: Buffer.alloc(256 * hashLength), count: 0 }];
  const size = () => rows[0]?.count ?? 0;

  function put(height: number, hash: Uint8Array): void {
    const row = rows[height] ?? { bytes: Buffer.alloc(256 * hashLength), count: 0 };
    rows[height] = row;
    if ((row.count + 1) * hashLength > row.bytes.length)
      row.bytes = Buffer.concat([row.bytes, Buffer.alloc(row.bytes.length)]);
    row.bytes.set(hash, row.count * hashLength);
    row.count += 1;
  }

  function at(height: number, index: number): Buffer {
    const row = rows[height];
    if (!row || index < 0 || index >= row.count)
      throw new RangeError(`this tree has no subtree ${index} of height ${height}`);
    return Buffer.from(row.bytes.subarray(index * hashLength, (index + 1) * hashLength));
  }

  function subtrees(height: number, from: number, to: number): Buffer {
    const row = rows[height];
    if (!row || from < 0 || to < from || to > row.count)
      throw new RangeError(`this tree has no subtrees ${from} to ${to} of height ${height}`);
    return Buffer.from(row.bytes.subarray(from * hashLength, to * hashLength));
  }

  /** MTH(D[from:to]), where `from` is what the RFC's own recursion can begin at. */
  function range(from: number, to: number): Buffer {
    if (isPower(to - from)) return at(Math.log2(to - from), from / (to - from));
    const middle = from + half(to - from);
    return nodeHash(range(from, middle), range(middle, to));
  }

  function path(index: number, from: number, to: number): readonly Buffer[] {
    if (to - from === 1) return [];
    const middle = from + half(to - from);
    return index < middle
      ? [...path(index, from, middle), range(middle, to)]
      : [...path(index, middle, to), range(from, middle)];
  }

  function subproof(first: number, from: number, to: number, whole: boolean): readonly Buffer[] {
    if (first === to) return whole ? [] : [range(from, to)];
    const middle = from + half(to - from);
    return first <= middle
      ? [...subproof(first, from, middle, whole), range(middle, to)]
      : [...subproof(first, middle, to, false), range(from, middle)];
  }

  function mustHold(of: number): void {
    if (!Number.isInteger(of) || of < 0 || of > size())
      throw new RangeError(`this tree has ${size()} leaves, and not ${of}`);
  }

  return {
    size,
    append(leaf) {
      if (leaf.length !== hashLength) throw new RangeError(`a leaf's hash has ${hashLength} bytes`);
      put(0, leaf);
      for (let height = 0; (rows[height]?.count ?? 1) % 2 === 0; height += 1) {
        const last = (rows[height]?.count ?? 0) - 1;
        put(height + 1, nodeHash(at(height, last - 1), at(height, last)));
      }
    },
    root(of = size()) {
      mustHold(of);
      return of === 0 ? sha256() : range(0, of);
    },
    rootWith(leaf) {
      let [hash, height, index]: [Buffer, number, number] = [Buffer.from(leaf), 0, size()];
      // While it is a right child its parent is full; above that every left sibling is.
      for (; index > 0; height += 1, index = Math.floor(index / 2))
        if (index % 2 === 1) hash = nodeHash(at(height, index - 1), hash);
      return hash;
    },
    inclusion(index, of = size()) {
      mustHold(of);
      if (!Number.isInteger(index) || index < 0 || index >= of)
        throw new RangeError(`leaf ${index} is none of ${of}`);
      return path(index, 0, of);
    },
    consistency(from, to = size()) {
      mustHold(to);
      if (!Number.isInteger(from) || from < 0 || from > to)
        throw new RangeError(`a tree of ${from} leaves is not older than one of ${to}`);
      return from === 0 ? [] : subproof(from, 0, to, true);
    },
    subtrees,
  };
}

/** The largest power of two smaller than n; n is at least 2. */
function half(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function isPower(n: number): boolean {
  return 2 ** Math.round(Math.log2(n)) === n;
}

/** RFC 9162 §2.1.3.2. False for whatever is no proof. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [node, last, hash]: [number, number, Buffer] = [index, size - 1, Buffer.from(leaf)];
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== hashLength) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash.equals(root);
}

/** RFC 9162 §2.1.4.2: whether the newer tree only added to the older one. Anything follows the empty tree. */
export function verifyConsistency(
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  const { size: first } = older;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(newer.size)) return false;
  if (first < 0 || first > newer.size || proof.some(({ length }) => length !== hashLength)) return false;
  if (first === 0) return proof.length === 0 && sha256().equals(older.root);
  if (first === newer.size) return proof.length === 0 && Buffer.from(older.root).equals(newer.root);
  const [begin, ...rest] = isPower(first) ? [older.root, ...proof] : proof;
  if (!begin || proof.length === 0) return false;
  let [node, last] = [first - 1, newer.size - 1];
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  let [olderRoot, newerRoot]: [Buffer, Buffer] = [Buffer.from(begin), Buffer.from(begin)];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      olderRoot = nodeHash(sibling, olderRoot);
      newerRoot = nodeHash(sibling, newerRoot);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else newerRoot = nodeHash(newerRoot, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && olderRoot.equals(older.root) && newerRoot.equals(newer.root);
}
