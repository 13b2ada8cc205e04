/**
 * Apart: what the ledger and the chain of the booked blocks still have to say to each other. A payment is in a block before
 * its own story settles it; after a rewrite the books hold what the chain took back until it is settled (chain/rewrite.ts).
 * Read in the snapshot of the sums, so that together they are what the chain shows at the cursor's block, to the unit.
 */
import { AssetName, explainedFor, SignedUnits, Units, type Asset, type Leaving } from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { homeOf } from '../chain/outgoing.ts';
import { readCursor } from '../chain/cursor.ts';
import { walletsOf } from '../branch.ts';
import type { House } from '../house.ts';

export interface Apart {
  readonly wallet: string;
  readonly asset: Asset;
  readonly leaving: readonly Leaving[];
  readonly unsettled: bigint;
}

const Paid = z.object({ transaction: z.string(), wallet: z.string(), asset: AssetName, units: Units });
const Returned = z.object({ wallet: z.string(), asset: AssetName, units: SignedUnits });
const Spent = z.object({
  wallet: z.string(),
  recipient: z.string().nullable(),
  asset: AssetName,
  units: Units,
  fee: Units,
});

/** In blocks, and not out of the ledger: their job has not come to it. One that never does is in the end a difference. */
const leavingPayments = `
select o.transaction, o.wallet, o.asset, (o.units + o.fee)::text as units
  from custody.outgoing o join custody.withdrawal w on w.id = o.withdrawal
    join unnest($1::text[], $2::int[]) as at (wallet, since) on at.wallet = o.wallet
  where o.height > at.since and o.kind = 'withdrawal' and not o.orphaned and not o.gone and w.state <> 'final'
  order by o.height, o.transaction limit 10000`;

/** Held in the books, of blocks that are gone: claimed or not, dust in its sum, and what is being paid back. */
const orphanedDeposits = `
select wallet, asset, sum(units)::text as units from custody.deposit
  where orphaned and state <> 'reversed' and asset = any ($1) group by wallet, asset`;

/** Out of the ledger, for a payment that is in no block any more, or there at another fee: by which the ledger is short. */
const settledOtherwise = `
with odd as (
  select withdrawal from custody.outgoing where kind = 'withdrawal' and orphaned
  union select withdrawal from custody.outgoing where kind = 'withdrawal' and gone and not unbooked
  union select o.withdrawal from custody.outgoing o join custody.withdrawal w on w.id = o.withdrawal
      join unnest($1::text[], $2::int[]) as at (wallet, since) on at.wallet = o.wallet
    where o.kind = 'withdrawal' and o.height > at.since and o.fee <> w.fee
)
select w.wallet, w.asset, (w.amount + w.fee - coalesce((
    select sum(o.units + o.fee) from custody.outgoing o where o.withdrawal = w.id and not o.orphaned and not o.gone), 0))::text as units
  from odd join custody.withdrawal w on w.id = odd.withdrawal where w.state = 'final'`;

/** Moves, sweeps among them, and losses are out of the ledger at once, and stay so until it is known that they do not come again. */
const orphanedSpends = `
select wallet, recipient, asset, units::text, fee::text from custody.outgoing where orphaned and kind <> 'withdrawal'`;

/** Wallets, and the block of each one's chain after which what is apart must be explained. */
async function explained(
  { branches }: House,
  client: Client,
): Promise<readonly [readonly string[], readonly number[]]> {
  const wallets: string[] = [];
  const since: number[] = [];
  for (const branch of branches) {
    const { height } = await readCursor(client, branch.hot.chain);
    for (const { id } of walletsOf(branch)) {
      wallets.push(id);
      since.push(height - explainedFor);
    }
  }
  return [wallets, since];
}

/** Reads the cursors of its own snapshot. */
export async function apartFrom(house: House, client: Client): Promise<readonly Apart[]> {
  const found = new Map<string, { wallet: string; asset: Asset; leaving: Leaving[]; unsettled: bigint }>();
  const of = (wallet: string, asset: Asset) => {
    const name = `${wallet} ${asset}`;
    const one = found.get(name) ?? { wallet, asset, leaving: [], unsettled: 0n };
    found.set(name, one);
    return one;
  };
  const since = await explained(house, client);
  for (const { wallet, asset, transaction, units } of await rows(client, Paid, leavingPayments, since))
    of(wallet, asset).leaving.push({ transaction, units });
  // What we keep no books on is in no sum.
  const known = await rows(client, z.object({ asset: AssetName }), 'select distinct asset from ledger.total');
  const assets = known.map(({ asset }) => asset);
  for (const { wallet, asset, units } of await rows(client, Returned, orphanedDeposits, [assets]))
    of(wallet, asset).unsettled += units;
  for (const { wallet, asset, units } of await rows(client, Returned, settledOtherwise, since))
    of(wallet, asset).unsettled -= units;
  for (const { wallet, recipient, asset, units, fee } of await rows(client, Spent, orphanedSpends)) {
    const home = homeOf(house, recipient);
    // To ourselves only the fee went: see chain/spend.ts.
    of(wallet, asset).unsettled -= home?.id === wallet ? fee : units + fee;
    if (home && home.id !== wallet) of(home.id, asset).unsettled += units;
  }
  return [...found.values()];
}
