/**
 * A deposit, top to bottom. A customer gets an address and a message; coins that come with the message, in a block that
 * two nodes agree on and that is deep enough, are booked and credited in the transaction that moves the cursor past the
 * block, so once. Coins without a message that we know are booked too, as unclaimed: held, and visible until claimed.
 */
import { actsOnAccount, memoOf, movements, type Transfer } from '@kuramori/chains/nem/codec';
import type { SeenBlock, SeenTransaction } from '@kuramori/chains/nem/node';
import { Units, XEM, type Wallet } from '@kuramori/core';
import { claim, deposit as bookDeposit, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { type CustomerBody, customerOf, openCustomer } from './customer.ts';
import type { House } from './house.ts';
import { bookOutgoing, booked, holdingOf, spentFrom, transferOf } from './outgoing.ts';
import { malformed, problem, type Reply } from './problem.ts';

/** Where a customer's coins shall go, and what message they must carry. The same answer at each call. */
export async function openDeposits(
  house: House,
  client: Client,
  { customer }: z.infer<typeof CustomerBody>,
): Promise<Reply> {
  const message = await openCustomer(client, customer, house.clock.now());
  return { status: 201, body: { customer, asset: XEM, address: house.hot.address, message } };
}

/** Books one block: what came to us, and what left. In the transaction that moves the cursor past it. */
export async function bookBlock(house: House, client: Client, block: SeenBlock): Promise<void> {
  for (const seen of block.transactions) {
    const spent = spentFrom(house, seen);
    // A transfer between our wallets is a move, and no deposit.
    if (spent) await bookOutgoing(house, client, seen, spent, block.height);
    else await bookIncoming(house, client, seen, block.height);
  }
}

async function bookIncoming(
  house: House,
  client: Client,
  seen: SeenTransaction,
  height: number,
): Promise<void> {
  const transfer = transferOf(seen.transaction);
  const wallet = house.policy.wallets.find(({ address }) => address === transfer?.recipient);
  if (!transfer || !wallet) return;
  const sender = actsOnAccount(seen.transaction, house.network);
  const whose = await recipientOf(client, transfer, wallet);
  // XEM may come as the amount or as a mosaic among others; `movements` knows.
  for (const [index, { asset, quantity }] of movements(transfer).entries()) {
    if (quantity === 0n) continue;
    const id = `${seen.hash}:${index}`;
    const known = asset === XEM;
    const customer = known && whose.kind === 'customer' ? whose.customer : null;
    const why = known ? (whose.kind === 'held' ? whose.why : null) : 'unknown-asset';
    await client.query(
      `insert into custody.deposit (id, transaction, wallet, sender, asset, units, payload, message, height, state, customer, why, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        id,
        seen.hash,
        wallet.id,
        sender,
        asset,
        quantity.toString(),
        transfer.message.kind === 'none' ? '' : transfer.message.payload,
        // Postgres keeps no U+0000, and a stranger's message must not stop the scan.
        memoOf(transfer)?.replaceAll('\0', '\uFFFD') ?? null,
        height,
        customer === null ? 'held' : 'credited',
        customer,
        why,
        house.clock.now(),
      ],
    );
    // A token that anybody may send us is no asset of this house: seen, kept in view, and not in the books.
    if (!known) continue;
    booked(
      await bookDeposit(client, {
        id: `deposit:${id}`,
        about: seen.hash,
        asset: XEM,
        units: quantity,
        into: holdingOf(wallet),
        of: customer === null ? { kind: 'unclaimed' } : { kind: 'customer', customer },
      }),
    );
    log('deposit', { id, units: quantity, customer, why });
  }
}

type Whose =
  | { readonly kind: 'customer'; readonly customer: string }
  | {
      readonly kind: 'held';
      readonly why: 'to-cold' | 'no-message' | 'encrypted-message' | 'unreadable-message' | 'unknown-message';
    };

async function recipientOf(client: Client, transfer: Transfer, wallet: Wallet): Promise<Whose> {
  // No customer was ever told this address.
  if (wallet.role === 'cold') return { kind: 'held', why: 'to-cold' };
  if (transfer.message.kind === 'none') return { kind: 'held', why: 'no-message' };
  if (transfer.message.kind === 'encrypted') return { kind: 'held', why: 'encrypted-message' };
  const memo = memoOf(transfer);
  if (memo === undefined) return { kind: 'held', why: 'unreadable-message' };
  const customer = await customerOf(client, memo);
  return customer === undefined ? { kind: 'held', why: 'unknown-message' } : { kind: 'customer', customer };
}

export const ClaimBody = z.strictObject({
  deposit: z
    .string()
    .regex(/^[0-9a-f]{64}:[0-9]{1,2}$/, 'must be the id of a deposit, as GET /v1/deposits shows it'),
});

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

export const Deposit = z.object({
  id: z.string(),
  transaction: z.string(),
  wallet: z.string(),
  sender: z.string(),
  asset: z.string(),
  units: Units,
  message: z.string().nullable(),
  payload: z.string(),
  height: integer,
  state: z.enum(['credited', 'held', 'own-funds', 'returning', 'returned']),
  customer: z.string().nullable(),
  why: z.string().nullable(),
  at: integer,
});
export type Deposit = z.infer<typeof Deposit>;

const columns =
  'id, transaction, wallet, sender, asset, units::text, message, payload, height, state, customer, why, at';

/** A held deposit is the house's own: funds it brought in itself. The exchange says so, by a signed request. */
export async function claimOwnFunds(
  client: Client,
  { deposit: id }: z.infer<typeof ClaimBody>,
): Promise<Reply> {
  const [found] = await rows(
    client,
    Deposit,
    `select ${columns} from custody.deposit where id = $1 for update`,
    [id],
  );
  if (!found)
    return problem({
      status: 404,
      code: 'unknown-deposit',
      field: 'deposit',
      detail: `deposit: none is called ${id}`,
    });
  if (found.state !== 'held') {
    const detail = `deposit: is ${found.state}, and only a held one can be claimed`;
    return problem({ status: 422, code: 'not-held', field: 'deposit', detail });
  }
  if (found.asset !== XEM)
    return malformed('deposit', `is of ${found.asset}, which this house does not keep books on`);
  booked(
    await claim(client, {
      id: `own-funds:${id}`,
      deposit: `deposit:${id}`,
      asset: XEM,
      units: found.units,
      by: { kind: 'own-funds' },
    }),
  );
  await client.query("update custody.deposit set state = 'own-funds' where id = $1", [id]);
  return {
    status: 200,
    body: { deposit: id, state: 'own-funds', asset: XEM, units: found.units.toString() },
  };
}

/** Every held deposit, then the newest others. */
export function listDeposits(client: Client): Promise<Deposit[]> {
  return rows(
    client,
    Deposit,
    `select ${columns} from custody.deposit order by (state = 'held') desc, height desc, id limit 1000`,
  );
}
