/** What custody is told of an EVM chain. */
import { AssetName, Units } from '@kuramori/core';
import { Endpoint } from '@kuramori/program';
import { z } from 'zod';
import { reading } from '../reading.ts';

export const EthereumConfig = z.strictObject({
  /** Two at least: nothing is credited that one node alone says. */
  nodes: z.array(z.url({ protocol: /^http$/ })).min(2),
  /** Who pays for gas and carries what is signed: the first that answers. */
  relayers: z.array(Endpoint).min(1),
  /** No confirmations: what is booked is in blocks that the chain holds for final. */
  scanFrom: reading.scanFrom,
  /** Wei; less is dust. Sending it on would cost more. */
  minimumDeposit: Units.default(1_000_000_000_000_000n),
  /** Of each asset, from how many units at one customer's address it is sent on to the Safe: below, it costs more than it is worth. */
  sendOn: z.record(
    AssetName,
    Units.refine((units) => units > 0n, 'must be positive'),
  ),
});
export type EthereumConfig = z.infer<typeof EthereumConfig>;
