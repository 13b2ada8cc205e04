/**
 * Private derivation of BIP 32, in arrays that are ours to wipe: the library's leave parents and children in memory, and a child's
 * key with its parent's public one gives the parent's.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { scalarOf, secretBytes, writeNumber } from './signing.ts';

/** A private key with what its children are derived with. */
export interface PrivateNode {
  /** 32 bytes each, wiped by `wipe`. */
  readonly key: Uint8Array;
  readonly chainCode: Uint8Array;
  /** 33 bytes. Not to be had once the key is wiped, unless somebody asked before. */
  readonly publicKey: Uint8Array;
  readonly depth: number;
  readonly parent: number;
  readonly index: number;
}

const { Point } = secp256k1;
const { Fn } = Point;
export const hardened = 0x80000000;

/** The master key of a seed of 16 to 64 bytes. Throws where it gives none, once in 2^127 seeds. */
export function masterOf(seed: Uint8Array): PrivateNode {
  return nodeOf(new TextEncoder().encode('Bitcoin seed'), [seed], null, { depth: 0, parent: 0, index: 0 });
}

/** CKDpriv. Throws where an index has no key, once in 2^127. */
export function privateChildOf(node: PrivateNode, index: number): PrivateNode {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, index);
  const data = index >= hardened ? [Uint8Array.of(0), node.key, number] : [node.publicKey, number];
  const parent = fingerprintOf(node);
  return nodeOf(node.chainCode, data, node.key, { depth: node.depth + 1, parent, index });
}

/** The key at a path from a seed's master; every key on the way is wiped. */
export function privateAt(seed: Uint8Array, path: readonly number[]): PrivateNode {
  let node = masterOf(seed);
  for (const step of path) {
    const child = privateChildOf(node, step);
    wipe(node);
    node = child;
  }
  return node;
}

function nodeOf(
  code: Uint8Array,
  data: readonly Uint8Array[],
  added: Uint8Array | null,
  place: Pick<PrivateNode, 'depth' | 'parent' | 'index'>,
): PrivateNode {
  const hash = secretBytes(64);
  const mac = hmac.create(sha512, code);
  for (const part of data) mac.update(part);
  // noble wipes what it keeps of the key when it has been read.
  mac.digestInto(hash);
  const key = secretBytes(32);
  const left = scalarOf(hash.subarray(0, 32));
  writeNumber(key, added === null ? left : Fn.create(left + scalarOf(added)));
  const chainCode = secretBytes(32);
  chainCode.set(hash.subarray(32));
  hash.fill(0);
  let publicKey: Uint8Array | undefined;
  return {
    key,
    chainCode,
    // When it is asked for: it takes longer than all else here, and not every child's is.
    get publicKey() {
      return (publicKey ??= Point.BASE.multiply(scalarOf(key)).toBytes(true));
    },
    ...place,
  };
}

/** The first four bytes of the public key's hash. */
export function fingerprintOf({ publicKey }: Pick<PrivateNode, 'publicKey'>): number {
  const hash = ripemd160(sha256(publicKey));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

export function wipe({ key, chainCode }: PrivateNode): void {
  key.fill(0);
  chainCode.fill(0);
}
