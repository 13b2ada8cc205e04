/** How a chain of Bitcoin's family is watched. */
import { z } from 'zod';
import { highestRate, leastRate } from '@kuramori/chains/bitcoin/codec';
import { authorizationOf, ConfiguredNode, type Endpoint } from '@kuramori/chains/bitcoin/node';
import { Misconfigured, readSecret } from '@kuramori/program';

export const BitcoinConfig = z
  .strictObject({
    nodes: z.array(ConfiguredNode).min(2),
    /** Looking starts after this height: where the wallets were made. */
    watchFrom: z.int().positive(),
    pollMs: z.int().min(10).max(60_000).default(1_000),
    /** Blocks come by chance: 18 times the usual ten minutes pass without one in 65 million. */
    tipAgeSeconds: z.int().positive().default(10_800),
    /** So many blocks on a conflicting spend, and what it conflicts with is dead. */
    deadDepth: z.int().min(1).max(1_000).default(6),
    /** How many addresses beyond the highest paid one are looked at on each branch. One takes a millisecond to derive. */
    gap: z.int().min(20).max(100_000).default(200),
    /** What an evacuation pays where no node has an estimate, in units per 1,000 virtual bytes. */
    usualRate: z
      .int()
      .min(Number(leastRate))
      .max(Number(highestRate / 2n))
      .default(50_000),
  })
  .superRefine(({ nodes }, context) => {
    for (const [index, { url }] of nodes.entries())
      if (nodes.findIndex((one) => one.url === url) < index)
        context.addIssue({
          code: 'custom',
          path: ['nodes', index, 'url'],
          message: 'is there twice: one node cannot contradict itself',
        });
  });
export type BitcoinConfig = z.output<typeof BitcoinConfig>;

/** Reads the files of the credentials. */
export function endpointsOf({ nodes }: Pick<BitcoinConfig, 'nodes'>): readonly Endpoint[] {
  return nodes.map(({ url, credentialsFile }) => ({
    url,
    authorization: credentialsFile === undefined ? undefined : basic(credentialsFile),
  }));
}

function basic(file: string): string {
  const authorization = authorizationOf(readSecret(file));
  if (authorization === undefined) throw new Misconfigured(`${file}: must hold user:password in one line`);
  return authorization;
}
