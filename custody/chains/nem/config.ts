/** What custody is told of NEM. */
import { Units } from '@kuramori/core';
import { z } from 'zod';
import { reading } from '../reading.ts';

/** Two at least: nothing is credited that one node alone says. */
const nodes = z.array(z.url({ protocol: /^http$/ })).min(2);

export const NemConfig = z.strictObject({
  nodes,
  ...reading,
  /**
   * Micro-XEM; less is dust: seen, kept in view, in the books in one sum a block, and credited to nobody. By default what
   * sending it costs: who sends less means to fill our books, or made a mistake that a person can look at.
   */
  minimumDeposit: Units.default(100_000n),
  /** A file of one line, mode 0600: the hot account's own private key, which only reads once the account is a multisig. */
  messageKeyFile: z.string().min(1).optional(),
});
export type NemConfig = z.infer<typeof NemConfig>;
