/** The theft of January 2018, to the second, as sandbox/data/theft.json gives it. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseAddress, toNetwork, type Address } from '@kuramori/chains/nem/codec';
import { Units } from '@kuramori/core';

const Theft = z.object({
  addresses: z.object({ coincheckHotWallet: z.string(), thief: z.string() }),
  hotWalletToThief: z
    .array(
      z.object({
        n: z.int(),
        jst: z.string(),
        utc: z.string(),
        microXem: Units,
        note: z.string().optional(),
      }),
    )
    .length(11),
  hotWalletToThiefTotalXem: z.string(),
});

export interface Planned {
  readonly n: number;
  /** Unix ms. */
  readonly at: number;
  /** Micro-XEM. */
  readonly units: bigint;
}

export interface Theft {
  readonly transfers: readonly Planned[];
  /** Micro-XEM. */
  readonly total: bigint;
  /** The thief's account of 2018, written for the devnet's network. */
  readonly thief: Address;
}

export function readTheft(): Theft {
  const file = new URL('../data/theft.json', import.meta.url);
  const theft = Theft.parse(JSON.parse(readFileSync(file, 'utf8')));
  const transfers = theft.hotWalletToThief.map(({ n, utc, microXem }) => ({
    n,
    at: Date.parse(utc),
    units: microXem,
  }));
  const total = transfers.reduce((sum, { units }) => sum + units, 0n);
  if (total !== BigInt(theft.hotWalletToThiefTotalXem) * 1_000_000n)
    throw new Error('theft.json: the transfers do not add up to the total');
  const thief = parseAddress(theft.addresses.thief, 'mainnet');
  if (thief.kind === 'refused') throw new Error(`theft.json: thief: ${thief.why}`);
  return { transfers, total, thief: toNetwork(thief.address, 'testnet') };
}
