/** Outgoing: coins that left an address of ours, whoever sent them, booked as what they were. */
import { AssetName, Units, type Wallet } from '@kuramori/core';
import { LedgerError, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { refillArrived } from '../treasury/refill-row.ts';
import { PaymentReason } from '../withdrawals/row.ts';
import type { Spent } from '../chains/chain.ts';
import { enqueue, enqueueAll } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { bookSpend, unbookSpend } from './spend.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

export const Outgoing = z.object({
  transaction: z.string(),
  wallet: z.string(),
  /** A withdrawal of ours, a move between our own wallets, or neither: then somebody must look. */
  kind: z.enum(['withdrawal', 'move', 'unexplained']),
  recipient: z.string().nullable(),
  asset: AssetName,
  units: Units,
  fee: Units,
  height: integer,
  what: z.string(),
  withdrawal: z.string().nullable(),
  /** Its block was taken off the chain, and whether it comes again is not known yet. */
  orphaned: z.boolean(),
  /** It did not come again. */
  gone: z.boolean(),
  /** How often it was booked again after it had gone. */
  booking: integer,
  at: integer,
});
export type Outgoing = z.infer<typeof Outgoing>;

export const outgoingColumns =
  'transaction, wallet, kind, recipient, asset, units::text, fee::text, height, what, withdrawal, orphaned, gone, booking, at';

/** The payment of a withdrawal, once it is deep enough in the blocks that we read; at most one can ever be. */
export async function findPayment(client: Client, withdrawal: string): Promise<Outgoing | undefined> {
  const [found] = await rows(
    client,
    Outgoing,
    `select ${outgoingColumns} from custody.outgoing where withdrawal = $1 and not orphaned and not gone`,
    [withdrawal],
  );
  return found;
}

/** The newest spends that are no withdrawals. */
export function otherOutgoing(client: Client): Promise<Outgoing[]> {
  return rows(
    client,
    Outgoing,
    `select ${outgoingColumns} from custody.outgoing where kind <> 'withdrawal' and not gone order by height desc limit 100`,
  );
}

/**
 * Books confirmed spends, in the transaction that moves the cursor past their blocks: what pays a withdrawal of ours, and is
 * seen for the first time, all at once; whatever is otherwise one by one, after them.
 */
export async function bookAllOutgoing(house: House, client: Client, all: readonly Spent[]): Promise<void> {
  const paying = await firstPayments(client, all);
  const payments = all.flatMap((spent) => {
    const withdrawal = paying.get(spent.transaction);
    return withdrawal === undefined ? [] : { ...spent, withdrawal };
  });
  await insertOutgoing(
    house,
    client,
    payments.map((payment) => ({ ...payment, kind: 'withdrawal' })),
  );
  // Its own story settles it: see withdrawal.ts.
  await enqueueAll(
    client,
    payments.map(({ withdrawal }) => ({ id: withdrawal, ms: 0 })),
  );
  for (const spent of all) if (!paying.has(spent.transaction)) await bookOutgoing(house, client, spent);
}

const Paying = z.object({ transaction: z.string(), withdrawal: z.string() });

/** Transaction → the withdrawal that it pays, for those of which nothing is booked and that alone pay theirs. */
async function firstPayments(client: Client, all: readonly Spent[]): Promise<ReadonlyMap<string, string>> {
  if (all.length === 0) return new Map();
  const inners = all.map(({ inner }) => inner);
  const found = await rows(
    client,
    Paying,
    `select seen.transaction, p.withdrawal
       from unnest($1::text[], $2::text[]) seen (transaction, inner_transaction)
         join custody.plan p on p.transaction = seen.transaction and p.inner_transaction = seen.inner_transaction
         join custody.withdrawal w on w.id = p.withdrawal and w.reason <> 'sweep'
       where not exists (
         select from custody.outgoing o where o.withdrawal = p.withdrawal or o.transaction = seen.transaction)`,
    [all.map(({ transaction }) => transaction), inners],
  );
  const alone = new Set(inners.filter((inner) => inners.indexOf(inner) === inners.lastIndexOf(inner)));
  const sole = new Set(all.flatMap(({ transaction, inner }) => (alone.has(inner) ? transaction : [])));
  return new Map(
    found.filter(({ transaction }) => sole.has(transaction)).map((one) => [one.transaction, one.withdrawal]),
  );
}

async function insertOutgoing(
  house: House,
  client: Client,
  all: readonly (Spent & { readonly kind: Outgoing['kind']; readonly withdrawal: string | null })[],
): Promise<void> {
  if (all.length === 0) return;
  await client.query(
    `insert into custody.outgoing (transaction, wallet, kind, recipient, asset, units, fee, height, what, withdrawal, at)
       select transaction, wallet, kind, recipient, asset, units, fee, height, what, withdrawal, $1
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::numeric[], $9::int[],
           $10::text[], $11::text[])
           spent (transaction, wallet, kind, recipient, asset, units, fee, height, what, withdrawal)`,
    [
      house.clock.now(),
      all.map(({ transaction }) => transaction),
      all.map(({ wallet }) => wallet.id),
      all.map(({ kind }) => kind),
      all.map(({ recipient }) => recipient),
      all.map(({ asset }) => asset),
      all.map(({ units }) => units.toString()),
      all.map(({ fee }) => fee.toString()),
      all.map(({ height }) => height),
      all.map(({ what }) => what),
      all.map(({ withdrawal }) => withdrawal),
    ],
  );
}

/** Books one confirmed spend. */
async function bookOutgoing(house: House, client: Client, spent: Spent): Promise<void> {
  if (await bookedAgain(house, client, spent)) return undefined;
  const { transaction, wallet, recipient, units, fee, what, height } = spent;
  const home = homeOf(house, recipient);
  const paid = await paidBy(client, spent);
  // A restored database may have forgotten it; what is booked as a loss is never booked otherwise again.
  if (paid === undefined && (!home || wallet.role === 'hot') && !house.journals.state().read)
    throw new LedgerError(
      `${transaction} left ${wallet.id}: the signers' journals must be read before it can be told why`,
    );
  if (paid?.reason === 'sweep' && !home)
    throw new LedgerError(
      `${transaction} is a sweep to ${recipient}, which the policy names no more: a wallet that was ever ours stays in the policy, put it back`,
    );
  const unasked = home ? 'move' : 'unexplained';
  const kind = paid === undefined ? unasked : paid.reason === 'sweep' ? 'move' : 'withdrawal';
  await insertOutgoing(house, client, [{ ...spent, kind, withdrawal: paid?.id ?? null }]);
  // Its own story goes on: see withdrawal.ts. What a customer's costs is settled there, too.
  if (paid !== undefined) await enqueue(client, paid.id);
  if (kind === 'withdrawal') return undefined;
  await noteRefill(house, client, spent);
  if (kind === 'unexplained')
    log('unexplained spend', { transaction, wallet: wallet.id, recipient, units, fee, what, height });
  return bookSpend(client, { ...spent, booking: 0 }, wallet, home);
}

/** Coins from cold to hot may be what a vault was asked for. */
async function noteRefill(house: House, client: Client, spent: Spent): Promise<void> {
  const { transaction, wallet, recipient, asset, memo, units } = spent;
  const home = homeOf(house, recipient);
  if (home?.role !== 'hot' || wallet.role !== 'cold') return;
  const arrived = { transaction, cold: wallet.id, hot: home.id, asset, memo, units };
  await refillArrived(client, arrived, house.clock.now());
}

/** Whether it was booked before: then only its block is new, unless it had gone meanwhile and is a spend once more. */
async function bookedAgain(house: House, client: Client, spent: Spent): Promise<boolean> {
  const [known] = await rows(
    client,
    Outgoing,
    `select ${outgoingColumns} from custody.outgoing where transaction = $1 for update`,
    [spent.transaction],
  );
  if (!known) return false;
  const { transaction, kind, withdrawal, orphaned, gone } = known;
  const { wallet, height } = spent;
  if (!orphaned && !gone)
    throw new LedgerError(
      `${transaction} is in block ${height}, and was booked from block ${known.height}: no chain has one twice`,
    );
  // Other cosigners may have signed it this time, for another fee.
  const { fee } = spent;
  const anew = gone || fee !== known.fee;
  const booking = known.booking + (anew ? 1 : 0);
  await client.query(
    `update custody.outgoing set height = $2, fee = $3, booking = $4, orphaned = false, gone = false
       where transaction = $1`,
    [transaction, height, fee.toString(), booking],
  );
  if (withdrawal !== null) await enqueue(client, withdrawal);
  if (kind === 'withdrawal' || !anew) return true;
  if (gone) await noteRefill(house, client, spent);
  const home = homeOf(house, known.recipient);
  if (!gone) await unbookSpend(client, known, wallet, home);
  await bookSpend(client, { ...known, booking, fee }, wallet, home);
  return true;
}

/** The wallet of ours that coins went to, if any. */
export function homeOf(house: House, recipient: string | null): Wallet | undefined {
  return house.policy.wallets.find(({ address }) => address === recipient);
}

/**
 * By the transaction's own hash, or by what it has in common with others that pay the same withdrawal. A second payment of one
 * explains nothing: nobody asked for it.
 */
async function paidBy(
  client: Client,
  { transaction, inner }: Spent,
): Promise<z.output<typeof Paid> | undefined> {
  const [found] = await rows(
    client,
    Paid,
    `select w.id, w.reason from custody.plan p join custody.withdrawal w on w.id = p.withdrawal
       where (transaction = $1 or inner_transaction = $2)
         and not exists (select from custody.outgoing o
           where o.withdrawal = p.withdrawal and o.transaction <> $1 and not o.gone and not o.orphaned)`,
    [transaction, inner],
  );
  return found;
}

const Paid = z.object({ id: z.string(), reason: PaymentReason });
