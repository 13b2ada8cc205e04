/** Keys at rest: one file, argon2id (RFC 9106) over a passphrase, XChaCha20-Poly1305 over the keys. */
import { argon2Sync, randomBytes } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { z } from 'zod';
import { canonicalText, Hex, PublicKeyHex, signingKeyFromSeed, type SigningKey } from '@kuramori/core';
import { privateKeyOf, publicKeyOf, type PrivateKey } from '@kuramori/chains/nem/codec';
import { Misconfigured, readJson, writeNew } from '@kuramori/program';

/** RFC 9106 §4, second recommended option: 64 MiB, 3 passes, 4 lanes. */
const cost = { memoryKiB: 65_536, passes: 3, lanes: 4 } as const;

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
  chainKey: PublicKeyHex,
});

const KeystoreFile = Header.extend({ sealed: Hex.length(2 * (32 + 32 + 16)) });

/** What a signer holds once unlocked. */
export interface Keys {
  /** Signs journal entries. */
  readonly record: SigningKey;
  /** Signs on NEM. */
  readonly chain: PrivateKey;
  readonly chainKey: string;
}

/** Makes new keys and writes them sealed, mode 0600. Never overwrites a file: it could be the only copy of a key. */
export function createKeystore(
  file: string,
  passphrase: string,
): { readonly recordKey: string; readonly chainKey: string } {
  const secrets = randomBytes(64);
  const { record, chainKey } = keysOf(secrets);
  const header: z.infer<typeof Header> = {
    v: 1,
    kdf: { name: 'argon2id', ...cost, salt: randomBytes(16).toString('hex') },
    cipher: { name: 'xchacha20-poly1305', nonce: randomBytes(24).toString('hex') },
    recordKey: record.publicKey,
    chainKey,
  };
  const sealed = cipherOf(header, passphrase).encrypt(secrets);
  secrets.fill(0);
  writeNew(file, `${JSON.stringify({ ...header, sealed: Buffer.from(sealed).toString('hex') }, null, 2)}\n`);
  return { recordKey: header.recordKey, chainKey: header.chainKey };
}

/** Unlocks a keystore. Throws Misconfigured with one line: wrong passphrase, or a damaged or altered file. */
export function openKeystore(file: string, passphrase: string): Keys {
  const read = KeystoreFile.safeParse(readJson(file));
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new Misconfigured(
      `${file}: ${issue?.path.join('.') || 'keystore'}: ${issue?.message}: restore the file from its backup`,
    );
  }
  const { sealed, ...header } = read.data;
  let secrets: Uint8Array;
  try {
    secrets = cipherOf(header, passphrase).decrypt(Buffer.from(sealed, 'hex'));
  } catch (cause) {
    throw new Misconfigured(`${file}: does not open: the passphrase is wrong, or the file was altered`, {
      cause,
    });
  }
  const keys = keysOf(secrets);
  secrets.fill(0);
  if (keys.record.publicKey !== header.recordKey || keys.chainKey !== header.chainKey) {
    throw new Misconfigured(
      `${file}: recordKey or chainKey is not that of the sealed keys: restore the file from its backup`,
    );
  }
  return keys;
}

function keysOf(secrets: Uint8Array): Keys {
  const chain = privateKeyOf(secrets.subarray(32, 64));
  return { record: signingKeyFromSeed(secrets.subarray(0, 32)), chain, chainKey: publicKeyOf(chain) };
}

/** The header is authenticated with the keys, so no part of it can be exchanged. */
function cipherOf(header: z.infer<typeof Header>, passphrase: string) {
  const { memoryKiB, passes, lanes, salt } = header.kdf;
  const key = argon2Sync('argon2id', {
    message: Buffer.from(passphrase, 'utf8'),
    nonce: Buffer.from(salt, 'hex'),
    memory: memoryKiB,
    passes,
    parallelism: lanes,
    tagLength: 32,
  });
  return xchacha20poly1305(key, Buffer.from(header.cipher.nonce, 'hex'), Buffer.from(canonicalText(header)));
}
