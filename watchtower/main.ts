/**
 * The watchtower: reads the chain by its own connections to its own nodes, answers custody where it listens, and reaches
 * the signers where they listen, to freeze. It shares no database and no file with any other process.
 */
import '@kuramori/program/closed';
import { dirname } from 'node:path';
import { z } from 'zod';
import { PublicKeyHex, readPolicy, signingKeyFromSeed, watchtowerRoutes } from '@kuramori/core';
import { wrongAddresses } from '@kuramori/chains/codecs';
import { nemNode } from '@kuramori/chains/nem/node';
import {
  ClockConfig,
  Endpoint,
  IdentityFiles,
  Listen,
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
import { Canary } from './canary.ts';
import { openFreezer } from './frozen.ts';
import { openIncident } from './incident.ts';
import { Release } from './signs/code.ts';
import { Signs } from './signs/thresholds.ts';
import { startTower } from './tower.ts';

const file = z.string().min(1);
const Config = z
  .strictObject({
    /** Who this process is towards other hosts, whether it calls or is called; needed where anything here is by TLS. */
    identity: IdentityFiles.optional(),
    listen: Listen,
    /** A file of one line: the seed of this watchtower's Ed25519 key, as hex. */
    key: file,
    archive: file,
    frozen: file,
    incident: file,
    policy: file,
    keepers: z.strictObject({ keys: z.array(PublicKeyHex).min(1), quorum: z.int().positive() }),
    nodes: z.array(z.url({ protocol: /^http$/ })).min(2),
    /** Which of them push, and where; a push only hastens the next look (docs/alarms.md). */
    pushes: z
      .array(
        z.strictObject({
          node: z.string(),
          at: z.url({ protocol: /^ws$/, error: 'must be ws://…/w/messages/websocket' }),
        }),
      )
      .default([]),
    signers: z.array(z.strictObject({ id: z.string().min(1), at: Endpoint })).min(1),
    /** The policy's other watchtowers. */
    peers: z.array(z.strictObject({ key: PublicKeyHex, at: Endpoint })).default([]),
    clock: ClockConfig,
    /** `kuramori canary plant` makes one, and prints what stands here. */
    canaries: z.array(Canary).max(64).default([]),
    watchFrom: z.int().positive(),
    pollMs: z.int().min(10).max(60_000),
    silenceMs: z.int().positive(),
    tipAgeSeconds: z.int().positive(),
    deadMarginSeconds: z.int().positive(),
    rewriteDepth: z.int().positive().default(360),
    evacuates: z.boolean(),
    books: z
      .strictObject({
        /** How long the books may be silent, in seconds. */
        silenceSeconds: z.int().positive().default(120),
        /** How many blocks they may be behind: custody's confirmations, and what it takes to catch up. */
        behindBlocks: z.int().positive().default(30),
      })
      .prefault({}),
    /** Who is told of every event: the pager, and somebody whom the pager cannot keep from it. */
    webhooks: z.array(z.strictObject({ url: z.url({ protocol: /^https?$/ }), secretFile: file })).max(8),
    /** The pager that this watchtower minds. */
    pager: z
      .strictObject({ at: Endpoint, silenceSeconds: z.number().min(0.1).max(3_600).default(30) })
      .optional(),
    /** What it pages about, or freezes by, beside what no record covers: docs/alarms.md. */
    signs: Signs,
    /** The digests of the code that each kind of process may run, as `kuramori release` prints them: docs/release.md. */
    release: Release,
  })
  .superRefine(({ nodes, pushes }, context) => {
    for (const [index, { node }] of pushes.entries()) {
      const message = !nodes.includes(node)
        ? 'must be one of `nodes`, as it is written there'
        : pushes.findIndex((one) => one.node === node) < index
          ? 'is there twice: name each node once'
          : null;
      if (message !== null) context.addIssue({ code: 'custom', path: ['pushes', index, 'node'], message });
    }
  });

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

async function start(config: z.infer<typeof Config>, hosts: Hosts) {
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
  const network = policy.network === 'mainnet' ? 'mainnet' : 'testnet';
  for (const { policy: version } of read.chain) {
    // What nobody watches must not look as if somebody did.
    const blind = version.wallets.findIndex(({ chain }) => chain !== 'nem');
    if (blind >= 0)
      throw new Misconfigured(
        `${config.policy}: version ${version.version}: wallets.${blind}.chain: this watchtower reads nem alone: take the wallet out of the policy`,
      );
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
    nodes: config.nodes.map((url) => nemNode(url, network)),
    pushes: config.pushes,
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
    patience: config,
    books: {
      silenceMs: config.books.silenceSeconds * 1000,
      behindBlocks: config.books.behindBlocks,
    },
    signs: config.signs,
    release: config.release,
    code: watchOwnCode('watchtower', clock.now),
    folder: dirname(config.archive),
    watchFrom: config.watchFrom,
    pollMs: config.pollMs,
    evacuates: config.evacuates,
    canaries: config.canaries,
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
