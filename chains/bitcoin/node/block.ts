/**
 * Block: a whole block's bytes, held against the hash that it was asked by. The header is what the hash is of; the ids are what
 * its merkle root is of; the witnesses are what the first transaction commits to (BIP 141). So a node cannot put, leave out or
 * change anything. Not looked at: proof of work, which several nodes' agreement stands for here.
 */
import type { BitcoinChain } from '../codec/index.ts';
import { hash256, named, skim, type Skimmed } from './wire.ts';

export interface RawBlock {
  readonly hash: string;
  readonly previous: string;
  /** Unix seconds. */
  readonly time: number;
  readonly transactions: readonly Skimmed[];
}

const headerBytes = 80;

/** Reads the block that has this hash and stands at this height; or says what of that is not so. */
export function readBlock(hex: string, hash: string, height: number, chain: BitcoinChain): RawBlock | string {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length <= headerBytes) return 'is shorter than a header';
  const header = bytes.subarray(0, headerBytes);
  const own = named(hash256(header));
  if (own !== hash) return `its header hashes to ${own}`;
  const transactions = skimAll(bytes, chain);
  if (typeof transactions === 'string') return transactions;
  const flaw =
    listFlaw(transactions, header.subarray(36, 68)) ??
    witnessFlaw(transactions) ??
    heightFlaw(transactions, height);
  if (flaw !== undefined) return flaw;
  return {
    hash,
    previous: named(header.subarray(4, 36)),
    time: header.readUInt32LE(68),
    transactions,
  };
}

/** What a header alone says; undefined where it has another hash. */
export function timeOf(headerHex: string, hash: string): number | undefined {
  const header = Buffer.from(headerHex, 'hex');
  return header.length === headerBytes && named(hash256(header)) === hash
    ? header.readUInt32LE(68)
    : undefined;
}

function skimAll(bytes: Buffer, chain: BitcoinChain): readonly Skimmed[] | string {
  const found: Skimmed[] = [];
  const count = countAt(bytes, headerBytes);
  if (count === undefined) return 'does not say how many transactions it has';
  let at = count.end;
  for (let number = 0; number < count.value; number += 1) {
    const one = skim(bytes, at);
    if (!one) return `its transaction ${number} cannot be read`;
    // Only the last of a block is of another form, and only Litecoin's.
    if (one.form !== 'plain' && (chain !== 'litecoin' || one.form === 'mweb' || number + 1 < count.value))
      return `its transaction ${number} is of a form that no block has there`;
    found.push(one);
    at = one.end;
  }
  // Behind it stand MWEB's own blocks, to which the last transaction commits, and which are not read.
  if (at !== bytes.length && found.at(-1)?.form !== 'hogex') return 'goes on after its last transaction';
  return found;
}

function countAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  const first = bytes[at] ?? 0xff;
  if (first < 0xfd) return { value: first, end: at + 1 };
  // A block of 4,000,000 weight units has fewer than 2^16 transactions.
  return first === 0xfd && at + 3 <= bytes.length
    ? { value: bytes.readUInt16LE(at + 1), end: at + 3 }
    : undefined;
}

function listFlaw(transactions: readonly Skimmed[], root: Buffer): string | undefined {
  if (transactions[0]?.coinbase !== true) return 'its first transaction makes no coins';
  if (transactions.slice(1).some(({ coinbase }) => coinbase)) return 'makes coins twice';
  // Two lists can have one root: one that ends in what it repeats (CVE-2012-2459), and one whose transactions are 64 bytes
  // that are really two hashes of the tree (CVE-2017-12842; BIP 54 forbids them).
  if (new Set(transactions.map(({ id }) => id)).size < transactions.length) return 'has a transaction twice';
  if (transactions.some(({ strippedSize }) => strippedSize === 64)) return 'has a transaction of 64 bytes';
  const found = rootOf(transactions.map(({ id }) => Buffer.from(Uint8Array.fromHex(id).toReversed())));
  return found.equals(root) ? undefined : 'its transactions are not those of its merkle root';
}

/** BIP 141: the last output of the first transaction that begins with these bytes commits to all witnesses. */
function witnessFlaw(transactions: readonly Skimmed[]): string | undefined {
  const [first] = transactions;
  const commitment = first?.outputs.findLast(({ script }) => script.startsWith('6a24aa21a9ed'))?.script;
  if (commitment === undefined)
    return transactions.some(({ hasWitness }) => hasWitness)
      ? 'has witnesses to which nothing commits'
      : undefined;
  const hashes = transactions.map(({ witnessHash }, number) =>
    number === 0 ? Buffer.alloc(32) : Buffer.from(witnessHash),
  );
  // The reserved value is the one element of the first transaction's witness; every miner has it zero so far.
  const due = hash256(Buffer.concat([rootOf(hashes), reservedOf(first)])).toString('hex');
  return commitment.slice(12, 76) === due
    ? undefined
    : 'its witnesses are not those that its first transaction commits to';
}

function reservedOf(first: Skimmed | undefined): Buffer {
  // Behind the outputs stand one element of 32 bytes and the lock time.
  const bytes = Buffer.from(first?.hex() ?? '', 'hex');
  return bytes.subarray(bytes.length - 36, bytes.length - 4);
}

/** BIP 34: the first transaction begins with the height. */
function heightFlaw([first]: readonly Skimmed[], height: number): string | undefined {
  if (height === 0) return undefined;
  const due = pushed(height);
  const script = first?.scriptSig.subarray(0, due.length) ?? due.subarray(0, 0);
  return due.equals(script) ? undefined : `says that it is at another height than ${height}`;
}

/** A number as a script pushes it: small ones have an opcode each, others are little-endian with a bit for the sign. */
function pushed(height: number): Buffer {
  if (height <= 16) return Buffer.of(0x50 + height);
  const bytes: number[] = [];
  for (let rest = height; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  return Buffer.of(bytes.length, ...bytes);
}

function rootOf(hashes: readonly Buffer[]): Buffer {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, at) => {
      const left = row[at * 2] ?? Buffer.alloc(0);
      return hash256(Buffer.concat([left, row[at * 2 + 1] ?? left]));
    });
  return row[0] ?? Buffer.alloc(32);
}
