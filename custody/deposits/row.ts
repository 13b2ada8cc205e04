/** A deposit as it is kept: its states, who may move it, and how it is read. */
import { Units } from '@kuramori/core';
import { LedgerError, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';

export const DepositState = z.enum([
  // A customer's.
  'credited',
  // Nobody's yet: in the books as unclaimed; a token that we keep no books on is not in them.
  'held',
  // Too little to be worth an account's entry: the block's dust is in the books in one sum, as unclaimed.
  'dust',
  // The house's own.
  'own-funds',
  // A payment back to its sender is on its way, and was made.
  'returning',
  'returned',
  // Its block is gone and it is in no other: taken out of the books again.
  'reversed',
]);
export type DepositState = z.infer<typeof DepositState>;

/** What may follow what. Claims are claim.ts's, returns are a withdrawal's story, reversals chain/rewrite.ts's. */
export const depositMoves: { readonly [S in DepositState]: readonly DepositState[] } = {
  credited: ['reversed'],
  held: ['credited', 'own-funds', 'returning', 'reversed'],
  dust: ['credited', 'own-funds', 'reversed'],
  'own-funds': ['reversed'],
  // A return that can never be paid any more leaves the deposit where it was.
  returning: ['returned', 'held'],
  returned: ['reversed'],
  // The chain has it again.
  reversed: ['credited', 'held', 'dust'],
};

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

export const Deposit = z.object({
  id: z.string(),
  seq: integer,
  transaction: z.string(),
  wallet: z.string(),
  sender: z.string(),
  asset: z.string(),
  units: Units,
  message: z.string().nullable(),
  payload: z.string(),
  height: integer,
  state: DepositState,
  customer: z.string().nullable(),
  why: z.string().nullable(),
  orphaned: z.boolean(),
  booking: integer,
  at: integer,
});
export type Deposit = z.infer<typeof Deposit>;

export const depositColumns =
  'id, seq, transaction, wallet, sender, asset, units::text, message, payload, height, state, customer, why, orphaned, booking, at';

/** The id of its booking in the ledger; dust has none of its own. */
export function bookingId({ id, booking }: Pick<Deposit, 'id' | 'booking'>): string {
  return booking === 0 ? `deposit:${id}` : `deposit:${id}:${booking}`;
}

/** Locks the row for the caller's transaction. */
export async function lockDeposit(client: Client, id: string): Promise<Deposit | undefined> {
  const [found] = await rows(
    client,
    Deposit,
    `select ${depositColumns} from custody.deposit where id = $1 for update`,
    [id],
  );
  return found;
}

/** Moves a locked deposit on, in the caller's transaction. Throws where the table above has no such move. */
export async function moveDeposit(
  client: Client,
  { id, state }: Pick<Deposit, 'id' | 'state'>,
  to: DepositState,
  customer: string | null = null,
): Promise<void> {
  if (!depositMoves[state].includes(to))
    throw new LedgerError(`a deposit does not go from ${state} to ${to}`);
  await client.query(
    'update custody.deposit set state = $2, customer = case when $2 = $4 then customer else $3 end where id = $1',
    [id, to, customer, 'reversed'],
  );
}

export interface DepositPage {
  /** Only of this state; all where absent. */
  readonly state?: DepositState | undefined;
  readonly customer?: string | undefined;
  /** The seq of the last one that was seen; from the newest where absent. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first, a page: what a later page shows does not depend on what came in meanwhile. */
export function pageOfDeposits(client: Client, page: DepositPage): Promise<Deposit[]> {
  return rows(
    client,
    Deposit,
    `select ${depositColumns} from custody.deposit
       where ($1::text is null or state = $1) and ($2::text is null or customer = $2) and ($3::bigint is null or seq < $3)
       order by seq desc limit $4`,
    [page.state ?? null, page.customer ?? null, page.before ?? null, page.limit],
  );
}
