/**
 * Totals: the ledger's statement of its own sums at one block, so that whoever has eyes on the chain can hold the two
 * against each other without reading the books. Who steals the key can lie about the books, and is contradicted by the
 * chain or by the sum; or can be silent, which is an alarm too. No coin moves by it, and nobody freezes by it.
 */
import { z } from 'zod';
import { AssetName, SignedUnits, Units } from './amount.ts';
import { ChainName } from './chain.ts';
import { Hash, SignatureHex, verifyStatement } from './key.ts';
import { Network, type Policy } from './policy.ts';
import { text } from './text.ts';

/** A payment that a block has, and that the ledger has not taken out of its wallet yet. */
const Leaving = z.strictObject({
  transaction: Hash,
  /** Amount and every fee. */
  units: Units,
});
export type Leaving = z.infer<typeof Leaving>;

const Holding = z.strictObject({
  wallet: text(1, 64),
  kind: z.enum(['hot', 'cold', 'in-transit']),
  /** By the books. */
  units: SignedUnits,
  /** Named one by one, so that nobody can explain a difference away with payments that never were. */
  leaving: z.array(Leaving).max(10_000),
  /**
   * What the books hold of blocks that the chain took back, less what they took out for such blocks: until it is known
   * whether they come again. 0 but after a rewrite deeper than the confirmations.
   */
  unsettled: SignedUnits,
});
export type Holding = z.infer<typeof Holding>;

const transactionOf = ({ transaction }: Leaving): string => transaction;

function isOnce(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

const AssetTotals = z.strictObject({
  asset: AssetName,
  /** What customers are owed. */
  claims: SignedUnits,
  /** What customers owe. */
  due: SignedUnits,
  own: SignedUnits,
  holdings: z.array(Holding).max(256),
});
export type AssetTotals = z.infer<typeof AssetTotals>;

export const Totals = z.strictObject({
  network: Network,
  exchange: text(1, 64),
  /** Custody's clock, in milliseconds of Unix time. */
  at: z.int().nonnegative(),
  /** The number of the ledger's newest transfer: it never falls, but in a database that was put back. */
  sequence: z.int().nonnegative(),
  /** Of each chain whose blocks are read, in the order of their names, the newest whose coins are booked; its successors' are not. */
  blocks: z
    .array(z.strictObject({ chain: ChainName, height: z.int().positive(), hash: Hash }))
    .min(1)
    .refine(
      (blocks) => blocks.every(({ chain }, at) => at === 0 || (blocks[at - 1]?.chain ?? '') < chain),
      'must name each chain once, in the order of their names',
    ),
  // Twice named would be summed by one reader and overwritten by another.
  assets: z
    .array(AssetTotals)
    .max(64)
    .refine((assets) => isOnce(assets.map(({ asset }) => asset)), 'must name each asset once')
    .refine(
      (assets) => assets.every(({ holdings }) => isOnce(holdings.map((one) => `${one.kind} ${one.wallet}`))),
      'must name each holding of an asset once',
    )
    .refine(
      (assets) =>
        isOnce(
          assets.flatMap(({ holdings }) => holdings.flatMap(({ leaving }) => leaving.map(transactionOf))),
        ),
      'must name each payment once',
    ),
});
export type Totals = z.infer<typeof Totals>;

export const SignedTotals = z.strictObject({ totals: Totals, signature: SignatureHex });
export type SignedTotals = z.infer<typeof SignedTotals>;

/** How many blocks an explanation lasts: NIS rewrites no more. What is open for longer is a difference. */
export const explainedFor = 360;

/** What the chain must show of a holding at the statement's block, to the unit. */
export function onChain({ units, leaving, unsettled }: Omit<Holding, 'wallet' | 'kind'>): bigint {
  return units - unsettled - leaving.reduce((sum, one) => sum + one.units, 0n);
}

/** By the pinned key, about the policy's network. */
export function verifyTotals(policy: Policy, { totals, signature }: SignedTotals): boolean {
  return (
    totals.network === policy.network && verifyStatement(policy.books.key, 'books-totals', totals, signature)
  );
}
