/**
 * Keys at rest: one file, argon2id (RFC 9106) over a passphrase, XChaCha20-Poly1305 over the keys. What is sealed so may be
 * wrapped once more, by a key that never leaves an HSM: then it takes the file, the passphrase and the HSM. Files are made in
 * making.ts: who only opens them needs no words and no derivation.
 */
import { argon2Sync } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { z } from 'zod';
import {
  canonicalText,
  ChainName,
  Hex,
  Network,
  PublicKeyHex,
  signingKeyFromSeed,
  type ChainKey,
  type Plain,
  type SigningKey,
} from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import { Misconfigured, readJson } from '@kuramori/program';
import type { KeyService } from './key-service.ts';
import { secretBytes } from './secret-bytes.ts';
import type { Language } from './seed/sentence.ts';

/** The chain that a signer's key signs for. One signer, one chain: a key is beside no other chain's code in use. */
export const On = z.strictObject({ chain: ChainName, network: Network });
export type On = z.infer<typeof On>;

export const nem: On = { chain: 'nem', network: 'mainnet' };

/** Who has a chain key that is not in the keystore: an HSM, by its name there, or another wallet or device. */
export const HeldBy = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('hsm'), key: z.string().min(1).max(64) }),
  z.strictObject({ by: z.literal('wallet') }),
]);
export type HeldBy = z.infer<typeof HeldBy>;

const Header = z.strictObject({
  v: z.literal(2),
  kdf: z.strictObject({
    name: z.literal('argon2id'),
    // A file from elsewhere must not make us derive cheaply, or for hours.
    memoryKiB: z.int().min(19_456).max(1_048_576),
    passes: z.int().min(2).max(16),
    lanes: z.int().min(1).max(16),
    salt: Hex.length(32),
  }),
  cipher: z.strictObject({ name: z.literal('xchacha20-poly1305'), nonce: Hex.length(48) }),
  /** Public halves, to find the right file; authenticated with the rest. */
  recordKey: PublicKeyHex,
  chainKey: z.string().min(1).max(128),
  /** What the chain key is for; absent: NEM, whose keys are the same on every network. */
  on: On.optional(),
  /** Of the words that the chain key comes from; absent: English. */
  language: z.literal('japanese').optional(),
  /** Whose key wraps what is sealed, and what it is called there. */
  wrapped: z.strictObject({ by: z.literal('hsm'), key: z.string().min(1).max(64) }).optional(),
  /** Who has the chain key; absent: this file. */
  heldBy: HeldBy.optional(),
});
export type Header = z.infer<typeof Header>;

/** Where each secret stands among what is sealed. The chain's own length is its codec's: 32 bytes, or 64. */
export const places = { record: [0, 32], entropy: [32, 64], chain: [64] } as const;
const sealedLength = 64 + 32 + 16;
/** A record key alone, where the chain key is elsewhere. */
const leastSealed = 32 + 16;
const KeystoreFile = Header.extend({ sealed: Hex.min(2 * leastSealed).max(4 * sealedLength) });

/** What every keystore gives once it is open. */
export interface Opened {
  /** Signs journal entries; throws once locked. */
  readonly record: SigningKey;
  readonly chainKey: string;
  readonly on: On;
  readonly isLocked: () => boolean;
  /** Wipes the keys, for good: whoever needs them again opens the keystore again. */
  readonly lock: () => void;
}

/** What a signer holds while it is unlocked. */
export interface Keys extends Opened {
  /** Signs on its chain; throws once locked. */
  readonly chain: ChainKey;
}

/** The record key is here, the chain key was never: its holder is asked for each signature. */
export interface Entrusted extends Opened {
  readonly heldBy: HeldBy;
}

/** For whatever needs the chain key itself. Throws Misconfigured where it is elsewhere. */
export function mustBeHere(file: string, keys: Keys | Entrusted): Keys {
  if ('chain' in keys) return keys;
  throw new Misconfigured(
    `${file}: the chain key is not in it, but ${heldText(keys.heldBy)}: only kuramori vault sign and rotate have it sign`,
  );
}

