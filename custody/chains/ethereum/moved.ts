/** Moved: a final block's facts in words that no chain owns: arrivals, and spends of ours; and what else of them is kept. */
import { rows, type Client } from '@kuramori/ledger';
import { Units } from '@kuramori/core';
import type { Ours } from '@kuramori/chains/ethereum/node';
import type { WatchedBlock } from '@kuramori/chains/watched';
import { z } from 'zod';
import type { Arrival } from '../../deposits/arrival.ts';
import type { Branch } from '../../branch.ts';
import { notify } from '../../notice.ts';
import type { Spent } from '../chain.ts';
import type { Fact } from './booked.ts';

type Block = WatchedBlock<Fact>;

export function arrivalsOf({ hot }: Branch, ours: Ours, block: Block): readonly Arrival[] {
  const nth = new Map<string, number>();
  return block.transactions.flatMap((fact): Arrival[] => {
    if (fact.kind !== 'came') return [];
    const { transaction, wallet, salt, address, asset, units, from } = fact;
    const index = nth.get(transaction) ?? 0;
    nth.set(transaction, index + 1);
    const isCustomers = salt !== null && wallet === hot.id;
    const { role } = ours.wallet(wallet);
    return [
      {
        id: `${transaction}:${index}`,
        transaction,
        wallet: ours.wallet(wallet),
        sender: from ?? '',
        asset,
        units,
        payload: '',
        message: null,
        marks: isCustomers ? [address] : [],
        otherwise: role === 'cold' ? 'to-cold' : 'unknown-address',
        height: block.height,
        block: block.hash,
      },
    ];
  });
}

export function spendsOf(ours: Ours, block: Block): readonly Spent[] {
  return block.transactions.flatMap((fact): Spent[] => {
    if (fact.kind !== 'paid' && fact.kind !== 'lost') return [];
    const { wallet, asset, units, to, transaction } = fact;
    const name = fact.kind === 'paid' ? fact.id : transaction;
    const what = fact.kind === 'paid' ? `a payment, by ${transaction}` : fact.what;
    // Gas is the relayer's.
    const common = { wallet: ours.wallet(wallet), height: block.height, asset, units, fee: 0n, memo: '' };
    return [{ ...common, transaction: name, inner: name, recipient: to, what }];
  });
}

/** Numbers that are used up, what stands at customers' addresses, and what people must look at. */
export async function keepFacts(
  { clock }: Pick<Branch, 'clock'>,
  client: Client,
  blocks: readonly Block[],
): Promise<void> {
  for (const { height, transactions } of blocks) {
    for (const fact of transactions) {
      if (fact.kind === 'executed')
        await client.query(
          `insert into custody.executed (wallet, number, id, transaction, height) values ($1, $2, $3, $4, $5)
             on conflict do nothing`,
          [fact.wallet, fact.number.toString(), fact.id, fact.transaction, height],
        );
      else if (fact.kind === 'stands')
        await client.query(
          `insert into custody.standing (wallet, address, asset, salt, units, height) values ($1, $2, $3, $4, $5, $6)
             on conflict (wallet, address, asset) do update set units = excluded.units, height = excluded.height,
               asked_units = case when excluded.units < standing.units then null else standing.asked_units end`,
          [fact.wallet, fact.address, fact.asset, fact.salt, fact.units.toString(), height],
        );
      else if (fact.kind === 'doubtful')
        await notify(client, {
          key: `doubtful:${height}:${fact.address}:${fact.asset}`,
          severity: 'grave',
          what: `block ${height}: what came to ${fact.address} of ${fact.asset} is credited to nobody: ${fact.why}. Look at it, and at whether the token is one that the policy should list`,
          at: clock.now(),
        });
      else if (fact.kind === 'unmoved')
        await notify(client, {
          key: `unmoved:${fact.id}`,
          severity: 'grave',
          what: `${fact.transaction} executed the payment of ${fact.units} of ${fact.asset} to ${fact.to}, and the token moved nothing: it answers false, or lies. The money stays held; take the token out of the policy until somebody has looked`,
          at: clock.now(),
        });
    }
  }
}

/** Blocks above the height are gone. What stands at addresses is said again by the next block that moves it. */
export async function takeFactsBack(
  client: Client,
  wallets: readonly string[],
  height: number,
): Promise<void> {
  await client.query('delete from custody.executed where height > $1 and wallet = any($2)', [
    height,
    wallets,
  ]);
}

const Executed = z.object({ id: z.string() });

/** Whether a booked block has used up the number for something else. */
export async function passedBy(
  client: Client,
  { wallet, number, id }: { readonly wallet: string; readonly number: bigint; readonly id: string },
): Promise<boolean> {
  const [found] = await rows(
    client,
    Executed,
    'select id from custody.executed where wallet = $1 and number = $2',
    [wallet, number.toString()],
  );
  return found !== undefined && found.id !== id;
}

/** Units of the asset that stand at customers' addresses, and those that are in the Safe itself, by the books. */
export async function placedUnits(
  client: Client,
  wallet: string,
  asset: string,
): Promise<{ readonly atSafe: bigint; readonly atPlaces: bigint }> {
  const [found] = await rows(
    client,
    z.object({ booked: Units, places: Units }),
    `select coalesce((select balance from ledger.account where kind = 'hot' and owner = $1 and asset = $2), 0)::text as booked,
       coalesce((select sum(units) from custody.standing where wallet = $1 and asset = $2), 0)::text as places`,
    [wallet, asset],
  );
  const { booked = 0n, places = 0n } = found ?? {};
  return { atSafe: booked - places, atPlaces: places };
}
