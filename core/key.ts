/** Ed25519 (RFC 8032) for everything that is ours: requests, policy, records, facts, freezes. Chain keys live in chains/. */
import { channel } from 'node:diagnostics_channel';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { digest, type Kind, type Plain } from './canonical.ts';

export const Hex = z.string().regex(/^(?:[0-9a-f]{2})*$/, 'must be bytes as lower-case hex');
export const Hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes as lower-case hex');
/** A raw Ed25519 public key: 64 hex digits. */
export const PublicKeyHex = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be an Ed25519 public key as 64 lower-case hex digits');
export const SignatureHex = z.string().regex(/^[0-9a-f]{128}$/, 'must be 64 bytes as lower-case hex');

// RFC 8410: the fixed DER in front of a raw key.
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const parsed = new Map<string, KeyObject>();

function publicKeyObject(raw: string): KeyObject {
  const known = parsed.get(raw);
  if (known) return known;
  const key = createPublicKey({
    key: Buffer.concat([spki, Buffer.from(raw, 'hex')]),
    format: 'der',
    type: 'spki',
  });
  // Only pinned keys come here, so the map stays as small as the policy.
  parsed.set(raw, key);
  return key;
}

/** A signing key with its public half; the secret stays inside the KeyObject. */
export interface SigningKey {
  readonly publicKey: string;
  readonly secret: KeyObject;
}

export function generateSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey);
}

/** From the 32 bytes of RFC 8032 §5.1.5. */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  if (seed.length !== 32) throw new RangeError('an Ed25519 seed has 32 bytes');
  const key = Buffer.concat([pkcs8, seed]);
  try {
    return signingKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  } finally {
    key.fill(0);
  }
}

function signingKey(secret: KeyObject): SigningKey {
  const der = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return { publicKey: der.subarray(spki.length).toString('hex'), secret };
}

/** What is signed or verified: a statement of one of the kinds, the exchange's request, or a log's checkpoint (note.ts). */
type Signed = Kind | 'request' | 'checkpoint' | 'cosignature';

/** Each signature made or verified, for whoever counts (program/count.ts); it costs nothing while nobody does. */
const used = channel('kuramori:signature');

function tell(verb: 'sign' | 'verify', what: Signed): void {
  if (used.hasSubscribers) used.publish(`ed25519 ${verb} ${what}`);
}

export function signText(key: SigningKey, what: Signed, text: string): string {
  tell('sign', what);
  return signBytes(null, Buffer.from(text), key.secret).toString('hex');
}

export function verifyText(publicKey: string, what: Signed, text: string, signature: string): boolean {
  if (!PublicKeyHex.safeParse(publicKey).success || !SignatureHex.safeParse(signature).success) return false;
  tell('verify', what);
  return verifyBytes(null, Buffer.from(text), publicKeyObject(publicKey), Buffer.from(signature, 'hex'));
}

/** Signs the digest of a statement, with the statement's kind inside. */
export function signStatement(key: SigningKey, kind: Kind, statement: Plain): string {
  return signText(key, kind, digest(kind, statement));
}

export function verifyStatement(publicKey: string, kind: Kind, statement: Plain, signature: string): boolean {
  return verifyText(publicKey, kind, digest(kind, statement), signature);
}
