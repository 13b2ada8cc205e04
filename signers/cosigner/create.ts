/**
 * Makes a co-signer's keys in its own folder: `node signers/cosigner/create.ts <folder> [<HSM's socket> <wrapping key>]`.
 * Prints the public halves.
 */
import '@kuramori/program/closed';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, writeNew } from '@kuramori/program';
import { askHsm } from '../hsm/ask.ts';
import { createKeystore, createWrapped } from '../keystore.ts';

const [folder, socket, key] = process.argv.slice(2);
if (folder === undefined || (socket === undefined) !== (key === undefined)) {
  process.stderr.write('usage: node signers/cosigner/create.ts <folder> [<HSM socket> <wrapping key>]\n');
  process.exit(2);
}

await run(
  'co-signer create',
  async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const passphrase = randomBytes(32).toString('base64url');
    writeNew(join(folder, 'passphrase'), `${passphrase}\n`);
    const given = [join(folder, 'keystore.json'), Buffer.from(passphrase)] as const;
    const made =
      socket === undefined || key === undefined
        ? createKeystore(...given)
        : await createWrapped(...given, askHsm(socket), key);
    return { ready: made, stop: () => {} };
  },
  { withParent: false },
);
