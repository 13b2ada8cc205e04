/** Outgoing: coins that left an address of ours, whoever sent them, booked as what they were. */
import {
  actsOnAccount,
  innerHash,
  movements,
  type Transaction,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import { AssetName, Units, XEM, type Wallet } from '@kuramori/core';
import {
  LedgerError,
  loss,
  move,
  networkFee,
  rows,
  type Answer,
  type Client,
  type Holding,
} from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { enqueue } from './enqueue.ts';
import type { House } from './house.ts';

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
  at: integer,
});
export type Outgoing = z.infer<typeof Outgoing>;

const columns =
  'transaction, wallet, kind, recipient, asset, units::text, fee::text, height, what, withdrawal, at';

/** The payment of a withdrawal, once it is deep enough in the blocks that we read; at most one can ever be. */
export async function findPayment(client: Client, withdrawal: string): Promise<Outgoing | undefined> {
  const [found] = await rows(
    client,
    Outgoing,
    `select ${columns} from custody.outgoing where withdrawal = $1`,
    [withdrawal],
  );
  return found;
}

/** The newest spends that are no withdrawals. */
export function otherOutgoing(client: Client): Promise<Outgoing[]> {
  return rows(
    client,
    Outgoing,
    `select ${columns} from custody.outgoing where kind <> 'withdrawal' order by height desc limit 100`,
  );
}

/** The wallet of ours that a transaction acts on, if any. */
export function spentFrom(house: House, { transaction }: SeenTransaction): Wallet | undefined {
  const account = actsOnAccount(transaction, house.network);
  return house.policy.wallets.find(({ address }) => address === account);
}

/** Books a confirmed spend, in the transaction that moves the cursor past its block. */
export async function bookOutgoing(
  house: House,
  client: Client,
  seen: SeenTransaction,
  wallet: Wallet,
  height: number,
): Promise<void> {
  const { hash, transaction } = seen;
  const transfer = transferOf(transaction);
  const all = transfer ? movements(transfer) : [];
  const units = all.filter(({ asset }) => asset === XEM).reduce((sum, { quantity }) => sum + quantity, 0n);
  const others = all
    .filter(({ asset }) => asset !== XEM)
    .map(({ asset, quantity }) => `${quantity} ${asset}`);
  const recipient = transfer?.recipient ?? null;
  const home = house.policy.wallets.find(({ address }) => address === recipient);
  const withdrawal = await paidBy(client, hash, transaction);
  // A restored database may have forgotten it; what is booked as a loss is never booked otherwise again.
  if (withdrawal === undefined && !home && !house.journals.state().read)
    throw new LedgerError(
      `${hash} left ${wallet.id}: the signers' journals must be read before it can be told why`,
    );
  const kind = withdrawal === undefined ? (home ? 'move' : 'unexplained') : 'withdrawal';
  const fee = feesOf(seen);
  const what = [transaction.kind === 'multisig' ? transaction.inner.kind : transaction.kind, ...others]
    .join(', ')
    .slice(0, 500);
  await client.query(
    `insert into custody.outgoing (transaction, wallet, kind, recipient, asset, units, fee, height, what, withdrawal, at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      hash,
      wallet.id,
      kind,
      recipient,
      XEM,
      units.toString(),
      fee.toString(),
      height,
      what,
      withdrawal ?? null,
      house.clock.now(),
    ],
  );
  // Its own story settles it: see withdrawal.ts.
  if (withdrawal !== undefined) return enqueue(client, withdrawal);
  if (kind === 'unexplained')
    log('unexplained spend', { transaction: hash, wallet: wallet.id, recipient, units, fee, what, height });
  const from = holdingOf(wallet);
  const booking = { id: `outgoing:${hash}`, about: hash, asset: XEM, from };
  if (home && home.id !== wallet.id && units > 0n)
    return booked(await move(client, { ...booking, units, fee, to: holdingOf(home) }));
  // To ourselves nothing moved but the fee; to strangers everything is lost, and it is our loss, not the customers'.
  if (home) return fee > 0n ? booked(await networkFee(client, { ...booking, units: fee })) : undefined;
  return units + fee > 0n ? booked(await loss(client, { ...booking, units: units + fee })) : undefined;
}

/**
 * By the transaction's own hash, or by that of the inner one: another wrapper pays the same withdrawal. A second payment
 * of one explains nothing: nobody asked for it.
 */
async function paidBy(client: Client, hash: string, transaction: Transaction): Promise<string | undefined> {
  const inner = transaction.kind === 'multisig' ? innerHash(transaction) : hash;
  const [found] = await rows(
    client,
    z.object({ id: z.string() }),
    `select withdrawal as id from custody.plan p where (transaction = $1 or inner_transaction = $2)
       and not exists (select from custody.outgoing o where o.withdrawal = p.withdrawal and o.transaction <> $1)`,
    [hash, inner],
  );
  return found?.id;
}

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

export function holdingOf({ role, id }: Wallet): Holding {
  return { kind: role, wallet: id };
}

/** What the chain has done cannot be refused by the books: if it is, the two have parted, and nothing more is booked. */
export function booked(answer: Answer): void {
  if (answer.kind === 'refused')
    throw new LedgerError(`the ledger refuses what the chain has done: ${answer.why}: ${answer.detail}`);
}
