/** What custody is told of each chain. */
import { highestRate, leastRate } from '@kuramori/chains/bitcoin/codec';
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

/** Units per 1,000 virtual bytes. */
const rate = Units.refine(
  (units) => units >= leastRate && units <= highestRate / 2n,
  `must be from ${leastRate} to ${highestRate / 2n} units per 1,000 virtual bytes`,
);

export const FeesConfig = z
  .strictObject({
    /** Never less, or no node relays it; never more, whatever nodes say. */
    least: rate.default(1_000n),
    most: rate.default(500_000n),
    /** Where nodes have seen too little to say; and below it small coins are put together. */
    usual: rate.default(10_000n),
    /** In how many blocks it shall be. */
    blocks: z.int().min(1).max(144).default(3),
  })
  .refine(({ least, usual, most }) => least <= usual && usual <= most, 'least, usual and most must rise');
export type FeesConfig = z.infer<typeof FeesConfig>;

export const BitcoinConfig = z.strictObject({
  nodes: z
    .array(
      z.strictObject({
        url: z.url({ protocol: /^http$/ }),
        /** A file of one line, mode 0600: user:password, as the node's -rpcauth has it, or its .cookie. */
        credentialsFile: file.optional(),
      }),
    )
    .min(2),
  ...common,
  /** In the coin's smallest units, as NEM's: less than it costs to spend it is nobody's gain. */
  minimumDeposit: Units.default(10_000n),
  fees: FeesConfig.prefault({}),
});
export type BitcoinConfig = z.infer<typeof BitcoinConfig>;

export const ChainsConfig = z
  .strictObject({
    nem: NemConfig.optional(),
    bitcoin: BitcoinConfig.optional(),
    litecoin: BitcoinConfig.optional(),
  })
  .superRefine((chains, context) => {
    for (const [name, chain] of Object.entries(chains)) {
      const urls = chain?.nodes.map((node) => (typeof node === 'string' ? node : node.url)) ?? [];
      if (new Set(urls).size === urls.length) continue;
      const message = 'names one node twice: two different ones are needed';
      context.addIssue({ code: 'custom', path: [name, 'nodes'], message });
    }
  });
export type ChainsConfig = z.infer<typeof ChainsConfig>;
