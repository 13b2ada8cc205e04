/**
 * Holder: who signs where the chain key is not here. It derives no nonce as our keys do, so the first answer that verifies is kept,
 * and given again.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesDigest, type Network, type Wallet } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import { Misconfigured, replaceFile, writeNew } from '@kuramori/program';
import type { KeyService } from '../key-service.ts';
import type { Entrusted } from '../keystore.ts';
import { signedInHsm } from './hsm.ts';
import { psbtOf, signatureIn, type Given } from './wallet.ts';

/** What is to be signed, and what whoever is asked needs to see that it is so. */
export interface Asking {
  readonly plan: string;
  readonly share: string;
  readonly wallet: Wallet;
  readonly network: Network;
  readonly previous: readonly string[];
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

/** Asks whoever has the key, who believes us: it was judged before. Throws Misconfigured where the answer is not what was asked for. */
export async function askHolder(keys: Entrusted, asking: Asking, around: Around): Promise<Answer> {
  const { plan, share } = asking;
  const { verifyShare } = codecOf(keys.on.chain);
  const isGood = (signature: string) => verifyShare(keys.chainKey, plan, share, signature);
  const file = join(around.folder, 'signed', bytesDigest(share));
  const before = keptIn(file, isGood);
  if (before !== null) return { kind: 'signed', share, signature: before };
  const signature = await answered(keys, asking, around);
  if (signature === null) return asked(around.folder, asking);
  if (!isGood(signature)) throw new Error('a signature from elsewhere does not verify: it is kept back');
  mkdirSync(join(around.folder, 'signed'), { recursive: true, mode: 0o700 });
  writeNew(file, `${signature}\n`);
  return { kind: 'signed', share, signature };
}

/** Null where a wallet has not been asked yet. */
async function answered(
  keys: Entrusted,
  { plan, share, wallet }: Asking,
  { service, signed }: Around,
): Promise<string | null> {
  const { heldBy, chainKey } = keys;
  if (heldBy.by === 'wallet') return signed && signatureIn(signed, wallet, { plan, key: chainKey });
  if (service) return signedInHsm(service, heldBy.key, keys, { plan, share });
  throw new Misconfigured(
    `--hsm: names no socket, and the chain key is in an HSM, as ${heldBy.key}: start its process, and name its socket`,
  );
}

function asked(folder: string, { plan, share, wallet, network, previous }: Asking): Answer {
  const psbt = join(folder, 'to-sign', `${bytesDigest(share).slice(0, 16)}.psbt`);
  mkdirSync(join(folder, 'to-sign'), { recursive: true, mode: 0o700 });
  replaceFile(psbt, psbtOf(wallet, plan, network, previous));
  return { kind: 'asked', psbt };
}

function keptIn(file: string, isGood: (signature: string) => boolean): string | null {
  if (!existsSync(file)) return null;
  const signature = readFileSync(file, 'utf8').trim();
  if (isGood(signature)) return signature;
  throw new Misconfigured(
    `${file}: is not the signature that was kept there: find out who changed it, then remove it and give the command again`,
  );
}
