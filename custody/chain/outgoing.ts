/** Outgoing: coins that left an address of ours, whoever sent them, booked as what they were. */
import {
  actsOnAccount,
  innerHash,
  memoOf,
  movements,
  type Transaction,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import { AssetName, Units, XEM, type Wallet } from '@kuramori/core';
import { LedgerError, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { refillArrived } from '../treasury/refill-row.ts';
import { PaymentReason } from '../withdrawals/row.ts';
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

/** The wallet of ours that a transaction acts on, if any. */
export function spentFrom(house: House, { transaction }: SeenTransaction): Wallet | undefined {
  const account = actsOnAccount(transaction, house.network);
  return house.policy.wallets.find(({ address }) => address === account);
}

/** A spend in a block, of a wallet of ours. */
export interface Spent {
  readonly seen: SeenTransaction;
  readonly wallet: Wallet;
  readonly height: number;
}

/**
 * Books confirmed spends, in the transaction that moves the cursor past their blocks: what pays a withdrawal of ours, and is
 * seen for the first time, all at once; whatever is otherwise one by one, after them.
 */
export async function bookAllOutgoing(house: House, client: Client, all: readonly Spent[]): Promise<void> {
  const paying = await firstPayments(client, all);
  const payments = all.flatMap((spent) => {
    const withdrawal = paying.get(spent.seen.hash);
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
  for (const { seen, wallet, height } of all)
    if (!paying.has(seen.hash)) await bookOutgoing(house, client, seen, wallet, height);
}

const Paying = z.object({ transaction: z.string(), withdrawal: z.string() });

/** Transaction → the withdrawal that it pays, for those of which nothing is booked and that alone pay theirs. */
async function firstPayments(client: Client, all: readonly Spent[]): Promise<ReadonlyMap<string, string>> {
  if (all.length === 0) return new Map();
  const found = await rows(
    client,
    Paying,
    `select seen.transaction, p.withdrawal
       from unnest($1::text[], $2::text[]) seen (transaction, inner_transaction)
         join custody.plan p on p.transaction = seen.transaction and p.inner_transaction = seen.inner_transaction
         join custody.withdrawal w on w.id = p.withdrawal and w.reason <> 'sweep'
       where not exists (
         select from custody.outgoing o where o.withdrawal = p.withdrawal or o.transaction = seen.transaction)`,
    [all.map(({ seen }) => seen.hash), all.map(({ seen }) => innerOf(seen))],
  );
  const inners = all.map(({ seen }) => innerOf(seen));
  const alone = new Set(inners.filter((inner) => inners.indexOf(inner) === inners.lastIndexOf(inner)));
  const sole = new Set(all.flatMap(({ seen }) => (alone.has(innerOf(seen)) ? seen.hash : [])));
  return new Map(
    found.filter(({ transaction }) => sole.has(transaction)).map((one) => [one.transaction, one.withdrawal]),
  );
}

function innerOf({ hash, transaction }: SeenTransaction): string {
  return transaction.kind === 'multisig' ? innerHash(transaction) : hash;
}

async function insertOutgoing(
  house: House,
  client: Client,
  all: readonly (Spent & { readonly kind: Outgoing['kind']; readonly withdrawal: string | null })[],
): Promise<void> {
  if (all.length === 0) return;
  const of = all.map(({ seen }) => spendOf(seen));
  await client.query(
    `insert into custody.outgoing (transaction, wallet, kind, recipient, asset, units, fee, height, what, withdrawal, at)
       select transaction, wallet, kind, recipient, $1, units, fee, height, what, withdrawal, $2
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::numeric[], $9::int[], $10::text[],
           $11::text[]) spent (transaction, wallet, kind, recipient, units, fee, height, what, withdrawal)`,
    [
      XEM,
      house.clock.now(),
      all.map(({ seen }) => seen.hash),
      all.map(({ wallet }) => wallet.id),
      all.map(({ kind }) => kind),
      of.map(({ recipient }) => recipient),
      of.map(({ units }) => units.toString()),
      of.map(({ fee }) => fee.toString()),
      all.map(({ height }) => height),
      of.map(({ what }) => what),
      all.map(({ withdrawal }) => withdrawal),
    ],
  );
}

/** What a spend moves, to whom, and what the network took. */
function spendOf(seen: SeenTransaction) {
  const { transaction } = seen;
  const transfer = transferOf(transaction);
  const all = transfer ? movements(transfer) : [];
  const units = all.filter(({ asset }) => asset === XEM).reduce((sum, { quantity }) => sum + quantity, 0n);
  const others = all
    .filter(({ asset }) => asset !== XEM)
    .map(({ asset, quantity }) => `${quantity} ${asset}`);
  const what = [transaction.kind === 'multisig' ? transaction.inner.kind : transaction.kind, ...others]
    .join(', ')
    .slice(0, 500);
  return { recipient: transfer?.recipient ?? null, units, fee: feesOf(seen), what };
}

/** Books one confirmed spend. */
async function bookOutgoing(
  house: House,
  client: Client,
  seen: SeenTransaction,
  wallet: Wallet,
  height: number,
): Promise<void> {
  const { hash, transaction } = seen;
  if (await bookedAgain(house, client, seen, wallet, height)) return undefined;
  const { recipient, units, fee, what } = spendOf(seen);
  const home = homeOf(house, recipient);
  const paid = await paidBy(client, hash, transaction);
  // A restored database may have forgotten it; what is booked as a loss is never booked otherwise again.
  if (paid === undefined && (!home || wallet.role === 'hot') && !house.journals.state().read)
    throw new LedgerError(
      `${hash} left ${wallet.id}: the signers' journals must be read before it can be told why`,
    );
  if (paid?.reason === 'sweep' && !home)
    throw new LedgerError(
      `${hash} is a sweep to ${recipient}, which the policy names no more: a wallet that was ever ours stays in the policy, put it back`,
    );
  const unasked = home ? 'move' : 'unexplained';
  const kind = paid === undefined ? unasked : paid.reason === 'sweep' ? 'move' : 'withdrawal';
  await insertOutgoing(house, client, [{ seen, wallet, height, kind, withdrawal: paid?.id ?? null }]);
  // Its own story goes on: see withdrawal.ts. What a customer's costs is settled there, too.
  if (paid !== undefined) await enqueue(client, paid.id);
  if (kind === 'withdrawal') return undefined;
  await noteRefill(house, client, seen, wallet, units);
  if (kind === 'unexplained')
    log('unexplained spend', { transaction: hash, wallet: wallet.id, recipient, units, fee, what, height });
  return bookSpend(client, { transaction: hash, booking: 0, units, fee }, wallet, home);
}

/** Coins from cold to hot may be what a vault was asked for. */
async function noteRefill(
  house: House,
  client: Client,
  { hash, transaction }: SeenTransaction,
  wallet: Wallet,
  units: bigint,
): Promise<void> {
  const transfer = transferOf(transaction);
  const home = homeOf(house, transfer?.recipient ?? null);
  if (!transfer || home?.role !== 'hot' || wallet.role !== 'cold') return;
  const arrived = { transaction: hash, cold: wallet.id, hot: home.id, memo: memoOf(transfer) ?? '', units };
  await refillArrived(client, arrived, house.clock.now());
}

/** Whether it was booked before: then only its block is new, unless it had gone meanwhile and is a spend once more. */
async function bookedAgain(
  house: House,
  client: Client,
  seen: SeenTransaction,
  wallet: Wallet,
  height: number,
): Promise<boolean> {
  const [known] = await rows(
    client,
    Outgoing,
    `select ${outgoingColumns} from custody.outgoing where transaction = $1 for update`,
    [seen.hash],
  );
  if (!known) return false;
  const { transaction, kind, withdrawal, orphaned, gone, units } = known;
  if (!orphaned && !gone)
    throw new LedgerError(
      `${transaction} is in block ${height}, and was booked from block ${known.height}: no chain has one twice`,
    );
  // Other cosigners may have signed it this time, for another fee.
  const fee = feesOf(seen);
  const anew = gone || fee !== known.fee;
  const booking = known.booking + (anew ? 1 : 0);
  await client.query(
    `update custody.outgoing set height = $2, fee = $3, booking = $4, orphaned = false, gone = false
       where transaction = $1`,
    [transaction, height, fee.toString(), booking],
  );
  if (withdrawal !== null) await enqueue(client, withdrawal);
  if (kind === 'withdrawal' || !anew) return true;
  if (gone) await noteRefill(house, client, seen, wallet, units);
  if (!gone) await unbookSpend(client, known, wallet, homeOf(house, known.recipient));
  await bookSpend(client, { transaction, booking, units, fee }, wallet, homeOf(house, known.recipient));
  return true;
}

/** The wallet of ours that coins went to, if any. */
export function homeOf(house: House, recipient: string | null): Wallet | undefined {
  return house.policy.wallets.find(({ address }) => address === recipient);
}

/**
 * By the transaction's own hash, or by that of the inner one: another wrapper pays the same withdrawal. A second payment
 * of one explains nothing: nobody asked for it.
 */
async function paidBy(
  client: Client,
  hash: string,
  transaction: Transaction,
): Promise<z.output<typeof Paid> | undefined> {
  const inner = transaction.kind === 'multisig' ? innerHash(transaction) : hash;
  const [found] = await rows(
    client,
    Paid,
    `select w.id, w.reason from custody.plan p join custody.withdrawal w on w.id = p.withdrawal
       where (transaction = $1 or inner_transaction = $2)
         and not exists (select from custody.outgoing o
           where o.withdrawal = p.withdrawal and o.transaction <> $1 and not o.gone and not o.orphaned)`,
    [hash, inner],
  );
  return found;
}

const Paid = z.object({ id: z.string(), reason: PaymentReason });

export function transferOf(transaction: Transaction): Transfer | undefined {
  if (transaction.kind === 'transfer') return transaction;
  return transaction.kind === 'multisig' && transaction.inner.kind === 'transfer'
    ? transaction.inner
    : undefined;
}

/** Everything that the account paid to the network: a multisig's account pays for wrapper, inner and every cosignature. */
function feesOf({ transaction, cosignatures }: SeenTransaction): bigint {
  const inner = transaction.kind === 'multisig' ? transaction.inner.fee : 0n;
  return cosignatures.reduce(
    (sum, cosignature) => sum + cosignature.transaction.fee,
    transaction.fee + inner,
  );
}
