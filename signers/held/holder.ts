/**
 * Holder: who signs where the chain key is not here. It derives no nonce as our keys do, so the first answer that verifies is kept,
 * and given again.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesDigest } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import { Misconfigured, replaceFile, writeNew } from '@kuramori/program';
import type { KeyService } from '../key-service.ts';
import type { Entrusted, Keys } from '../keystore.ts';
import { signedInHsm } from './hsm.ts';
import { psbtOf, signatureIn, type Given, type ToSign } from './wallet.ts';

/** What is to be signed, and what whoever is asked needs to see that it is so. */
export interface Asking extends ToSign {
  readonly share: string;
}

export type Answer =
  | { readonly kind: 'signed'; readonly share: string; readonly signature: string }
  /** A PSBT in this file waits to be signed elsewhere. */
  | { readonly kind: 'asked'; readonly psbt: string };

export interface Around {
  /** The vault's own. */
  readonly folder: string;
  readonly service: KeyService | null;
  /** What another wallet gave back. */
  readonly signed: Given | null;
}

/**
 * Whether a signature of it is out, or about to be given: then nothing is decided any more. A record alone says no such thing of a key
 * that is elsewhere. Throws Misconfigured where what was kept is not what it was.
 */
export function isOut(
  keys: Keys | Entrusted,
  asking: Pick<Asking, 'plan' | 'share'>,
  around: Around,
): boolean {
  if ('chain' in keys) return true;
  return (
    (keys.heldBy.by === 'wallet' && around.signed !== null) || kept(keys, asking, around.folder) !== null
  );
}

/** Throws Misconfigured where nobody could be asked: before anybody types, and anything is recorded. */
export function mustBeAskable(keys: Keys | Entrusted, asking: Asking, { service, signed }: Around): void {
  const by = 'chain' in keys ? null : keys.heldBy;
  if (signed && by?.by !== 'wallet')
    throw new Misconfigured('--signed: is what another wallet gives back, and no other wallet has this key');
  if (by?.by === 'wallet') psbtOf(asking);
  if (by?.by === 'hsm' && !service) throw noSocket(by.key);
}

/** Asks whoever has the key, who believes us: it was judged before. Throws Misconfigured where the answer is not what was asked for. */
export async function askHolder(keys: Entrusted, asking: Asking, around: Around): Promise<Answer> {
  const { share } = asking;
  const before = kept(keys, asking, around.folder);
  if (before !== null) return { kind: 'signed', share, signature: before };
  const signature = await answered(keys, asking, around);
  return signature === null
    ? asked(around.folder, asking)
    : { kind: 'signed', share, signature: keep(keys, asking, around.folder, signature) };
}

/** Null where a wallet has not been asked yet. */
async function answered(
  keys: Entrusted,
  asking: Asking,
  { service, signed }: Around,
): Promise<string | null> {
  const { heldBy, chainKey } = keys;
  if (heldBy.by === 'wallet') return signed && signatureIn(signed, asking, chainKey);
  if (service) return signedInHsm(service, heldBy.key, keys, asking);
  throw noSocket(heldBy.key);
}

function noSocket(key: string): Misconfigured {
  return new Misconfigured(
    `--hsm: names no socket, and the chain key is in an HSM, as ${key}: start its process, and name its socket. Nothing was asked of it`,
  );
}

function asked(folder: string, asking: Asking): Answer {
  const psbt = join(folder, 'to-sign', `${bytesDigest(asking.share).slice(0, 16)}.psbt`);
  mkdirSync(join(folder, 'to-sign'), { recursive: true, mode: 0o700 });
  replaceFile(psbt, psbtOf(asking));
  return { kind: 'asked', psbt };
}

/** The first answer is the one that stands, also of two that came at once. */
function keep(keys: Entrusted, asking: Asking, folder: string, signature: string): string {
  if (!isGood(keys, asking, signature))
    throw new Error('a signature from elsewhere does not verify: it is kept back');
  mkdirSync(join(folder, 'signed'), { recursive: true, mode: 0o700 });
  try {
    writeNew(fileOf(folder, asking), `${signature}\n`);
  } catch (cause) {
    const before = kept(keys, asking, folder);
    if (before === null) throw cause;
    return before;
  }
  return signature;
}

function kept(keys: Entrusted, asking: Pick<Asking, 'plan' | 'share'>, folder: string): string | null {
  const file = fileOf(folder, asking);
  if (!existsSync(file)) return null;
  const signature = readFileSync(file, 'utf8').trim();
  if (isGood(keys, asking, signature)) return signature;
  throw new Misconfigured(
    `${file}: is not the signature that was kept there: find out who changed it, then remove it and give the command again`,
  );
}

const fileOf = (folder: string, { share }: Pick<Asking, 'share'>) =>
  join(folder, 'signed', bytesDigest(share));

function isGood(
  { chainKey, on }: Entrusted,
  { plan, share }: Pick<Asking, 'plan' | 'share'>,
  signature: string,
): boolean {
  return codecOf(on.chain).verifyShare(chainKey, plan, share, signature);
}
