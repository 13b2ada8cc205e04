/** How an EVM chain is watched. */
import { z } from 'zod';
import { Hash } from '@kuramori/core';
import { isAddress, zeroAddress } from '@kuramori/chains/ethereum/codec';
import { Endpoint } from '@kuramori/program';

const Address = z.string().refine(isAddress, 'must be an address in its one form (EIP-55)');
const AddressOrNone = z
  .string()
  .refine(
    (text) => text === zeroAddress || isAddress(text),
    `must be an address in its one form (EIP-55), or ${zeroAddress}`,
  );

/** What of a Safe nobody changes, as it was made: its storage is held against it at each block. */
const Made = z.strictObject({
  /** Keccak-256 of the proxy’s own code. */
  codeHash: Hash,
  /** The contract whose code it runs. */
  singleton: Address,
  guard: AddressOrNone,
  moduleGuard: AddressOrNone,
  fallbackHandler: AddressOrNone,
});

export const EthereumConfig = z
  .strictObject({
    nodes: z
      .array(
        z.url({ protocol: /^http$/ }).refine((url) => new URL(url).username === '', {
          error: 'must be http://host:port, without a user',
        }),
      )
      .min(2),
    /** A devnet’s first block, where somebody knows it; of other networks it is known. */
    firstBlock: Hash.optional(),
    /**
     * Looking starts after this height. What stands in a Safe is proven at any block, so it may be moved up at a restart: what was
     * executed before it ends no plan here, and frightens nobody.
     */
    watchFrom: z.int().positive(),
    pollMs: z.int().min(10).max(60_000).default(500),
    /** Blocks come every 12 seconds. */
    tipAgeSeconds: z.int().positive().default(180),
    /** How long what goes home stands behind a payment that is owed and waits: whoever holds that up must not hold up all. */
    owedSeconds: z.number().min(0.1).max(3_600).default(90),
    /** So long after something was signed to go home, and no block has it, people are told of what anybody may send. */
    lateSeconds: z.number().min(0.1).max(86_400).default(180),
    /** By the address of each Safe of the policy. */
    safes: z.record(Address, Made),
    /** Who pays for the gas of what goes home, each with an account of its own: every one of them is asked. */
    relayers: z.array(Endpoint).max(8).default([]),
  })
  .superRefine(({ nodes }, context) => {
    for (const [index, url] of nodes.entries())
      if (nodes.indexOf(url) < index)
        context.addIssue({
          code: 'custom',
          path: ['nodes', index],
          message: 'is there twice: one node cannot contradict itself',
        });
  });
export type EthereumConfig = z.output<typeof EthereumConfig>;
