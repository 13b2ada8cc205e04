/** Extended public keys (BIP 32): what the policy pins of a cosigner, and what a share ends in. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { createBase58check } from '@scure/base';
import { HDKey } from '@scure/bip32';
import type { PrivateNode } from '@kuramori/chains/secp256k1';
import { keyVersions } from './network.ts';

/** Why a text is no extended public key of a network that we know; undefined where it is one. */
export function extendedFlaw(text: string): string | undefined {
  const payload = payloadOf(text);
  if (!payload) return 'is no extended key: its checksum is wrong, or its length (BIP 32)';
  const version = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  const networks = Object.values(keyVersions);
  if (networks.some((versions) => versions.private === version))
    return 'is a private key: it is known to whoever has read this, and must never be used again';
  if (!networks.some((versions) => versions.public === version))
    return 'has version bytes of no network that this house knows: xpub or tpub (BIP 32)';
  try {
    nodeOf(text);
    return undefined;
  } catch {
    return 'is no extended key: its point is none of the curve, or its depth is not its parent’s (BIP 32)';
  }
}

const base58Checked = createBase58check(sha256);

/** The 78 bytes of an extended key; undefined where the text is none. */
export function payloadOf(extended: string): Uint8Array | undefined {
  try {
    const payload = base58Checked.decode(extended);
    return payload.length === 78 ? payload : undefined;
  } catch {
    return undefined; // not base58, or a wrong checksum
  }
}

/** Point and chain code, from which all else follows: depth, parent and number are in the text, and in no address. */
export function keyId(extended: string): string {
  return payloadOf(extended)?.subarray(13).toHex() ?? extended;
}

/** The text of an extended key's 78 bytes. */
export function extendedOf(payload: Uint8Array): string {
  return base58Checked.encode(payload);
}

/** The text of a private key’s public half. `version`: the network's, for public keys. */
export function publicTextOf(node: PrivateNode, version: number): string {
  const payload = new Uint8Array(78);
  const view = new DataView(payload.buffer);
  view.setUint32(0, version);
  view.setUint8(4, node.depth);
  view.setUint32(5, node.parent);
  view.setUint32(9, node.index);
  payload.set(node.chainCode, 13);
  payload.set(node.publicKey, 45);
  return extendedOf(payload);
}

/** The key of an extended public one. Throws on what `extendedFlaw` has a word for. */
export function nodeOf(extended: string): HDKey {
  const main = extended.startsWith('xpub');
  return HDKey.fromExtendedKey(extended, main ? keyVersions.mainnet : keyVersions.testnet);
}

type Point = InstanceType<typeof secp256k1.Point>;

/** A public key with what its children are derived with. */
export interface PublicNode {
  readonly point: Point;
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly chainCode: Uint8Array;
}

/** The node of an extended public key. Throws on what `extendedFlaw` has a word for. */
export function publicNodeOf(extended: string): PublicNode {
  const before = nodes.get(extended);
  if (before) return before;
  const { publicKey, chainCode } = nodeOf(extended);
  if (!publicKey || !chainCode) throw new Error('publicNodeOf: a key without its point');
  const node = { point: secp256k1.Point.fromBytes(publicKey), publicKey, chainCode };
  if (nodes.size >= mostNodes) nodes.clear();
  nodes.set(extended, node);
  return node;
}

const nodes = new Map<string, PublicNode>();
const mostNodes = 1_000;

/**
 * BIP 32's public derivation, CKDpub, for an index below 2^31. Beside the library's it keeps the point, which takes a square root to
 * find again: addresses are derived by the hundred thousand.
 */
export function childOf({ point, publicKey, chainCode }: PublicNode, index: number): PublicNode {
  const data = new Uint8Array(37);
  data.set(publicKey);
  new DataView(data.buffer).setUint32(33, index);
  const hash = hmac(sha512, chainCode, data);
  // Throws where the left half is no scalar, for one of 2^127 indexes: that index has no key.
  const tweak = secp256k1.Point.Fn.fromBytes(hash.subarray(0, 32));
  // In steps that depend on the number: it follows from public bytes alone.
  const child = point.add(secp256k1.Point.BASE.multiplyUnsafe(tweak));
  return { point: child, publicKey: child.toBytes(true), chainCode: hash.slice(32) };
}
