/** Convert: a NEM account becomes a multisig of others, and its own key is destroyed. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Hex, PublicKeyHex } from '@kuramori/core';
import { addressOf, formatPrivateKey, privateKeyOf, type PublicKey } from '@kuramori/chains/nem/codec';
import { Misconfigured, overwriteAndRemove, readConfig, readSecretBytes, writeNew } from '@kuramori/program';
import { chainSecretOf, openKeystore, type Keys } from '../keystore.ts';
import { pinsIn } from '../pins.ts';
import { mustBeOf, mustLive } from '../transcript.ts';
import { conversion } from './conversion.ts';
import { ends } from './ends.ts';

/** Those who look and type. */
export interface People {
  readonly say: (line: string) => void;
  /** Null where nobody is there. */
  readonly ask: (question: string) => Promise<string | null>;
}

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

/** What is left when an account's keys are gone. */
const Converted = z.looseObject({ data: Hex, signature: Hex });

/**
 * Signs the change of this folder's account into a multisig of others; the account's own key is powerless after it, and destroyed.
 * The answer is on the disk before that, and is given again whoever asks.
 */
export async function convert(from: string, file: string, { say, ask }: People) {
  const kept = join(from, 'conversion.json');
  const [keystore, passphrase] = [join(from, 'keystore.json'), join(from, 'passphrase')];
  if (existsSync(kept)) {
    const answer = readConfig(kept, Converted);
    // A crash may have come in between.
    for (const one of [passphrase, keystore]) overwriteAndRemove(one, randomBytes);
    return answer;
  }
  if (existsSync(pinsIn(from)))
    throw new Misconfigured(
      `${pinsIn(from)}: these keys are a vault’s, which has pinned a policy: they are no account to be converted, and nothing is touched`,
    );
  const transcript = mustLive(from);
  const asked = readConfig(file, ConvertRequest);
  const { cosigners, threshold, network, timeStamp, deadline, messageKey } = asked;
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
  const keys = openKeystore(keystore, readSecretBytes(passphrase));
  try {
    mustBeOnNem(from, keys);
    mustBeOf(from, transcript, keys.record.publicKey);
    if (cosigners.includes(keys.chainKey))
      throw new Misconfigured(`${file}: cosigners: names the account itself`);
    const address = addressOf(keys.chainKey as PublicKey, network);
    say(`account       ${address}, NEM ${network}`);
    for (const [at, cosigner] of cosigners.entries()) say(`cosigner ${`${at + 1}`.padEnd(5)}${cosigner}`);
    say(
      `threshold     ${threshold} of ${cosigners.length}; this account’s own key moves nothing afterwards, and is destroyed`,
    );
    const answer = await ask('If all of this is so, type the last 6 characters of the account’s address:');
    if (!ends(answer, address))
      throw new Misconfigured(
        `${file}: what was typed does not end the account’s address: nothing is signed, and nothing destroyed`,
      );
    const announcement = conversion(keys, asked);
    if (messageKey) {
      const secret = chainSecretOf(keystore, readSecretBytes(passphrase));
      // Of an attempt that came to nothing.
      overwriteAndRemove(join(from, 'message-key'), randomBytes);
      writeNew(join(from, 'message-key'), `${formatPrivateKey(privateKeyOf(secret))}\n`);
      secret.fill(0);
    }
    writeNew(kept, `${JSON.stringify(announcement)}\n`);
    // Nothing signs with this key again: once converted, the chain refuses its signatures (74).
    for (const one of [passphrase, keystore]) overwriteAndRemove(one, randomBytes);
    return announcement;
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
