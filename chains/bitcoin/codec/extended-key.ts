/** Extended public keys (BIP 32): what the policy pins of a cosigner, and what a share ends in. */
import { sha256 } from '@noble/hashes/sha2.js';
import { createBase58check } from '@scure/base';
import { HDKey } from '@scure/bip32';
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

/** The text of an extended key's 78 bytes. */
export function extendedOf(payload: Uint8Array): string {
  return base58Checked.encode(payload);
}

/** The key of an extended public one. Throws on what `extendedFlaw` has a word for. */
export function nodeOf(extended: string): HDKey {
  const main = extended.startsWith('xpub');
  return HDKey.fromExtendedKey(extended, main ? keyVersions.mainnet : keyVersions.testnet);
}
