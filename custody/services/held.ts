/** Held: coins that came while their asset's deposits were stopped. They are in the books as nobody's, and their customer's once deposits are open. */
import type { Asset } from '@kuramori/core';
import { claim, inTransaction, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { booked } from '../chain/spend.ts';
import { bookingId, lockDeposit, moveDeposit } from '../deposits/row.ts';
import type { House } from '../house.ts';

/** Why such a deposit is held. */
export const depositsStopped = 'deposits-stopped';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Waiting = z.object({ deposit: z.string(), booking: integer, customer: z.string() });
type Waiting = z.infer<typeof Waiting>;

/** In the transaction that books them. */
export async function keepOwners(client: Client, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return;
  await client.query(
    `insert into custody.deposit_stopped (deposit, booking, customer)
       select deposit, booking, customer from unnest($1::text[], $2::int[], $3::text[]) d (deposit, booking, customer)`,
    [
      waiting.map(({ deposit }) => deposit),
      waiting.map(({ booking }) => booking),
      waiting.map(({ customer }) => customer),
    ],
  );
}

/** How many are looked at in a round. */
const most = 100;

/** What people have claimed or paid back meanwhile is held no more, and is left alone. */
export async function creditStopped(house: House, assets: readonly string[]): Promise<void> {
  const open = assets.filter((asset) => house.board.whyStopped(asset, 'deposits') === null);
  if (open.length === 0) return;
  const waiting = await rows(
    house.pool,
    Waiting,
    `select s.deposit, s.booking, s.customer from custody.deposit d
       join custody.deposit_stopped s on s.deposit = d.id and s.booking = d.booking
       where d.state = 'held' and not d.orphaned and d.asset = any($1) order by d.seq limit ${most}`,
    [open],
  );
  for (const one of waiting) await inTransaction(house.pool, (client) => credit(client, one));
}

async function credit(client: Client, { deposit: id, booking, customer }: Waiting): Promise<void> {
  const found = await lockDeposit(client, id);
  if (found?.state !== 'held' || found.orphaned || found.booking !== booking) return;
  booked(
    await claim(client, {
      id: `claim:${bookingId(found)}`,
      deposit: bookingId(found),
      asset: found.asset as Asset,
      units: found.units,
      by: { kind: 'customer', customer },
    }),
  );
  await moveDeposit(client, found, 'credited', customer);
  log('deposit credited, since deposits are open again', { deposit: id, customer });
}
