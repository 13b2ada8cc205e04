import {
  parseAddress,
  parsePrivateKey,
  parsePublicKey,
  type Address,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import { z } from 'zod';

const loopback = ['127.0.0.1', '::1', 'localhost'] as const;

const PublicKeyText = z
  .string()
  .refine((text) => parsePublicKey(text).kind === 'key', 'must be 64 lower-case hex digits')
  .transform((text) => text as PublicKey);

const PrivateKeyText = z
  .string()
  .refine(
    (text) => parsePrivateKey(text).kind === 'key',
    'must be a private key of 64 hex digits, as NIS writes them',
  );

const MicroXem = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/, 'must be micro-XEM in digits')
  .transform((text) => BigInt(text));

const Genesis = z
  .strictObject({
    network: z.enum(['mainnet', 'testnet']),
    /** nis.maxTransactionsPerBlock, children counted: a public network's is 120, a private one sets its own. */
    maxTransactionsPerBlock: z.int().min(1).max(10_000).default(120),
    /** NEM seconds of the first block. */
    timestamp: z.int().min(0).max(0x7fff_ffff),
    /** Whose blocks all nodes take. */
    harvester: PublicKeyText,
    balances: z.array(z.strictObject({ address: z.string(), amount: MicroXem })).min(1),
  })
  .superRefine(({ network, balances }, context) => {
    for (const [at, { address }] of balances.entries()) {
      const parsed = parseAddress(address, network);
      if (parsed.kind === 'address') continue;
      context.addIssue({
        code: 'custom',
        path: ['balances', at, 'address'],
        message: `is no ${network} address: ${parsed.why}`,
      });
    }
    const total = balances.reduce((sum, { amount }) => sum + amount, 0n);
    if (total > 9_000_000_240_000_000n) {
      context.addIssue({ code: 'custom', path: ['balances'], message: 'add up to more XEM than there are' });
    }
  })
  .transform((genesis) => ({
    ...genesis,
    balances: genesis.balances.map(({ address, amount }) => ({ address: address as Address, amount })),
  }));

const PeerUrl = z
  .url()
  .refine(
    (url) => loopback.some((host) => new URL(url).hostname.replace(/[[\]]/g, '') === host),
    'must be on loopback',
  );

/** The settings of one devnet node, as in its JSON file. */
export const NodeConfig = z.strictObject({
  /** Loopback only: a devnet has no business on a network. */
  host: z.enum(loopback, `must be one of ${loopback.join(', ')}`).default('127.0.0.1'),
  /** 0 takes any that is free. */
  port: z.int().min(0).max(65_535),
  /** nem.websocketPort, where the node pushes: 0 takes any that is free; left out, it pushes nothing. */
  websocketPort: z.int().min(0).max(65_535).optional(),
  name: z.string().min(1).max(64).default('devnet'),
  dataFolder: z.string().min(1),
  genesis: Genesis,
  /** Left out on a node that only follows. */
  harvest: z
    .strictObject({
      privateKey: PrivateKeyText,
      /** Seconds of chain time from block to block; 0 makes blocks by hand only. */
      intervalSeconds: z.int().min(0).max(86_400).default(60),
    })
    .optional(),
  peers: z.array(PeerUrl).default([]),
  /** NIS's own: PeerNetworkScheduler. */
  broadcastMs: z.int().min(10).max(60_000).default(1_000),
  syncMs: z.int().min(50).max(600_000).default(3_000),
  /** JSON {"offsetMs": n}, read at each use; without it, the system's time. */
  clockFile: z.string().min(1).optional(),
  /** nis.transactionHashRetentionTime: hours, at least 36, or -1 for ever. */
  hashRetentionHours: z.int().min(-1).default(36),
  /** False plays a harvester whose pool keeps what is expired. */
  poolChecksDeadlines: z.boolean().default(true),
  /** Whether to stop when standard input closes. */
  exitWithParent: z.boolean().default(false),
});
/** The settings as they are written. */
export type NodeConfigInput = z.input<typeof NodeConfig>;
export type NodeConfig = z.output<typeof NodeConfig>;

export type ParsedConfig =
  | { readonly kind: 'config'; readonly config: NodeConfig }
  | { readonly kind: 'refused'; readonly why: string };

/** Reads settings; a refusal names each field. */
export function parseConfig(input: unknown): ParsedConfig {
  const parsed = NodeConfig.safeParse(input);
  if (!parsed.success) {
    const why = parsed.error.issues
      .map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`)
      .join('; ');
    return { kind: 'refused', why };
  }
  return { kind: 'config', config: parsed.data };
}
