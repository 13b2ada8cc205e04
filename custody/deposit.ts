/**
 * A deposit, top to bottom. A customer gets a place that watchtowers vouch for (deposits/place.ts); coins that come there, in a
 * block that a majority of our nodes agree on and that is deep enough (chain/scan.ts), are read (deposits/arrival.ts), booked
 * and credited here in the transaction that moves the cursor past the block, so once. Coins that name nobody are booked
 * too, as unclaimed: held, until they are claimed (deposits/claim.ts) or paid back. A block that the chain takes back takes
 * its coins out of the books again (chain/rewrite.ts).
 */
import type { Asset } from '@kuramori/core';
import { depositOf, LedgerError, post, rows, type Client, type Operation } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import type { Arrival, Unnamed } from './deposits/arrival.ts';
import { bookingId, Deposit, depositColumns, type DepositState } from './deposits/row.ts';
import { keepsBooks, type Branch } from './branch.ts';
import { booked, holdingOf } from './chain/spend.ts';
import { depositsStopped, keepOwners } from './services/held.ts';

/** An arrival, and what becomes of it. */
interface Booked {
  readonly arrival: Arrival;
  readonly state: Extract<DepositState, 'credited' | 'held' | 'dust'>;
  readonly customer: string | null;
  readonly why: Unnamed | typeof depositsStopped | null;
  /** Whose it will be once deposits are open again. */
  readonly later: string | null;
  /** 0, or how often it was reversed before. */
  readonly booking: number;
}

/** Books what came in, a few statements for however many. In the transaction that moves the cursor past their blocks. */
export async function bookArrivals(
  house: Branch,
  client: Client,
  arrivals: readonly Arrival[],
): Promise<void> {
  if (arrivals.length === 0) return;
  const before = await knownDeposits(client, arrivals);
  const owners = await ownersOf(house, client, arrivals);
  const fresh: Booked[] = [];
  const again: Booked[] = [];
  const moved: Arrival[] = [];
  for (const arrival of arrivals) {
    const known = before.get(arrival.id);
    if (!known) fresh.push({ ...fateOf(house, arrival, owners), arrival, booking: 0 });
    else if (known.state === 'reversed')
      again.push({ ...fateOf(house, arrival, owners), arrival, booking: known.booking + 1 });
    else if (known.orphaned) moved.push(arrival);
    else {
      const { id, height } = arrival;
      throw new LedgerError(
        `deposit ${id} is in block ${height}, and was booked from block ${known.height}: no chain has one twice`,
      );
    }
  }
  await insert(house, client, fresh);
  await rebook(client, again);
  await move(client, moved);
  await keepStopped(client, [...fresh, ...again]);
  const all = [...fresh, ...again];
  for (const answer of await post(client, operationsFor(house, all))) booked(answer);
  const count = (state: DepositState) => all.filter((one) => one.state === state).length;
  const [credited, held, dust] = [count('credited'), count('held'), count('dust')];
  log('deposits', { height: arrivals.at(-1)?.height, credited, held, dust, moved: moved.length });
}

async function knownDeposits(client: Client, arrivals: readonly Arrival[]): Promise<Map<string, Deposit>> {
  const found = await rows(
    client,
    Deposit,
    `select ${depositColumns} from custody.deposit where id = any($1) order by id for update`,
    [arrivals.map(({ id }) => id)],
  );
  return new Map(found.map((one) => [one.id, one]));
}

/** Mark → customer, for all marks at once. */
async function ownersOf(
  house: Branch,
  client: Client,
  arrivals: readonly Arrival[],
): Promise<ReadonlyMap<string, string>> {
  const found = await rows(
    client,
    z.object({ mark: z.string(), customer: z.string() }),
    'select mark, customer from custody.place where chain = $1 and mark = any($2)',
    [house.hot.chain, arrivals.flatMap(({ marks }) => marks)],
  );
  return new Map(found.map(({ mark, customer }) => [mark, customer]));
}

