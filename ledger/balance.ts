/** Balances, read. */
import { AssetName, SignedUnits, Units, type Asset } from '@kuramori/core';
import { z } from 'zod';
import { row, rows, type Client } from './database.ts';

const CustomerBalance = z.object({ asset: AssetName, balance: Units, held: Units, available: Units });

export interface CustomerBalance {
  readonly asset: Asset;
  readonly balance: bigint;
  /** The part that pending withdrawals hold. */
  readonly held: bigint;
  readonly available: bigint;
}

/** What a customer has of each asset. Empty where nothing was ever booked. */
export function customerBalances(client: Client, customer: string): Promise<readonly CustomerBalance[]> {
  return rows(
    client,
    CustomerBalance,
    `select asset, balance::text, held::text, (balance - held)::text as available
       from ledger.account where kind = 'customer' and owner = $1 order by asset`,
    [customer],
  );
}

const AccountKind = z.enum([
  'hot',
  'cold',
  'in-transit',
  'customer',
  'unclaimed',
  'receivable',
  'own-funds',
  'fees',
]);
export type AccountKind = z.infer<typeof AccountKind>;

const HouseBalance = z.object({
  kind: AccountKind,
  owner: z.string(),
  asset: AssetName,
  balance: SignedUnits,
});
export type HouseBalance = z.infer<typeof HouseBalance>;

/** Every account that is not a customer's, in its own direction: what a wallet holds, what is unclaimed, what is ours. */
export function houseBalances(client: Client): Promise<readonly HouseBalance[]> {
  return rows(
    client,
    HouseBalance,
    "select kind, owner, asset, balance::text from ledger.account where kind <> 'customer' order by asset, kind, owner",
  );
}

const Totals = z.object({ claims: SignedUnits, holdings: SignedUnits });
export type Totals = z.infer<typeof Totals>;

/** What customers claim and what is held, of one asset. */
export function totals(client: Client, asset: Asset): Promise<Totals> {
  return row(
    client,
    Totals,
    `select coalesce(sum(claims), 0)::text as claims, coalesce(sum(holdings), 0)::text as holdings
       from ledger.total where asset = $1`,
    [asset],
  );
}

const Stock = z.object({ asset: z.string(), hot: SignedUnits, cold: SignedUnits, claims: SignedUnits });
export type Stock = z.infer<typeof Stock>;

/** Of every asset in the books what is hot (between wallets, too), what is cold, and what customers are owed. */
export function stocks(client: Client): Promise<readonly Stock[]> {
  return rows(
    client,
    Stock,
    `select t.asset, t.claims::text, coalesce(a.hot, 0)::text as hot, coalesce(a.cold, 0)::text as cold
       from ledger.total t left join (
         select asset, sum(balance) filter (where kind <> 'cold') as hot, sum(balance) filter (where kind = 'cold') as cold
           from ledger.account where kind in ('hot', 'in-transit', 'cold') group by asset) a using (asset)
       order by t.asset`,
  );
}

/** What one wallet of ours holds, by the books. */
export async function holdingOf(
  client: Client,
  { kind, wallet }: { readonly kind: 'hot' | 'cold'; readonly wallet: string },
  asset: string,
): Promise<bigint> {
  const { balance } = await row(
    client,
    z.object({ balance: SignedUnits }),
    `select coalesce(sum(balance), 0)::text as balance from ledger.account where kind = $1 and owner = $2 and asset = $3`,
    [kind, wallet, asset],
  );
  return balance;
}