function hereOrLocked(file: string, keys: Keys | Entrusted): Keys {
  if (!('chain' in keys)) keys.lock();
  return mustBeHere(file, keys);
}

/** For a sentence. */
export function heldText(heldBy: HeldBy): string {
  return heldBy.by === 'hsm' ? `in an HSM, as ${heldBy.key}` : 'in another wallet or device';
}

/** Keys that can be locked, of a record key and a chain key. The chain key is wiped where it stands. */
export function keysOf(record: SigningKey, chain: ChainKey, on: On = nem): Keys {
  return { ...opened(record, chain.publicKey, on, () => chain.wipe()), chain };
}

function opened(record: SigningKey, chainKey: string, on: On, wipe: () => void): Opened {
  let secret: SigningKey['secret'] | undefined = record.secret;
  return {
    record: {
      publicKey: record.publicKey,
      get secret() {
        if (secret === undefined) throw new Error('the keys are locked');
        return secret;
      },
    },
    chainKey,
    on,
    isLocked: () => secret === undefined,
    lock() {
      wipe();
      // OpenSSL wipes its copy when the object is collected: program/closed/forget.ts.
      secret = undefined;
    },
  };
}

/** The public halves that a keystore names, which only opening it proves. */
export function publicHalves(file: string): { readonly recordKey: string; readonly chainKey: string } {
  const { recordKey, chainKey } = readKeystore(file).header;
  return { recordKey, chainKey };
}

/**
 * Unlocks a keystore; the passphrase is wiped. Throws Misconfigured with one line: wrong passphrase, or a damaged or
 * altered file.
 */
export function openKeystore(file: string, passphrase: Uint8Array): Keys {
  return hereOrLocked(file, openAny(file, passphrase));
}

/** The same, wherever its chain key is. */
export function openAny(file: string, passphrase: Uint8Array): Keys | Entrusted {
  const { header, sealed } = readUnwrapped(file);
  return openSealed(file, header, sealed, passphrase);
}

/** The secret bytes of the chain key, for the one who moves it elsewhere: wipe them. As `openKeystore` else. */
export function chainSecretOf(file: string, passphrase: Uint8Array): Uint8Array {
  const { header, sealed } = readUnwrapped(file);
  return takeFrom(file, header, sealed, passphrase, 'chain');
}

/** What the chain key can be made of again, elsewhere. */
export interface Origin {
  /** 32 bytes: wipe them. */
  readonly entropy: Uint8Array;
  /** Of the words that the entropy is written in. */
  readonly language: Language;
  readonly on: On;
}

/** For the one who writes it on paper; as `unlock` else. */
export async function originOf(
  file: string,
  passphrase: Uint8Array,
  service: KeyService | null,
): Promise<Origin> {
  try {
    const { header, sealed } = await readUnsealed(file, service);
    const entropy = takeFrom(file, header, sealed, passphrase, 'entropy');
    return { entropy, language: header.language ?? 'english', on: header.on ?? nem };
  } finally {
    passphrase.fill(0);
  }
}

function takeFrom(
  file: string,
  header: Header,
  sealed: Uint8Array,
  passphrase: Uint8Array,
  which: keyof typeof places,
): Uint8Array {
  let secret: Uint8Array = new Uint8Array();
  const taken = openSealed(file, header, sealed, passphrase, (secrets) => {
    const bytes = secrets.subarray(...places[which]);
    secret = secretBytes(bytes.length);
    secret.set(bytes);
  });
  hereOrLocked(file, taken).lock();
  return secret;
}

function readUnwrapped(file: string): ReturnType<typeof readKeystore> {
  const read = readKeystore(file);
  const { wrapped } = read.header;
  if (wrapped)
    throw new Misconfigured(`${file}: is wrapped by the key ${wrapped.key} of an HSM: give its socket`);
  return read;
}

