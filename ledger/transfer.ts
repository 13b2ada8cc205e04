/** Transfers: single operations by name, each in the caller's transaction. For many at once there is `post`. */
import { AssetName, Units } from '@kuramori/core';
import { z } from 'zod';
import type { Answer } from './answer.ts';
import { rows, type Client } from './database.ts';
import {
  claimOf,
  collectionOf,
  depositOf,
  holdOf,
  lossOf,
  moveOf,
  networkFeeOf,
  paymentOf,
  reversalOf,
  tradeOf,
  voidOf,
  type Claim,
  type Collection,
  type Deposit,
  type Expense,
  type Hold,
  type Move,
  type Reversal,
  type Trade,
} from './operation.ts';
import { postOne } from './post.ts';

export const deposit = (client: Client, given: Deposit): Promise<Answer> => postOne(client, depositOf(given));
export const claim = (client: Client, given: Claim): Promise<Answer> => postOne(client, claimOf(given));
export const move = (client: Client, given: Move): Promise<Answer> => postOne(client, moveOf(given));
export const networkFee = (client: Client, given: Expense): Promise<Answer> =>
  postOne(client, networkFeeOf(given));
export const loss = (client: Client, given: Expense): Promise<Answer> => postOne(client, lossOf(given));
/** A posted answer says what the owner was short of, and owes now. */
export const reverse = (client: Client, given: Reversal): Promise<Answer> =>
  postOne(client, reversalOf(given));
export const collect = (client: Client, given: Collection): Promise<Answer> =>
  postOne(client, collectionOf(given));
export const trade = (client: Client, given: Trade): Promise<Answer> => postOne(client, tradeOf(given));
/** Refuses with `overdraft` what is not available. Concurrent holds of one owner wait for each other. */
export const hold = (client: Client, given: Hold): Promise<Answer> => postOne(client, holdOf(given));
/** The payment can never be, or the order is off: the money is its owner's to use again. */
export const voidHold = (client: Client, held: string, why: string): Promise<Answer> =>
  postOne(client, voidOf(held, why));

const Held = z.object({
  kind: z.enum(['customer', 'unclaimed']),
  owner: z.string(),
  asset: AssetName,
  amount: Units,
  fee_cap: Units,
});

export interface Settlement {
  readonly hold: string;
  /** The id of the transfer that is written. */
  readonly id: string;
  /** The hot wallet that paid. */
  readonly wallet: string;
  /** What the network really took, in the asset. */
  readonly fee: bigint;
  /** What the hold's owner pays of it: at most the hold's fee cap. */
  readonly charged: bigint;
}

/** The payment of a hold is final: of a customer's a withdrawal, of what is unclaimed a return. */
export async function settle(
  client: Client,
  { hold: held, id, wallet, fee, charged }: Settlement,
): Promise<Answer> {
  const [found] = await rows(
    client,
    Held,
    `select a.kind, a.owner, a.asset, h.amount::text, h.fee_cap::text
       from ledger.hold h join ledger.account a on a.id = h.account where h.id = $1`,
    [held],
  );
  if (!found) return { kind: 'refused', why: 'unknown-hold', detail: held };
  if (charged > found.fee_cap)
    return { kind: 'refused', why: 'over-fee-cap', detail: `${charged} is more than ${found.fee_cap}` };
  return postOne(
    client,
    paymentOf({
      kind: found.kind === 'customer' ? 'withdrawal' : 'return',
      id,
      hold: held,
      of: found,
      asset: found.asset,
      amount: found.amount,
      from: { kind: 'hot', wallet },
      fee,
      charged,
    }),
  );
}
