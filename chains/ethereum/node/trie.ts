/**
 * Trie: Ethereum's Merkle-Patricia tries (yellow paper, appendix D), as far as a reader of blocks needs them: the root of a
 * list, which binds a block's transactions, receipts and withdrawals; and what a proof (EIP-1186) says of one key under a root.
 */
import { hash } from 'node:crypto';
import { RLP } from 'micro-eth-signer/core/rlp.js';

export function keccak(bytes: Uint8Array): string {
  return hash('keccak-256', bytes);
}

/** What RLP is made of. */
export type Item = Uint8Array | readonly Item[];

export function rlp(item: Item): Uint8Array {
  return RLP.encode(item as Parameters<typeof RLP.encode>[0]);
}

/** A number as RLP has it: big-endian without zeros before it, none for 0. */
export function numberItem(value: bigint): Uint8Array {
  if (value === 0n) return nothing;
  const hex = value.toString(16);
  return Uint8Array.fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}

const nothing = new Uint8Array(0);

interface Leaf {
  /** A hex digit each. */
  readonly key: string;
  readonly value: Uint8Array;
}

/** The root of a list whose places are numbered by RLP, hex. */
export function listRoot(items: readonly Uint8Array[]): string {
  return rootOf(
    items.map((value, at) => ({ key: Buffer.from(rlp(numberItem(BigInt(at)))).toString('hex'), value })),
  );
}

/** The root over keys, which must be different, and of which none begins another. */
export function rootOf(leaves: readonly Leaf[]): string {
  if (leaves.length === 0) return keccak(rlp(nothing));
  const sorted = leaves.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return keccak(rlp(node(sorted, 0)));
}

/** The node over leaves, in order, whose keys are alike up to a digit. */
function node(leaves: readonly Leaf[], from: number): Item {
  const [first] = leaves;
  if (!first) return nothing;
  if (leaves.length === 1) return [compact(first.key.slice(from), true), first.value];
  const shared = sharedUntil(first.key, leaves.at(-1)?.key ?? '', from);
  if (shared > from) return [compact(first.key.slice(from, shared), false), referred(leaves, shared)];
  const branches = Array.from('0123456789abcdef', (digit) =>
    referred(
      leaves.filter(({ key }) => key[from] === digit),
      from + 1,
    ),
  );
  return [...branches, nothing];
}

/** A node stands in its parent itself where it is short, and by its hash otherwise. */
function referred(leaves: readonly Leaf[], from: number): Item {
  const made = node(leaves, from);
  const bytes = rlp(made);
  return leaves.length === 0 || bytes.length < 32 ? made : Uint8Array.fromHex(keccak(bytes));
}

function sharedUntil(one: string, other: string, from: number): number {
  let at = from;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

/** Hex-prefix encoding (appendix C): a flag for the end, one for an odd number of digits, and the digits. */
function compact(digits: string, ends: boolean): Uint8Array {
  const odd = digits.length % 2 === 1;
  const flag = (ends ? 2 : 0) + (odd ? 1 : 0);
  return Uint8Array.fromHex(`${flag}${odd ? '' : '0'}${digits}`);
}

/**
 * What stands at a key under a root, by a proof's nodes from the root on: its bytes, null where nothing is there; undefined where
 * the nodes prove neither. Keys are hashed before (as states and storages have them). Never throws.
 */
export function provenAt(
  root: string,
  key: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | null | undefined {
  if (proof.length === 0) return root === emptyRoot ? null : undefined;
  const digits = keccak(key);
  let at = 0;
  let due: Item = Uint8Array.fromHex(root);
  for (const bytes of proof) {
    // A node that stands in its parent itself is in the parent's bytes, and not in the proof.
    if (!(due instanceof Uint8Array) || Buffer.from(due).toString('hex') !== keccak(bytes)) return undefined;
    let next = decoded(bytes);
    for (;;) {
      const found = step(next, digits, at);
      if (found === undefined || 'value' in found) return found?.value;
      at = found.at;
      if (found.next instanceof Uint8Array) {
        due = found.next;
        break;
      }
      next = found.next;
    }
  }
  return undefined;
}

export const emptyRoot = keccak(rlp(nothing));

type Step = { readonly value: Uint8Array | null } | { readonly next: Item; readonly at: number };

function step(given: Item | undefined, digits: string, at: number): Step | undefined {
  if (!Array.isArray(given)) return undefined;
  const items: readonly Item[] = given;
  if (items.length === 17) {
    const next = items[Number.parseInt(digits[at] ?? '', 16)];
    if (next === undefined) return undefined;
    return next.length === 0 ? { value: null } : { next, at: at + 1 };
  }
  const [path, next] = items;
  if (items.length !== 2 || !(path instanceof Uint8Array) || path.length === 0 || !next) return undefined;
  const hex = Buffer.from(path).toString('hex');
  const flag = Number.parseInt(hex[0] ?? '', 16);
  if (flag > 3 || (flag % 2 === 0 && hex[1] !== '0')) return undefined;
  const part = hex.slice(flag % 2 === 1 ? 1 : 2);
  const goesOn = digits.startsWith(part, at);
  if (flag < 2) return goesOn ? { next, at: at + part.length } : { value: null };
  if (!goesOn || at + part.length !== digits.length) return { value: null };
  return next instanceof Uint8Array ? { value: next } : undefined;
}

/** Undefined where the bytes are no RLP in its one form. */
export function decoded(bytes: Uint8Array): Item | undefined {
  try {
    return RLP.decode(bytes) as Item;
  } catch {
    return undefined;
  }
}
