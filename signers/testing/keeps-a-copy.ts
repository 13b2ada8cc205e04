/** A co-signer that keeps a copy of its chain key and of its passphrase, planted for key-left-in-memory.test.ts. */
import { readConfig, readSecretBytes } from '@kuramori/program';
import { z } from 'zod';
import { chainSecretOf } from '../keystore.ts';

const { keystore, passphrase } = readConfig(
  process.argv[2] ?? '',
  z.looseObject({ keystore: z.string(), passphrase: z.string() }),
);
const kept = {
  passphrase: readSecretBytes(passphrase).toString(),
  key: chainSecretOf(keystore, readSecretBytes(passphrase)),
};
process.on('exit', () => kept.key.fill(0) && kept.passphrase.length);
await import('../cosigner/main.ts');
