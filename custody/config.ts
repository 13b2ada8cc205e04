/** Custody's configuration file. */
import { ClockConfig, Endpoint, IdentityFiles } from '@kuramori/program';
import { Network, PublicKeyHex } from '@kuramori/core';
import { z } from 'zod';
import { CallerAddress } from './api/address.ts';
import { RateConfig } from './api/rate.ts';
import { ChainsConfig } from './chains/config.ts';
import { LoginsConfig } from './logins.ts';
import { Rules } from './rules.ts';
import { TreasuryConfig } from './treasury/config.ts';
import { WebhookConfig } from './webhooks/webhook.ts';

const file = z.string().min(1);

export const Config = z.strictObject({
  network: Network,
  /** Which exchange of the policy this custody serves. */
  exchange: z.string().min(1).max(64),
  /** Loopback only: whatever stands between here and the exchange ends its TLS on this machine. Port 0: any free one. */
  listen: z.strictObject({ host: z.literal('127.0.0.1'), port: z.int().min(0).max(65_535) }),
  /** A file of one line, mode 0600: the database's URL, with the password of the role kuramori_custody. */
  databaseUrlFile: file,
  policy: file,
  /** Whose signatures make a policy. */
  keepers: z.strictObject({ keys: z.array(PublicKeyHex).min(1), quorum: z.int().positive() }),
  /** The chains that the policy has payments for. */
  chains: ChainsConfig,
  /** Who custody is towards other hosts; needed where a signer or watchtower is called by TLS. */
  identity: IdentityFiles.optional(),
  signers: z.array(z.strictObject({ id: z.string().min(1), at: Endpoint })).min(1),
  watchtowers: z.array(z.strictObject({ key: PublicKeyHex, at: Endpoint })).min(1),
  /** A file of one line, mode 0600: the seed of the books' own Ed25519 key, as hex. It signs totals and moves no coin. */
  booksKeyFile: file,
  /** How often nodes, watchtowers and the queue are looked at. */
  pollMs: z.int().min(10).max(60_000).default(1000),
  rules: Rules.prefault({}),
  clock: ClockConfig,
  /** Who tells from where a request came, since a key may be used from its own addresses only. */
  callerAddress: CallerAddress.default({ kind: 'connection' }),
  /** How often each key may ask. */
  rate: RateConfig.default({ perSecond: 200, burst: 1_000, keys: {} }),
  /** Where events are sent. */
  webhooks: z.array(WebhookConfig).max(8).default([]),
  treasury: TreasuryConfig.prefault({}),
  logins: LoginsConfig.prefault({}),
  /** In which order services are stopped, and how they are reopened: a file like docs/runbook.json, which counts where none is named. */
  runbook: file.optional(),
});
export type Config = z.infer<typeof Config>;