/** Unlocks a keystore, wrapped or not; the service is asked only for a wrapped one. */
export async function unlock(
  file: string,
  passphrase: Uint8Array,
  service: KeyService | null,
): Promise<Keys> {
  return hereOrLocked(file, await unlockAny(file, passphrase, service));
}

/** The same, wherever its chain key is. */
export async function unlockAny(
  file: string,
  passphrase: Uint8Array,
  service: KeyService | null,
): Promise<Keys | Entrusted> {
  try {
    const { header, sealed } = await readUnsealed(file, service);
    return openSealed(file, header, sealed, passphrase);
  } finally {
    passphrase.fill(0);
  }
}

async function readUnsealed(
  file: string,
  service: KeyService | null,
): Promise<ReturnType<typeof readKeystore>> {
  const { header, sealed } = readKeystore(file);
  if (service === null || !header.wrapped) return readUnwrapped(file);
  return { header, sealed: await service.unwrap(header.wrapped.key, sealed, contextOf(header)) };
}

function readKeystore(file: string): { readonly header: Header; readonly sealed: Uint8Array } {
  const read = KeystoreFile.safeParse(readJson(file));
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new Misconfigured(
      `${file}: ${issue?.path.join('.') || 'keystore'}: ${issue?.message}: restore the file from its backup`,
    );
  }
  const { sealed, ...header } = read.data;
  return { header, sealed: Uint8Array.fromHex(sealed) };
}

function openSealed(
  file: string,
  header: Header,
  sealed: Uint8Array,
  passphrase: Uint8Array,
  take?: (secrets: Uint8Array) => void,
): Keys | Entrusted {
  let secrets: Uint8Array;
  try {
    secrets = cipherOf(header, passphrase).decrypt(sealed);
  } catch (cause) {
    throw new Misconfigured(`${file}: does not open: the passphrase is wrong, or the file was altered`, {
      cause,
    });
  }
  let keys: Keys | Entrusted;
  try {
    keys = header.heldBy
      ? entrusted(secrets, header.chainKey, header.on ?? nem, header.heldBy)
      : fromSecrets(secrets, header.on ?? nem);
    if ('chain' in keys) take?.(secrets);
  } finally {
    secrets.fill(0);
  }
  if (keys.record.publicKey !== header.recordKey || keys.chainKey !== header.chainKey) {
    throw new Misconfigured(
      `${file}: recordKey or chainKey is not that of the sealed keys: restore the file from its backup`,
    );
  }
  return keys;
}

export function fromSecrets(secrets: Uint8Array, on: On): Keys {
  const { chain, network } = on;
  const key = codecOf(chain).keyOf(secrets.subarray(...places.chain), chain, network);
  return keysOf(signingKeyFromSeed(secrets.subarray(...places.record)), key, on);
}

/** `record`: 32 bytes of seed; a copy is OpenSSL's. Whose key it is the header says, which is authenticated. */
export function entrusted(record: Uint8Array, chainKey: string, on: On, heldBy: HeldBy): Entrusted {
  if (record.length !== 32) throw new Error('a keystore without a chain key seals a record key alone');
  const held = opened(signingKeyFromSeed(record), chainKey, on, () => {});
  return { ...held, heldBy };
}

/** The header is authenticated with the keys, so no part of it can be exchanged. */
export function contextOf(header: Header): Uint8Array {
  return Buffer.from(canonicalText(header as Plain));
}

/** Wipes the passphrase. */
export function cipherOf(header: Header, passphrase: Uint8Array) {
  const { memoryKiB, passes, lanes, salt } = header.kdf;
  const key = argon2Sync('argon2id', {
    message: passphrase,
    nonce: Buffer.from(salt, 'hex'),
    memory: memoryKiB,
    passes,
    parallelism: lanes,
    tagLength: 32,
  });
  passphrase.fill(0);
  return xchacha20poly1305(key, Buffer.from(header.cipher.nonce, 'hex'), contextOf(header));
}
