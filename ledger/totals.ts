/** The books' sums, from the balances themselves: a balance that was changed by itself brings them out of balance. */
import { AssetName, SignedUnits, type Asset } from '@kuramori/core';
import { z } from 'zod';
import { row, rows, type Client } from './database.ts';

export interface BookTotals {
  /** The number of the newest transfer; 0 before the first. */
  readonly sequence: number;
  readonly assets: readonly {
    readonly asset: Asset;
    /** What customers are owed, what they owe, and what is the house's. */
    readonly claims: bigint;
    readonly due: bigint;
    readonly own: bigint;
    readonly holdings: readonly {
      readonly kind: 'hot' | 'cold' | 'in-transit';
      readonly wallet: string;
      readonly units: bigint;
    }[];
  }[];
}

const Sum = z.union([
  z.object({
    asset: AssetName,
    class: z.literal('holding'),
    kind: z.enum(['hot', 'cold', 'in-transit']),
    owner: z.string(),
    units: SignedUnits,
  }),
  z.object({ asset: AssetName, class: z.enum(['claim', 'due', 'own']), units: SignedUnits }),
]);

/**
 * Of one moment where the caller's transaction is `repeatable read`. Not from `ledger.total`, which is what postings go
 * by: whoever writes past them changes one of the two. Reads every account, so ask for it some times a minute.
 */
export async function bookTotals(client: Client): Promise<BookTotals> {
  const { sequence } = await row(
    client,
    z.object({ sequence: z.coerce.number().pipe(z.int()) }),
    'select coalesce(max(seq), 0) as sequence from ledger.transfer',
  );
  const sums = await rows(
    client,
    Sum,
    `select a.asset, k.class, a.kind, a.owner, a.units::text
       from (
         select kind, asset, case when kind in ('hot', 'cold', 'in-transit') then owner else '' end as owner, sum(balance) as units
           from ledger.account group by 1, 2, 3
       ) a join ledger.account_kind k using (kind) order by 1, 3, 4`,
  );
  const assets = [...new Set(sums.map(({ asset }) => asset))].map((asset) => {
    const of = sums.filter((one) => one.asset === asset);
    const sum = (which: z.output<typeof Sum>['class']) =>
      of.filter((one) => one.class === which).reduce((total, { units }) => total + units, 0n);
    const holdings = of.flatMap((one) =>
      one.class === 'holding' ? { kind: one.kind, wallet: one.owner, units: one.units } : [],
    );
    return { asset, claims: sum('claim'), due: sum('due'), own: sum('own'), holdings };
  });
  return { sequence, assets };
}
