/** A watchtower's configuration. */
import { z } from 'zod';
import { PublicKeyHex } from '@kuramori/core';
import { ClockConfig, Endpoint, IdentityFiles, Listen } from '@kuramori/program';
import { Release } from './signs/code.ts';
import { Signs } from './signs/thresholds.ts';
import { ChainsConfig } from './watched-chains.ts';

const file = z.string().min(1);
export const Config = z.strictObject({
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
  /** By which nodes each chain is watched: one for each chain that the policy has wallets of. */
  chains: ChainsConfig,
  signers: z.array(z.strictObject({ id: z.string().min(1), at: Endpoint })).min(1),
  /** The policy's other watchtowers. */
  peers: z.array(z.strictObject({ key: PublicKeyHex, at: Endpoint })).default([]),
  clock: ClockConfig,
  /** A node that has not answered for so long is lost. */
  silenceMs: z.int().positive(),
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
});
export type Config = z.output<typeof Config>;
