/** The relayer's configuration: whose executions it carries, by which nodes, and what it may spend. */
import { z } from 'zod';
import { Network, PublicKeyHex, Units } from '@kuramori/core';
import { ClockConfig, IdentityFiles, Listen } from '@kuramori/program';

const file = z.string().min(1);
/** Wei. */
const Wei = Units;

export const RelayerConfig = z.strictObject({
  network: Network,
  /** Who this process is towards other hosts; needed where it listens by TLS. */
  identity: IdentityFiles.optional(),
  listen: Listen,
  policy: file,
  keepers: z.strictObject({ keys: z.array(PublicKeyHex).min(1), quorum: z.int().positive() }),
  /** More than half of them must say a thing for it to be so. */
  nodes: z.array(z.url({ protocol: /^http$/ })).min(1),
  /** A file of one line, mode 0600: the secret of an account that has coins for gas and nothing else, 64 hex digits. */
  keyFile: file,
  journal: file,
  caps: z.strictObject({
    /** Of one transaction. */
    gasLimit: Wei.default(400_000n),
    /** Wei for each unit of gas, whatever the chain asks. */
    maxFeePerGas: Wei,
    maxPriorityFeePerGas: Wei,
    /** Wei in any 24 hours, what is under way counted as if it cost the most that it may. */
    perDay: Wei,
    /** The same, of what sends deposits on: whoever asks for that again and again leaves gas for payments, and for a flight. */
    sweepsPerDay: Wei.optional(),
  }),
  leastTip: Wei.default(100_000_000n),
  /** What is in no block after so long is sent anew, dearer. */
  stuckSeconds: z.number().min(0.05).max(86_400).default(90),
  pollMs: z.int().min(10).max(60_000).default(1_000),
  clock: ClockConfig,
});
export type RelayerConfig = z.infer<typeof RelayerConfig>;
