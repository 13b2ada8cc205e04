/**
 * Keys at rest: one file, argon2id (RFC 9106) over a passphrase, XChaCha20-Poly1305 over the keys. What is sealed so may be
 * wrapped once more, by a key that never leaves an HSM: then it takes the file, the passphrase and the HSM.
 */
import { argon2Sync, randomBytes } from 'node:crypto';
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
import { Misconfigured, readJson, writeNew } from '@kuramori/program';
import type { KeyService } from './key-service.ts';

/** RFC 9106 §4, second recommended option: 64 MiB, 3 passes, 4 lanes. */
const cost = { memoryKiB: 65_536, passes: 3, lanes: 4 } as const;

/** The chain that a signer's key signs for. One signer, one chain: a key is beside no other chain's code in use. */
export const On = z.strictObject({ chain: ChainName, network: Network });
export type On = z.infer<typeof On>;

const nem: On = { chain: 'nem', network: 'mainnet' };

const Header = z.strictObject({
  v: z.literal(1),
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
  /** Whose key wraps what is sealed, and what it is called there. */
  wrapped: z.strictObject({ by: z.literal('hsm'), key: z.string().min(1).max(64) }).optional(),
});
type Header = z.infer<typeof Header>;

const sealedLength = 32 + 32 + 16;
const KeystoreFile = Header.extend({ sealed: Hex.min(2 * sealedLength).max(4 * sealedLength) });

/** What a signer holds while it is unlocked. */
export interface Keys {
  /** Signs journal entries; throws once locked. */
  readonly record: SigningKey;
  /** Signs on its chain; throws once locked. */
  readonly chain: ChainKey;
  readonly chainKey: string;
  readonly on: On;
  readonly isLocked: () => boolean;
  /** Wipes the keys, for good: whoever needs them again opens the keystore again. */
  readonly lock: () => void;
}

/** Keys that can be locked, of a record key and a chain key. The chain key is wiped where it stands. */
export function keysOf(record: SigningKey, chain: ChainKey, on: On = nem): Keys {
  let secret: SigningKey['secret'] | undefined = record.secret;
  return {
    record: {
      publicKey: record.publicKey,
      get secret() {
        if (secret === undefined) throw new Error('the keys are locked');
        return secret;
      },
    },
    chain,
    chainKey: chain.publicKey,
    on,
    isLocked: () => secret === undefined,
    lock() {
      chain.wipe();
      // OpenSSL wipes its copy when the object is collected: program/closed/forget.ts.
      secret = undefined;
    },
  };
}

/**
 * Makes new keys, writes them sealed, mode 0600, and gives them back open. Never overwrites a file: it could be the only copy
 * of a key. The passphrase is wiped.
 */
export function makeKeystore(file: string, passphrase: Uint8Array, on: On = nem): Keys {
  const { header, sealed, keys } = seal(passphrase, on);
  write(file, header, sealed);
  return keys;
}

/** The same, wrapped by a key of the HSM. */
export async function makeWrapped(
  file: string,
  passphrase: Uint8Array,
  service: KeyService,
  key: string,
  on: On = nem,
): Promise<Keys> {
  const { header, sealed, keys } = seal(passphrase, on, { by: service.kind, key });
  write(file, header, await service.wrap(key, sealed, contextOf(header)));
  return keys;
}

function seal(
  passphrase: Uint8Array,
  on: On,
  wrapped?: Header['wrapped'],
): { readonly header: Header; readonly sealed: Uint8Array; readonly keys: Keys } {
  const secrets = randomBytes(64);
  const keys = fromSecrets(secrets, on);
  const header: Header = {
    v: 1,
    kdf: { name: 'argon2id', ...cost, salt: randomBytes(16).toString('hex') },
    cipher: { name: 'xchacha20-poly1305', nonce: randomBytes(24).toString('hex') },
    recordKey: keys.record.publicKey,
    chainKey: keys.chainKey,
    ...(on.chain === 'nem' ? {} : { on }),
    ...(wrapped ? { wrapped } : {}),
  };
  const sealed = cipherOf(header, passphrase).encrypt(secrets);
  secrets.fill(0);
  return { header, sealed, keys };
}

function write(file: string, header: Header, sealed: Uint8Array): void {
  writeNew(file, `${JSON.stringify({ ...header, sealed: sealed.toHex() }, null, 2)}\n`);
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
  const { header, sealed } = readUnwrapped(file);
  return openSealed(file, header, sealed, passphrase);
}

/** The 32 secret bytes of the chain key, for the one who moves it elsewhere: wipe them. As `openKeystore` else. */
export function chainSecretOf(file: string, passphrase: Uint8Array): Uint8Array {
  const { header, sealed } = readUnwrapped(file);
  // Outside V8's heap, which moves small arrays about and leaves copies behind.
  const secret = new Uint8Array(new ArrayBuffer(32));
  openSealed(file, header, sealed, passphrase, (chain) => secret.set(chain)).lock();
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
  const { header, sealed } = readKeystore(file);
  if (service === null || !header.wrapped) return openKeystore(file, passphrase);
  const unwrapped = await service.unwrap(header.wrapped.key, sealed, contextOf(header));
  return openSealed(file, header, unwrapped, passphrase);
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
  take?: (chain: Uint8Array) => void,
): Keys {
  let secrets: Uint8Array;
  try {
    secrets = cipherOf(header, passphrase).decrypt(sealed);
  } catch (cause) {
    throw new Misconfigured(`${file}: does not open: the passphrase is wrong, or the file was altered`, {
      cause,
    });
  }
  const keys = fromSecrets(secrets, header.on ?? nem);
  take?.(secrets.subarray(32, 64));
  secrets.fill(0);
  if (keys.record.publicKey !== header.recordKey || keys.chainKey !== header.chainKey) {
    throw new Misconfigured(
      `${file}: recordKey or chainKey is not that of the sealed keys: restore the file from its backup`,
    );
  }
  return keys;
}

function fromSecrets(secrets: Uint8Array, on: On): Keys {
  const { chain, network } = on;
  const key = codecOf(chain).keyOf(secrets.subarray(32, 64), chain, network);
  return keysOf(signingKeyFromSeed(secrets.subarray(0, 32)), key, on);
}

/** The header is authenticated with the keys, so no part of it can be exchanged. */
function contextOf(header: Header): Uint8Array {
  return Buffer.from(canonicalText(header as Plain));
}

/** Wipes the passphrase. */
function cipherOf(header: Header, passphrase: Uint8Array) {
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
