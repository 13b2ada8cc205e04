/**
 * The vault: an offline keystore. It never has a socket (Node's permission flags deny it); what it takes and gives
 * goes through files and its two lines of JSON. Its keys are made and its policy is pinned by `kuramori signer`.
 *   node signers/vault/main.ts convert <folder> <request.json>
 *   node signers/vault/main.ts rotate <folder> <request.json> [confirm]
 * Given by `kuramori vault`. `confirm`: what somebody would type, for scripts.
 */
import '@kuramori/program/closed';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PublicKeyHex } from '@kuramori/core';
import { formatPrivateKey, privateKeyOf } from '@kuramori/chains/nem/codec';
import { Misconfigured, readConfig, readSecretBytes, run, writeNew } from '@kuramori/program';
import { chainSecretOf, openKeystore, type Keys } from '../keystore.ts';
import { readPins } from '../pins.ts';
import { mustBeOf, mustLive } from '../transcript.ts';
import { conversion } from './conversion.ts';
import { typed } from '../ceremony/fingerprint.ts';
import { confirmsComing, cosign, judgedRotation, RotationRequest } from './rotation.ts';

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

const [command, folder, request, confirm] = process.argv.slice(2);
if (folder === undefined || request === undefined || (command !== 'convert' && command !== 'rotate')) {
  process.stderr.write('usage: node signers/vault/main.ts convert | rotate <folder> <file.json>\n');
  process.exit(2);
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

await run(
  `vault ${command}`,
  async () => {
    const ready = command === 'convert' ? convert(folder, request) : await rotate(folder, request);
    // Nobody is asked any more, and an open one would keep the process.
    process.stdin.destroy();
    return { ready, stop: () => {} };
  },
  { withParent: false },
);

async function rotate(at: string, file: string) {
  const transcript = mustLive(at);
  const given = readConfig(file, RotationRequest);
  const keys = openKeystore(join(at, 'keystore.json'), readSecretBytes(join(at, 'passphrase')));
  try {
    mustBeOf(at, transcript, keys.record.publicKey);
    const judged = judgedRotation(keys, readPins(at, keys.record.publicKey), given);
    for (const [what, value] of judged.shown) say(`${what.padEnd(14)}${value}`);
    const answer =
      confirm ??
      (await typed(say, 'If all of this is so, type the last 6 characters of the key that comes:'));
    if (answer === null || !confirmsComing(answer, judged))
      throw new Misconfigured(
        `${file}: what was typed does not end the key that comes: nothing is signed. Look at it once more, and give the command again`,
      );
    return cosign(keys, judged);
  } finally {
    keys.lock();
  }
}

/** Throws before anything is signed, or removed. */
function mustBeOnNem(at: string, { on }: Keys): void {
  if (on.chain !== 'nem')
    throw new Misconfigured(
      `${join(at, 'keystore.json')}: on.chain: its key is for ${on.chain}, and only an account of nem is converted`,
    );
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
  mustBeOnNem(from, keys);
  if (cosigners.includes(keys.chainKey))
    throw new Misconfigured(`${file}: cosigners: names the account itself`);
  const announcement = conversion(keys, { network, cosigners, threshold, timeStamp, deadline });
  if (messageKey) {
    const secret = chainSecretOf(keystore, readSecretBytes(passphrase));
    writeNew(join(from, 'message-key'), `${formatPrivateKey(privateKeyOf(secret))}\n`);
    secret.fill(0);
  }
  keys.lock();
  // Nothing signs with this key again: once converted, the chain refuses its signatures (74).
  rmSync(keystore);
  rmSync(passphrase);
  return announcement;
}
