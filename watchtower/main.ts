/**
 * The watchtower: reads the chain by its own connections to its own nodes, answers custody where it listens, and reaches
 * the signers where they listen, to freeze. It shares no database and no file with any other process.
 */
import '@kuramori/program/closed';
import { dirname } from 'node:path';
import { readPolicy, signingKeyFromSeed, watchtowerRoutes } from '@kuramori/core';
import { wrongAddresses } from '@kuramori/chains/codecs';
import {
  Misconfigured,
  openClock,
  openHosts,
  readConfig,
  readJson,
  readSecret,
  readSeed,
  run,
  serveRoutes,
  watchOwnCode,
  type Hosts,
} from '@kuramori/program';
import { openArchive } from './archive.ts';
import { Config } from './config.ts';
import { openFreezer } from './frozen.ts';
import { openIncident } from './incident.ts';
import { startTower } from './tower.ts';
import { eyesOf } from './watched-chains.ts';

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node watchtower/main.ts <config.json> [--with-parent]\n');
  process.exit(2);
}

await run(
  'watchtower',
  () => {
    const config = readConfig(path, Config);
    return start(config, openHosts(path, config.identity));
  },
  {
    withParent: process.argv.includes('--with-parent'),
  },
);

async function start(config: Config, hosts: Hosts) {
  const read = readPolicy(readJson(config.policy), config.keepers);
  if (read.kind === 'refused') throw new Misconfigured(`${config.policy}: ${read.field}: ${read.why}`);
  const { policy, digest } = read;
  const seed = readSeed(config.key);
  const key = signingKeyFromSeed(seed);
  seed.fill(0);
  // One that a version drops stays for as long as the version before counts: its word is needed.
  if (!read.chain.some((version) => version.policy.watchtowers.keys.includes(key.publicKey))) {
    throw new Misconfigured(
      `${config.policy}: watchtowers.keys: does not pin this watchtower's key ${key.publicKey}`,
    );
  }
  for (const { id } of policy.signers) {
    if (!config.signers.some((signer) => signer.id === id))
      throw new Misconfigured(`${path}: signers: does not say where ${id} listens, whom the policy names`);
  }
  for (const version of read.chain.map((one) => one.policy)) {
    const missing = version.watchtowers.keys.find(
      (pinned) => pinned !== key.publicKey && !config.peers.some((peer) => peer.key === pinned),
    );
    // Of versions long past it may be gone for good.
    if (missing !== undefined && version === policy)
      throw new Misconfigured(
        `${path}: peers: does not say where the watchtower ${missing} listens, whom the policy pins`,
      );
  }
  const eyes = eyesOf(config.chains, read.chain, { config: path ?? '', policy: config.policy }, hosts);
  for (const { policy: version } of read.chain) {
    const [wrong] = wrongAddresses(version);
    if (wrong)
      throw new Misconfigured(
        `${config.policy}: version ${version.version}: ${wrong.path.join('.')}: ${wrong.why}`,
      );
  }
  const clock = openClock(config.clock, policy.network, path);
  const freezer = openFreezer(config.frozen, key);
  const archive = openArchive(config.archive, read.chain);
  archive.adoptVersions(clock.now());
  const tower = startTower({
    policy,
    digest,
    key,
    clock,
    eyes,
    signers: new Map(config.signers.map(({ id, at }, index) => [id, hosts.at(at, `signers.${index}.at`)])),
    peers: config.peers.map(({ key: peer, at }, index) => ({
      key: peer,
      at: hosts.at(at, `peers.${index}.at`),
    })),
    chain: read.chain,
    archive,
    freezer,
    incident: openIncident(
      config.incident,
      config.webhooks.map(({ url, secretFile }) => ({ url, secret: readSecret(secretFile) })),
      clock.now,
    ),
    silenceMs: config.silenceMs,
    books: {
      silenceMs: config.books.silenceSeconds * 1000,
      behindBlocks: config.books.behindBlocks,
    },
    signs: config.signs,
    release: config.release,
    code: watchOwnCode('watchtower', clock.now),
    folder: dirname(config.archive),
    evacuates: config.evacuates,
    pager: config.pager
      ? { at: hosts.at(config.pager.at, 'pager.at'), silenceMs: config.pager.silenceSeconds * 1000 }
      : null,
  });
  const server = await serveRoutes(hosts.listening(config.listen), watchtowerRoutes, tower);
  return {
    ready: { watchtower: key.publicKey, at: server.at, frozen: freezer.state() !== null },
    stop: async () => {
      await server.close();
      await tower[Symbol.asyncDispose]();
    },
  };
}
