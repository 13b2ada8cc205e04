/**
 * The vault: an offline keystore. It never has a socket (Node's permission flags deny it); what it takes and gives
 * goes through files and its two lines of JSON.
 *   node signers/vault/main.ts create <folder>
 *   node signers/vault/main.ts convert <folder> <request.json>
 *   node signers/vault/main.ts pin <folder> <keepers.json>
 *   node signers/vault/main.ts rotate <folder> <request.json>
 */
import '@kuramori/program/closed';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PublicKeyHex } from '@kuramori/core';
import { formatPrivateKey } from '@kuramori/chains/nem/codec';
import { Misconfigured, readConfig, readSecretBytes, run, writeNew } from '@kuramori/program';
import { createKeystore, openKeystore } from '../keystore.ts';
import { conversion } from './conversion.ts';
import { cosignRotation, RotationRequest, shown } from './rotation.ts';

const ConvertRequest = z.strictObject({
  network: z.enum(['mainnet', 'testnet']),
  cosigners: z.array(PublicKeyHex).min(2).max(32),
  threshold: z.int().positive(),
  /** NEM seconds. */
  timeStamp: z.int().positive(),
  deadline: z.int().positive(),
  /**
   * Leaves this account's own key behind, in the file `message-key`, mode 0600. Customers' wallets encrypt to it, and once the
   * chain has confirmed the conversion it moves nothing. Until then it moves everything: it must not leave this machine.
   */
  messageKey: z.boolean().default(false),
});

const Pins = z.strictObject({ keys: z.array(PublicKeyHex).min(1), quorum: z.int().positive() });

const [command, folder, request] = process.argv.slice(2);
if (folder === undefined || !['create', 'convert', 'pin', 'rotate'].includes(command ?? '')) {
  process.stderr.write(
    'usage: node signers/vault/main.ts create <folder> | convert | pin | rotate <folder> <file.json>\n',
  );
  process.exit(2);
}

await run(
  `vault ${command}`,
  async () => ({ ready: perform(command ?? '', folder, request), stop: () => {} }),
  { withParent: false },
);

function perform(what: string, at: string, file: string | undefined): Record<string, unknown> {
  if (what === 'create') return { ...create(at) };
  if (file === undefined) throw new Misconfigured(`${what}: give the path of a file`);
  if (what === 'convert') return { ...convert(at, file) };
  return what === 'pin' ? pin(at, file) : rotate(at, file);
}

/** Pinned once, at this vault's own ceremony: whose signatures make a policy. */
function pin(at: string, file: string) {
  const keepers = readConfig(file, Pins);
  if (keepers.quorum > keepers.keys.length || 2 * keepers.quorum <= keepers.keys.length)
    throw new Misconfigured(
      `${file}: quorum: must be more than half of the keepers, and no more than there are`,
    );
  writeNew(join(at, 'keepers.json'), `${JSON.stringify(keepers, null, 2)}\n`);
  return { pinned: keepers.keys, quorum: keepers.quorum };
}

function rotate(at: string, file: string) {
  const keepers = readConfig(join(at, 'keepers.json'), Pins);
  const given = readConfig(file, RotationRequest);
  const keys = openKeystore(join(at, 'keystore.json'), readSecretBytes(join(at, 'passphrase')));
  try {
    return shown(cosignRotation(keys, keepers, given));
  } finally {
    keys.lock();
  }
}

function create(into: string) {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const passphrase = randomBytes(32).toString('base64url');
  writeNew(join(into, 'passphrase'), `${passphrase}\n`);
  return createKeystore(join(into, 'keystore.json'), Buffer.from(passphrase));
}

/** Signs the change of this folder's account into a multisig of others; the account's own key is powerless after it. */
function convert(from: string, file: string) {
  const { cosigners, threshold, network, timeStamp, deadline, messageKey } = readConfig(file, ConvertRequest);
  if (threshold >= cosigners.length) {
    throw new Misconfigured(
      `${file}: threshold: must be below the number of cosigners: n-of-n falls to n-1 keys`,
    );
  }
  if (new Set(cosigners).size !== cosigners.length)
    throw new Misconfigured(`${file}: cosigners: names one twice`);
  // The key is gone once this is signed, so it must be signed right the first time. NIS takes no deadline beyond a day.
  if (deadline <= timeStamp || deadline - timeStamp > 24 * 3600)
    throw new Misconfigured(`${file}: deadline: must be after timeStamp, by at most a day`);
  const keystore = join(from, 'keystore.json');
  const passphrase = join(from, 'passphrase');
  const keys = openKeystore(keystore, readSecretBytes(passphrase));
  if (cosigners.includes(keys.chainKey))
    throw new Misconfigured(`${file}: cosigners: names the account itself`);
  const announcement = conversion(keys, { network, cosigners, threshold, timeStamp, deadline });
  if (messageKey) writeNew(join(from, 'message-key'), `${formatPrivateKey(keys.chain)}\n`);
  keys.lock();
  // Nothing signs with this key again: once converted, the chain refuses its signatures (74).
  rmSync(keystore);
  rmSync(passphrase);
  return announcement;
}
