/**
 * The HSM's process: the only one that loads a vendor's library, which is native code and can do everything that this
 * user can. In come questions over one Unix socket, which only a signer's user opens; out go wrapped bytes, unwrapped
 * bytes that are still sealed by a passphrase that this process never sees, public keys and signatures.
 */
import '@kuramori/program/closed-native';
import { log, readConfig, run, serveRoutes } from '@kuramori/program';
import { Config, openConfigured } from './config.ts';
import { desk, testNonces } from './desk.ts';
import { hsmRoutes } from './routes.ts';

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node signers/hsm/main.ts <config.json>\n');
  process.exit(2);
}

await run(
  'hsm',
  async () => {
    const config = readConfig(path, Config);
    const token = openConfigured(config);
    const nonces = testNonces(token);
    if (nonces === 'untold') log('this token gives no key out, so of its nonces only repeats can be seen');
    const server = await serveRoutes({ socket: config.socket }, hsmRoutes, desk(token));
    return {
      ready: { token: config.token, at: server.at, nonces },
      stop: async () => {
        await server.close();
        token[Symbol.dispose]();
      },
    };
  },
  { withParent: process.argv.includes('--with-parent') },
);
