/** The people and outsiders of the sandbox: a keeper, an operator, an exchange, a treasury, a customer. Their keys are files of mode 0600. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { signingKeyFromSeed, type SigningKey } from '@kuramori/core';
import {
  addressOf,
  formatPrivateKey,
  parsePrivateKey,
  privateKeyOf,
  publicKeyOf,
  type Address,
  type PrivateKey,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import { Misconfigured, readSecret, writeNew } from '@kuramori/program';

export interface Account {
  readonly privateKey: PrivateKey;
  readonly publicKey: PublicKey;
  readonly address: Address;
}

export interface People {
  /** Signs the policy. */
  readonly keeper: SigningKey;
  /** May freeze, and no more. */
  readonly operator: SigningKey;
  /** Signs requests to custody. */
  readonly exchange: SigningKey;
  /** Holds the devnet's coins at the beginning. */
  readonly treasury: Account;
  /** A customer's own wallet, elsewhere. */
  readonly customer: Account;
  /** Makes the devnet's blocks. */
  readonly harvester: Account;
}

/** Reads the people's keys from the folder; makes them for a house that is not built yet. Throws Misconfigured. */
export function openPeople(folder: string, make: boolean): People {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keyFile = (name: string, fresh: () => string): string => {
    const file = join(folder, name);
    if (make) return secret(file, fresh);
    // A new one would fit neither the policy nor the chain.
    if (!existsSync(file))
      throw new Misconfigured(`${file}: is gone: restore it, or begin anew with --fresh`);
    return readSecret(file);
  };
  const damaged = (name: string, why: string) =>
    new Misconfigured(`${join(folder, name)}: ${why}: restore it, or begin anew with --fresh`);
  const account = (who: string): Account => {
    const name = `${who}.nem`;
    const read = parsePrivateKey(keyFile(name, () => formatPrivateKey(privateKeyOf(randomBytes(32)))));
    if (read.kind === 'refused') throw damaged(name, `holds no private key (${read.why})`);
    const publicKey = publicKeyOf(read.privateKey);
    return { privateKey: read.privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
  };
  const signing = (who: string) => {
    const name = `${who}.seed`;
    const seed = keyFile(name, randomSeed);
    if (!/^[0-9a-f]{64}$/.test(seed)) throw damaged(name, 'must be 32 bytes as lower-case hex');
    return signingKeyFromSeed(Buffer.from(seed, 'hex'));
  };
  return {
    keeper: signing('keeper'),
    operator: signing('operator'),
    exchange: signing('exchange'),
    treasury: account('treasury'),
    customer: account('customer'),
    harvester: account('harvester'),
  };
}

/** Reads a secret, or makes it once. */
export function secret(file: string, make: () => string): string {
  if (!existsSync(file)) writeNew(file, `${make()}\n`);
  return readSecret(file);
}

export function randomSeed(): string {
  return randomBytes(32).toString('hex');
}
