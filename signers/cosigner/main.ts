/**
 * The online co-signer. Custody asks where it listens, the watchtowers tell it there; nothing flows out but answers. Keys
 * come from the keystore, opened with a passphrase file that only this process may read; whom it believes, from the pins
 * beside it, which those keys have signed. At SIGHUP, which
 * only its own user and root can send, it wipes them and answers on, signing nothing.
 */
import '@kuramori/program/closed';
import { dirname } from 'node:path';
import { z } from 'zod';
import { signerRoutes, strayed } from '@kuramori/core';
import { wrongAddresses } from '@kuramori/chains/codecs';
import {
  ClockConfig,
  IdentityFiles,
  Listen,
  log,
  Misconfigured,
  openClock,
  openHosts,
  readConfig,
  readJson,
  readSecretBytes,
  run,
  serveRoutes,
  watchOwnCode,
  type Hosts,
} from '@kuramori/program';
import { forget } from '@kuramori/program/forget';
import { askHsm } from '../hsm/ask.ts';
import { openJournal } from '../journal.ts';
import { unlock } from '../keystore.ts';
import { readPinned, readPins } from '../pins.ts';
import { watchReads } from '../read-elsewhere.ts';
import { selfTest } from '../self-test.ts';
import { openTiles } from '../tiles.ts';
import { mustBeOf, mustLive } from '../transcript.ts';
import { signer } from './signer.ts';

const file = z.string().min(1);
const Config = z.strictObject({
  id: z.string().min(1),
  /** Who this process is towards other hosts; needed where it listens by TLS. */
  identity: IdentityFiles.optional(),
  listen: Listen,
  keystore: file,
  passphrase: file,
  /** The process of the HSM that wraps the keystore; asked once, at the start. */
  hsm: z.strictObject({ socket: file }).optional(),
  journal: file,
  /** The folder beside it that an auditor may copy. */
  tiles: file,
  policy: file,
  clock: ClockConfig,
});

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node signers/cosigner/main.ts <config.json>\n');
  process.exit(2);
}

await run(
  'co-signer',
  () => {
    const config = readConfig(path, Config);
    return start(config, openHosts(path, config.identity));
  },
  {
    withParent: process.argv.includes('--with-parent'),
  },
);

async function start(config: z.infer<typeof Config>, hosts: Hosts) {
  // What people made and pinned stands beside the keys; a configuration names none of it.
  const folder = dirname(config.keystore);
  const transcript = mustLive(folder);
  const hsm = config.hsm && askHsm(config.hsm.socket);
  const keys = await unlock(config.keystore, readSecretBytes(config.passphrase), hsm ?? null);
  mustBeOf(folder, transcript, keys.record.publicKey);
  const read = readPinned(readJson(config.policy), readPins(folder, keys.record.publicKey));
  if (read.kind === 'refused') throw new Misconfigured(`${config.policy}: ${read.field}: ${read.why}`);
  for (const { policy: version } of read.chain) {
    const [wrong] = wrongAddresses(version);
    if (wrong)
      throw new Misconfigured(
        `${config.policy}: version ${version.version}: ${wrong.path.join('.')}: ${wrong.why}`,
      );
  }
  const { chain: on, network } = keys.on;
  const [{ policy: first }] = read.chain;
  if (on !== 'nem' && network !== first.network)
    throw new Misconfigured(
      `${config.keystore}: on.network: its key is for ${on} on ${network}, and the policy is of ${first.network}`,
    );
  selfTest(keys);
  // One that a version drops or changes stays with the version before, for as long as that counts.
  const pinned = read.chain.some(({ policy }) =>
    policy.signers.some(({ id, recordKey }) => id === config.id && recordKey === keys.record.publicKey),
  );
  if (!pinned) {
    throw new Misconfigured(
      `${config.policy}: signers: pins another record key for ${config.id} than ${config.keystore} holds`,
    );
  }
  const journal = openJournal(config.journal, config.id, keys.record);
  const astray = strayed(read.chain, journal.history().policies);
  if (astray !== null) throw new Misconfigured(`${config.policy}: ${astray}`);
  const tiles = openTiles(config.tiles, config.id, keys.record, read.chain, journal);
  const clock = openClock(config.clock, read.policy.network, path);
  const server = await serveRoutes(
    hosts.listening(config.listen),
    signerRoutes,
    signer({
      id: config.id,
      chain: read.chain,
      keys,
      journal,
      tiles,
      clock,
      watched: watchReads([config.keystore, config.passphrase], clock.now),
      code: watchOwnCode('cosigner', clock.now),
    }),
    (work) => journal.gather(work),
  );
  const lock = () => {
    keys.lock();
    forget();
    log('locked: it signs nothing until it is started again');
  };
  process.on('SIGHUP', lock);
  return {
    ready: { signer: config.id, at: server.at, seq: journal.history().seq },
    stop: async () => {
      await server.close();
      await tiles.settled();
      journal[Symbol.dispose]();
      keys.lock();
    },
  };
}
