/** Place: what stands at one index of a wallet's descriptor, an address with its script and its keys. */
import { sha256 } from '@noble/hashes/sha2.js';
import { HARDENED_OFFSET } from '@scure/bip32';
import { compare, concat } from './bytes.ts';
import type { Descriptor } from './descriptor.ts';
import { childOf } from './extended-key.ts';

/** One of the keys in an address's script. */
export interface PlaceKey {
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly fingerprint: number;
  /** From the master key to this one. */
  readonly path: readonly number[];
  /** Which of the descriptor's keys it was derived from. */
  readonly of: number;
}

/** What stands at one index of a branch. */
export interface Place {
  readonly branch: 0 | 1;
  readonly index: number;
  /** In the order of the script: sorted by their bytes (BIP 67). */
  readonly keys: readonly PlaceKey[];
  readonly witnessScript: Uint8Array;
  /** What an output pays to: OP_0 and the script's hash (BIP 141). */
  readonly script: Uint8Array;
}

/** The place at an index below 2^31 of a branch. Throws on any other. */
export function placeAt(descriptor: Descriptor, branch: 0 | 1, index: number): Place {
  if (!Number.isInteger(index) || index < 0 || index >= HARDENED_OFFSET)
    throw new RangeError(`placeAt: index ${index} is none below 2^31`);
  let places = derived.get(descriptor);
  if (!places || places.size >= mostPlaces) derived.set(descriptor, (places = new Map()));
  const at = branch * HARDENED_OFFSET + index;
  const place = places.get(at) ?? derive(descriptor, branch, index);
  places.set(at, place);
  return place;
}

/** Each look at a plan asks for the same few places, and deriving one takes a millisecond. */
const derived = new WeakMap<Descriptor, Map<number, Place>>();
const mostPlaces = 10_000;

function derive(descriptor: Descriptor, branch: 0 | 1, index: number): Place {
  const keys = descriptor.branches
    .map((branches, of) => {
      const key = descriptor.keys[of];
      if (!key) throw new Error('derive: a branch without its key');
      const { publicKey } = childOf(branches[branch], index);
      return { publicKey, fingerprint: key.fingerprint, path: [...key.path, branch, index], of };
    })
    .sort((one, other) => compare(one.publicKey, other.publicKey));
  const witnessScript = multisigScript(
    descriptor.threshold,
    keys.map(({ publicKey }) => publicKey),
  );
  return { branch, index, keys, witnessScript, script: payingTo(witnessScript) };
}

/** OP_k, the keys, OP_n, OP_CHECKMULTISIG. Numbers up to 15 have an opcode each. */
export function multisigScript(threshold: number, keys: readonly Uint8Array[]): Uint8Array {
  return concat(
    Uint8Array.of(0x50 + threshold),
    ...keys.map((key) => Uint8Array.of(key.length, ...key)),
    Uint8Array.of(0x50 + keys.length, 0xae),
  );
}

/** Pay to witness script hash (BIP 141). */
export function payingTo(witnessScript: Uint8Array): Uint8Array {
  return Uint8Array.of(0, 32, ...sha256(witnessScript));
}
