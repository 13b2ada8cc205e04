/** Makes a co-signer's keys in its own folder: `node signers/cosigner/create.ts <folder>`. Prints the public halves. */
import '@kuramori/program/closed';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, writeNew } from '@kuramori/program';
import { createKeystore } from '../keystore.ts';

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('usage: node signers/cosigner/create.ts <folder>\n');
  process.exit(2);
}

await run(
  'co-signer create',
  async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const passphrase = randomBytes(32).toString('base64url');
    writeNew(join(folder, 'passphrase'), `${passphrase}\n`);
    return { ready: createKeystore(join(folder, 'keystore.json'), Buffer.from(passphrase)), stop: () => {} };
  },
  { withParent: false },
);
