/**
 * Makes a key that never leaves the HSM: `node signers/hsm/make.ts <config.json> wrapping|secp256k1 <label>`. Prints the
 * public half where there is one. Never replaces a key.
 */
import '@kuramori/program/closed-native';
import { readConfig, run } from '@kuramori/program';
import { Config, openConfigured } from './config.ts';

const [path, kind, label] = process.argv.slice(2);
if (path === undefined || (kind !== 'wrapping' && kind !== 'secp256k1') || label === undefined) {
  process.stderr.write('usage: node signers/hsm/make.ts <config.json> wrapping|secp256k1 <label>\n');
  process.exit(2);
}

await run(
  'hsm make',
  async () => {
    using token = openConfigured(readConfig(path, Config));
    if (kind === 'secp256k1')
      return { ready: { label, publicKey: token.makeSecp256k1(label).toHex() }, stop: () => {} };
    token.makeWrappingKey(label);
    return { ready: { label }, stop: () => {} };
  },
  { withParent: false },
);
