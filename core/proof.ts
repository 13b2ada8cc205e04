/** Proof: that an entry stands in a journal, in one file that needs nothing else: C2SP tlog-proof. And that a journal only grew. */
import { readSignedCheckpoint, type SignedCheckpoint } from './checkpoint.ts';
import { leafHash, verifyConsistency, verifyInclusion, type Tree } from './merkle.ts';
import { base64 } from './note.ts';

const firstLine = 'c2sp.org/tlog-proof@v1';

export interface Proof {
  /** The entry's bytes; they stand in the file's extra line, and count only by the hash that they lead to. */
  readonly leaf: Buffer;
  /** From 0: the entry's number less one. */
  readonly index: number;
  readonly path: readonly Buffer[];
  readonly signed: SignedCheckpoint;
}

/** `checkpoint`: the signed file, as it stands beside the tiles. */
export function proofText(tree: Tree, leaf: Buffer, index: number, size: number, checkpoint: string): string {
  const path = tree.inclusion(index, size).map((hash) => `${hash.toString('base64')}\n`);
  return `${firstLine}\nextra ${leaf.toString('base64')}\nindex ${index}\n${path.join('')}\n${checkpoint}`;
}

/** Undefined for what is no such file. */
export function readProof(text: string): Proof | undefined {
  const end = text.indexOf('\n\n');
  const [first, extra, second, ...lines] = text.slice(0, end).split('\n');
  if (end < 0 || first !== firstLine) return undefined;
  const [, encoded = ''] = /^extra (.+)$/.exec(extra ?? '') ?? [];
  const [, digits] = /^index (0|[1-9][0-9]{0,14})$/.exec(second ?? '') ?? [];
  const leaf = base64(encoded);
  const path = hashesOf(lines);
  const signed = readSignedCheckpoint(text.slice(end + 2));
  if (!leaf || leaf.length === 0 || digits === undefined || !path || !signed) return undefined;
  return { leaf, index: Number(digits), path, signed };
}

/** Whether the entry is where the proof says, below the checkpoint's root; who signed that is another question. */
export function verifyProof({ leaf, index, path, signed: { checkpoint } }: Proof): boolean {
  return verifyInclusion(leafHash(leaf), index, checkpoint.size, path, checkpoint.root);
}

/** That a journal only grew since an older checkpoint: what C2SP tlog-witness posts to a witness as `add-checkpoint`. */
export interface Growth {
  readonly from: number;
  readonly path: readonly Buffer[];
  readonly signed: SignedCheckpoint;
}

export function growthText(tree: Tree, from: number, size: number, checkpoint: string): string {
  const path = tree.consistency(from, size).map((hash) => `${hash.toString('base64')}\n`);
  return `old ${from}\n${path.join('')}\n${checkpoint}`;
}

export function readGrowth(text: string): Growth | undefined {
  const end = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, end).split('\n');
  const [, digits] = /^old (0|[1-9][0-9]{0,14})$/.exec(first ?? '') ?? [];
  const path = hashesOf(lines);
  const signed = readSignedCheckpoint(text.slice(end + 2));
  if (end < 0 || digits === undefined || !path || !signed) return undefined;
  return { from: Number(digits), path, signed };
}

export function verifyGrowth({ from, path, signed }: Growth, older: SignedCheckpoint): boolean {
  if (older.checkpoint.size !== from || older.checkpoint.origin !== signed.checkpoint.origin) return false;
  return verifyConsistency(older.checkpoint, signed.checkpoint, path);
}

/** RFC 6962 proofs have at most 64 hashes. */
function hashesOf(lines: readonly string[]): readonly Buffer[] | undefined {
  const hashes = lines.map((line) => base64(line));
  if (hashes.length > 64 || hashes.some((hash) => hash?.length !== 32)) return undefined;
  return hashes as Buffer[];
}
