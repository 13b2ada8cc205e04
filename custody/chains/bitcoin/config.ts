/** What custody is told of Bitcoin, or of Litecoin. */
import { highestRate, leastRate } from '@kuramori/chains/bitcoin/codec';
import { ConfiguredNode } from '@kuramori/chains/bitcoin/node';
import { Units } from '@kuramori/core';
import { z } from 'zod';
import { reading } from '../reading.ts';

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
    /** In how many blocks it shall be: after so many a transaction for a higher fee takes its place. */
    blocks: z.int().min(1).max(144).default(3),
  })
  .refine(({ least, usual, most }) => least <= usual && usual <= most, 'least, usual and most must rise');
export type FeesConfig = z.infer<typeof FeesConfig>;

export const BatchConfig = z.strictObject({
  /** How many payments one transaction makes at the most; 1: each has its own. */
  most: z.int().min(1).max(64).default(25),
  /** How long the first of them waits for others. One of high priority waits for none. */
  seconds: z.int().min(0).max(600).default(10),
});
export type BatchConfig = z.infer<typeof BatchConfig>;

export const BitcoinConfig = z.strictObject({
  nodes: z.array(ConfiguredNode).min(2),
  ...reading,
  /** In the coin's smallest units, as NEM's: less than it costs to spend it is nobody's gain. */
  minimumDeposit: Units.default(10_000n),
  fees: FeesConfig.prefault({}),
  batch: BatchConfig.prefault({}),
});
export type BitcoinConfig = z.infer<typeof BitcoinConfig>;