function fateOf(
  house: Branch,
  { asset, units, marks, otherwise }: Arrival,
  owners: ReadonlyMap<string, string>,
): Pick<Booked, 'state' | 'customer' | 'why' | 'later'> {
  const nobodys = { customer: null, later: null };
  // A token that anybody may send us is no asset of this house: seen, kept in view, and not in the books.
  if (!keepsBooks(house, asset)) return { ...nobodys, state: 'held', why: 'unknown-asset' };
  if (asset === house.coin && units < house.minimumDeposit) return { ...nobodys, state: 'dust', why: 'dust' };
  const customer = marks.map((mark) => owners.get(mark)).find((owner) => owner !== undefined);
  if (customer === undefined) return { ...nobodys, state: 'held', why: otherwise };
  // Whatever it was frozen for may be this chain's lies: nobody can trade with what comes now, and nothing of it is lost.
  if (house.board.whyStopped(asset, 'deposits') !== null)
    return { state: 'held', customer: null, why: depositsStopped, later: customer };
  return { state: 'credited', customer, why: null, later: null };
}

function keepStopped(client: Client, all: readonly Booked[]): Promise<void> {
  return keepOwners(
    client,
    all.flatMap(({ arrival, booking, later }) =>
      later === null ? [] : { deposit: arrival.id, booking, customer: later },
    ),
  );
}

async function insert(house: Branch, client: Client, all: readonly Booked[]): Promise<void> {
  if (all.length === 0) return;
  const at = house.clock.now();
  await client.query(
    `insert into custody.deposit
         (id, transaction, wallet, sender, asset, units, payload, message, height, state, customer, why, at)
       select id, transaction, wallet, sender, asset, units, payload, message, height, state, customer, why, $13
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::text[], $8::text[],
           $9::int[], $10::text[], $11::text[], $12::text[])
         with ordinality as d (id, transaction, wallet, sender, asset, units, payload, message, height, state, customer, why, place)
         order by place`,
    [
      all.map(({ arrival }) => arrival.id),
      all.map(({ arrival }) => arrival.transaction),
      all.map(({ arrival }) => arrival.wallet.id),
      all.map(({ arrival }) => arrival.sender),
      all.map(({ arrival }) => arrival.asset),
      all.map(({ arrival }) => arrival.units.toString()),
      all.map(({ arrival }) => arrival.payload),
      all.map(({ arrival }) => arrival.message),
      all.map(({ arrival }) => arrival.height),
      all.map(({ state }) => state),
      all.map(({ customer }) => customer),
      all.map(({ why }) => why),
      at,
    ],
  );
}

/** The chain has it again after it was reversed: booked anew, under another id. */
async function rebook(client: Client, all: readonly Booked[]): Promise<void> {
  for (const { arrival, state, customer, why, booking } of all) {
    await client.query(
      `update custody.deposit set state = $2, customer = $3, why = $4, booking = $5, height = $6, orphaned = false
         where id = $1`,
      [arrival.id, state, customer, why, booking, arrival.height],
    );
  }
}

/** The same coins in another block: they are booked already. */
async function move(client: Client, all: readonly Arrival[]): Promise<void> {
  if (all.length === 0) return;
  await client.query(
    `update custody.deposit d set height = m.height, orphaned = false
       from unnest($1::text[], $2::int[]) as m (id, height) where d.id = m.id`,
    [all.map(({ id }) => id), all.map(({ height }) => height)],
  );
}

/** Dust is one sum a block and wallet: ten thousand specks cost the books as much as one. */
function operationsFor(house: Branch, all: readonly Booked[]): readonly Operation[] {
  const dust = new Map<string, { readonly arrival: Arrival; units: bigint }>();
  const operations: Operation[] = [];
  for (const { arrival, state, customer, booking } of all) {
    const { id, transaction, units, wallet, block, height } = arrival;
    if (!keepsBooks(house, arrival.asset)) continue;
    const asset = arrival.asset as Asset;
    if (state === 'dust' && booking === 0) {
      const name = `dust:${wallet.id}:${height}:${block}`;
      const sum = dust.get(name) ?? { arrival, units: 0n };
      dust.set(name, sum);
      sum.units += units;
      continue;
    }
    const of =
      customer === null ? ({ kind: 'unclaimed' } as const) : ({ kind: 'customer', customer } as const);
    const about = transaction;
    operations.push(
      depositOf({ id: bookingId({ id, booking }), about, asset, units, into: holdingOf(wallet), of }),
    );
  }
  for (const [id, { arrival, units }] of dust) {
    const into = holdingOf(arrival.wallet);
    operations.push(
      depositOf({ id, about: arrival.block, asset: house.coin, units, into, of: { kind: 'unclaimed' } }),
    );
  }
  return operations;
}
