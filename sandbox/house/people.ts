/** The people and outsiders of the sandbox: a keeper, an exchange, a treasury, a customer. Their keys are files of mode 0600. */
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
import { readSecret, writeNew } from '@kuramori/program';

export interface Account {
  readonly privateKey: PrivateKey;
  readonly publicKey: PublicKey;
  readonly address: Address;
}

export interface People {
  /** Signs the policy. */
  readonly keeper: SigningKey;
  /** Signs requests to custody. */
  readonly exchange: SigningKey;
  /** Holds the devnet's coins at the beginning. */
  readonly treasury: Account;
  /** A customer's own wallet, elsewhere. */
  readonly customer: Account;
  /** Makes the devnet's blocks. */
  readonly harvester: Account;
}

/** Reads the people's keys from the folder; makes those that are missing. */
export function openPeople(folder: string): People {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const account = (name: string): Account => {
    const read = parsePrivateKey(
      secret(join(folder, `${name}.nem`), () => formatPrivateKey(privateKeyOf(randomBytes(32)))),
    );
    if (read.kind === 'refused') throw new Error(`${name}.nem: ${read.why}`);
    const publicKey = publicKeyOf(read.privateKey);
    return { privateKey: read.privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
  };
  const signing = (name: string) =>
    signingKeyFromSeed(Buffer.from(secret(join(folder, `${name}.seed`), randomSeed), 'hex'));
  return {
    keeper: signing('keeper'),
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
