/** Hold: money that a pending withdrawal makes unavailable at once, until it is paid or can never be. */
import type { Asset } from '@kuramori/core';
import { ask, unitsText, type Answer } from './answer.ts';
import type { Client } from './database.ts';
import type { Owner } from './transfer.ts';

export interface Hold {
  /** The withdrawal's id, and the idempotency key. */
  readonly id: string;
  /** Whose coins: a customer's, or of what is unclaimed, where a held deposit goes back. */
  readonly of: Owner;
  readonly asset: Asset;
  readonly amount: bigint;
  /** The most that the customer pays for network fees, in the same asset. */
  readonly feeCap: bigint;
}

/** Makes amount and fee cap unavailable, or refuses with `overdraft`. Concurrent holds of one customer wait for each other. */
export function hold(client: Client, { id, of, asset, amount, feeCap }: Hold): Promise<Answer> {
  return ask(client, id, 'select * from ledger.hold($1, $2, $3, $4, $5, $6)', [
    id,
    of.kind,
    of.kind === 'customer' ? of.customer : '',
    asset,
    unitsText(amount, 'amount'),
    unitsText(feeCap, 'feeCap'),
  ]);
}

export interface Settlement {
  readonly hold: string;
  /** The id of the transfer that is written. */
  readonly id: string;
  /** The hot wallet that paid. */
  readonly wallet: string;
  /** What the network really took, in the asset. */
  readonly fee: bigint;
  /** What the customer pays of it: at most the hold's fee cap. The difference is own funds' or, where more is charged, fees'. */
  readonly charged: bigint;
}

/** The payment is final: the customer's claim and the wallet's holding fall together, and the rest of the hold is free again. */
export function settle(
  client: Client,
  { hold: held, id, wallet, fee, charged }: Settlement,
): Promise<Answer> {
  return ask(client, id, 'select * from ledger.settle($1, $2, $3, $4, $5)', [
    held,
    id,
    wallet,
    unitsText(fee, 'fee'),
    unitsText(charged, 'charged'),
  ]);
}

/** The payment can never be: the money is the customer's to use again. */
export function voidHold(client: Client, held: string, why: string): Promise<Answer> {
  return ask(client, held, 'select * from ledger.void($1, $2)', [held, why]);
}
