/** What custody is told of each chain. */
import { Units } from '@kuramori/core';
import { z } from 'zod';

const file = z.string().min(1);

/** What is told of any chain. */
const common = {
  /** How many blocks, its own included, a transaction needs before it is booked. */
  confirmations: z.int().min(1).max(360),
  /** Blocks after this height are read when a database begins: where the wallets were made. */
  scanFrom: z.int().positive(),
};

/** Two at least: nothing is credited that one node alone says. */
const nodes = z.array(z.url({ protocol: /^http$/ })).min(2);

export const NemConfig = z.strictObject({
  nodes,
  ...common,
  /**
   * Micro-XEM; less is dust: seen, kept in view, in the books in one sum a block, and credited to nobody. By default what
   * sending it costs: who sends less means to fill our books, or made a mistake that a person can look at.
   */
  minimumDeposit: Units.default(100_000n),
  /** A file of one line, mode 0600: the hot account's own private key, which only reads once the account is a multisig. */
  messageKeyFile: file.optional(),
});
export type NemConfig = z.infer<typeof NemConfig>;

export const ChainsConfig = z.strictObject({ nem: NemConfig.optional() }).superRefine((chains, context) => {
  for (const [name, chain] of Object.entries(chains))
    if (chain && new Set(chain.nodes).size < chain.nodes.length)
      context.addIssue({
        code: 'custom',
        path: [name, 'nodes'],
        message: 'names one node twice: two different ones are needed',
      });
});
export type ChainsConfig = z.infer<typeof ChainsConfig>;
