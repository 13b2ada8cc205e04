import { cbc, gcm } from '@noble/ciphers/aes.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { isHex } from './hex.ts';
import type { PrivateKey, PublicKey } from './keys.ts';
import { scalarOf } from './signing.ts';

/** The two forms of an encrypted message; nothing in the bytes says which one it is. */
export type CipherForm =
  /** AES-256-GCM under HKDF-SHA-256 with the info "nem-nis1": tag 16 || iv 12 || ciphertext. Authenticated. */
  | 'gcm'
  /** What wallets of 2018 wrote. AES-256-CBC, PKCS #7, under keccak256(shared XOR salt): salt 32 || iv 16 || ciphertext. */
  | 'legacy';

export type Decrypted =
  | { readonly kind: 'decrypted'; readonly form: CipherForm; readonly payload: string }
  /** One refusal for everything: which check failed is nobody's business who can send us bytes. */
  | { readonly kind: 'refused' };

const refused: Decrypted = { kind: 'refused' };
const [tagLength, gcmIv, saltLength, cbcIv, block] = [16, 12, 32, 16, 16] as const;

/**
 * Decrypts the payload of an encrypted message between the two keys, whichever of them sent it. Never throws. The
 * authenticated form is tried first. The legacy form has no tag: about one in 256 payloads of a foreign key passes for a
 * short text, so what comes out is a claim that the caller must check.
 */
export function decryptMessage(privateKey: PrivateKey, other: PublicKey, payload: string): Decrypted {
  if (!isHex(payload)) return refused;
  const shared = sharedPoint(privateKey, other);
  if (shared === undefined) return refused;
  const bytes = Uint8Array.fromHex(payload);
  try {
    return openGcm(shared, bytes) ?? openLegacy(shared, bytes) ?? refused;
  } finally {
    shared.fill(0);
  }
}

function openGcm(shared: Uint8Array, bytes: Uint8Array): Decrypted | undefined {
  if (bytes.length < tagLength + gcmIv) return undefined;
  const tag = bytes.subarray(0, tagLength);
  const iv = bytes.subarray(tagLength, tagLength + gcmIv);
  const sealed = new Uint8Array([...bytes.subarray(tagLength + gcmIv), ...tag]);
  return attempt('gcm', () => gcm(gcmKey(shared), iv).decrypt(sealed));
}

function openLegacy(shared: Uint8Array, bytes: Uint8Array): Decrypted | undefined {
  const ciphertext = bytes.subarray(saltLength + cbcIv);
  if (ciphertext.length === 0 || ciphertext.length % block !== 0) return undefined;
  const key = legacyKey(shared, bytes.subarray(0, saltLength));
  const iv = bytes.subarray(saltLength, saltLength + cbcIv);
  return attempt('legacy', () => cbc(key, iv).decrypt(ciphertext));
}

function attempt(form: CipherForm, open: () => Uint8Array): Decrypted | undefined {
  try {
    return { kind: 'decrypted', form, payload: open().toHex() };
  } catch {
    return undefined; // noble throws on a tag or a padding that is wrong
  }
}

/** Encrypts as a customer's wallet does. `random` is 12 bytes for the new form, 48 for the legacy one; never used twice. */
export function encryptMessage(
  privateKey: PrivateKey,
  other: PublicKey,
  payload: string,
  form: CipherForm,
  random: Uint8Array,
): string {
  const shared = sharedPoint(privateKey, other);
  if (shared === undefined) throw new RangeError('encryptMessage: other is no public key');
  const clear = Uint8Array.fromHex(payload);
  if (form === 'legacy') {
    if (random.length !== saltLength + cbcIv) throw new RangeError('encryptMessage: random must be 48 bytes');
    const key = legacyKey(shared, random.subarray(0, saltLength));
    return random.toHex() + cbc(key, random.subarray(saltLength)).encrypt(clear).toHex();
  }
  if (random.length !== gcmIv) throw new RangeError('encryptMessage: random must be 12 bytes');
  const sealed = gcm(gcmKey(shared), random).encrypt(clear);
  const end = sealed.length - tagLength;
  return sealed.subarray(end).toHex() + random.toHex() + sealed.subarray(0, end).toHex();
}

const gcmKey = (shared: Uint8Array) =>
  hkdf(sha256, shared, undefined, new TextEncoder().encode('nem-nis1'), 32);

const legacyKey = (shared: Uint8Array, salt: Uint8Array) =>
  keccak_256(shared.map((byte, at) => byte ^ (salt[at] ?? 0)));

/** The bytes of scalar times point. Undefined where the key is no canonical point of the group that honest keys are in. */
function sharedPoint(privateKey: PrivateKey, other: PublicKey): Uint8Array | undefined {
  if (!isHex(other, 32)) return undefined;
  try {
    const point = ed25519.Point.fromHex(other);
    // A point of small order, or with a part of one, would make a key that others can guess.
    if (point.is0() || !point.isTorsionFree()) return undefined;
    return point.multiply(scalarOf(privateKey)).toBytes();
  } catch {
    return undefined; // noble throws on what is no point of the curve, or not in canonical form
  }
}
