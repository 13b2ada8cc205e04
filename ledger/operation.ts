/** Operation: one thing to be done to the books, as data. Built here, decided in sql/0002-posting.sql. */
import type { Asset } from '@kuramori/core';
import { LedgerError } from './database.ts';

export type Holding = { readonly kind: 'hot' | 'cold' | 'in-transit'; readonly wallet: string };
export type Customer = { readonly kind: 'customer'; readonly customer: string };
export type Owner = Customer | { readonly kind: 'unclaimed' };
export type OwnFunds = { readonly kind: 'own-funds' };

/** Debit or credit of one account. */
export interface Leg {
  readonly kind: string;
  /** The customer's id or the wallet's; '' where there is one account of the kind. */
  readonly owner: string;
  readonly asset: Asset;
  /** Smallest units: a debit above zero, a credit below. */
  readonly amount: bigint;
  /** The hold that it takes from. */
  readonly hold?: string;
}

export interface Operation {
  /** The idempotency key: the same id with the same body gets the first answer. */
  readonly id: string;
  readonly kind:
    | 'deposit'
    | 'claim'
    | 'move'
    | 'network-fee'
    | 'loss'
    | 'withdrawal'
    | 'return'
    | 'reversal'
    | 'collection'
    | 'trade'
    | 'hold'
    | 'void';
  /** What it is about: the chain's transaction, the hold, the claimed deposit, the trade. A void's reason. */
  readonly about: string;
  readonly legs: readonly Leg[];
  /** A hold's part that only network fees may use. */
  readonly feeCap?: bigint;
  /** When a hold ends by itself. */
  readonly expires?: Date;
  /** What the holds in its legs have left is free again. */
  readonly closes?: boolean;
}

interface Booking {
  readonly id: string;
  /** What on the chain it is about: a transaction's id. */
  readonly about: string;
  readonly asset: Asset;
  /** In the asset's smallest unit, more than 0. */
  readonly units: bigint;
}

export interface Deposit extends Booking {
  readonly into: Holding;
  readonly of: Owner;
}

/** Coins that came in, together with whom they belong to: a claim is never booked without its coins. */
export function depositOf({ id, about, asset, units, into, of }: Deposit): Operation {
  return {
    id,
    kind: 'deposit',
    about,
    legs: [debit(accountOf(into), asset, units), credit(accountOf(of), asset, units)],
  };
}

export interface Claim {
  readonly id: string;
  /** The id of the deposit that was booked as unclaimed. Each is claimed once. */
  readonly deposit: string;
  readonly asset: Asset;
  readonly units: bigint;
  readonly by: Customer | OwnFunds;
}

/** A held deposit finds its owner: a customer, or the house itself. */
export function claimOf({ id, deposit: about, asset, units, by }: Claim): Operation {
  return {
    id,
    kind: 'claim',
    about,
    legs: [debit(unclaimed, asset, units), credit(accountOf(by), asset, units)],
  };
}

export interface Move extends Booking {
  readonly from: Holding;
  readonly to: Holding;
  /** The network's fee, which leaves `from` too and is ours to bear. */
  readonly fee: bigint;
}

/** Between wallets of ours. No customer pays for it. */
export function moveOf({ id, about, asset, units, from, to, fee }: Move): Operation {
  const legs = [
    debit(accountOf(to), asset, units),
    debit(ownFunds, asset, fee),
    credit(accountOf(from), asset, units + fee),
  ];
  return { id, kind: 'move', about, legs: legs.filter(({ amount }) => amount !== 0n) };
}

export interface Expense extends Booking {
  readonly from: Holding;
}

/** A fee that the network took for something that paid nobody. */
export function networkFeeOf(expense: Expense): Operation {
  return expenseOf('network-fee', expense);
}

/** Coins that left without our will. The house bears it: customers' claims stay as they are. */
export function lossOf(expense: Expense): Operation {
  return expenseOf('loss', expense);
}

function expenseOf(kind: 'network-fee' | 'loss', { id, about, asset, units, from }: Expense): Operation {
  return { id, kind, about, legs: [debit(ownFunds, asset, units), credit(accountOf(from), asset, units)] };
}

export interface Reversal extends Booking {
  /** Where the deposit was booked, and whose it is now. */
  readonly from: Holding;
  readonly of: Owner | OwnFunds;
}

/**
 * A credited deposit whose block is gone. The coins leave the books, and their owner's claim as far as it is there; what
 * a customer has spent of it is due from now on, what the house gave away of an unclaimed one is its own loss.
 */
export function reversalOf({ id, about, asset, units, from, of }: Reversal): Operation {
  const rest =
    of.kind === 'customer' ? { kind: 'receivable', owner: of.customer } : { ...ownFunds, owner: '' };
  const legs = [credit(accountOf(from), asset, units), debit(accountOf(of), asset, units)];
  return {
    id,
    kind: 'reversal',
    about,
    legs: of.kind === 'own-funds' ? legs : [...legs, debit(rest, asset, 0n)],
  };
}

export interface Collection extends Booking {
  readonly customer: string;
}

/** A customer pays what is due out of what is available. */
export function collectionOf({ id, about, asset, units, customer }: Collection): Operation {
  return {
    id,
    kind: 'collection',
    about,
    legs: [
      debit({ kind: 'customer', owner: customer }, asset, units),
      credit({ kind: 'receivable', owner: customer }, asset, units),
    ],
  };
}

export interface TradeLeg {
  /** Null: the exchange's own fee. */
  readonly customer: string | null;
  readonly asset: Asset;
  /** What the customer gets, below 0 what is given. */
  readonly units: bigint;
  /** The reservation that it is given from. */
  readonly hold?: string;
}

export interface Trade {
  readonly id: string;
  readonly about: string;
  readonly legs: readonly TradeLeg[];
  /** The order is filled or done: what its reservation has left is free again. */
  readonly closes?: boolean;
}

/** Between customers, all of it or nothing; of each asset as much is given as is got. */
export function tradeOf({ id, about, legs, closes = false }: Trade): Operation {
  return {
    id,
    kind: 'trade',
    about,
    closes,
    legs: legs.map(({ customer, asset, units, hold }) => ({
      ...(customer === null ? { kind: 'fees', owner: '' } : { kind: 'customer', owner: customer }),
      asset,
      amount: -units,
      ...(hold === undefined ? {} : { hold }),
    })),
  };
}

export interface Hold {
  /** The withdrawal's or the order's id, and the idempotency key. */
  readonly id: string;
  readonly of: Owner;
  readonly asset: Asset;
  readonly amount: bigint;
  /** The most that is paid of it for network fees, in the same asset, beside the amount. */
  readonly feeCap: bigint;
  /** When it ends by itself. A withdrawal's has none: only the chain's word ends that. */
  readonly expires?: Date;
}

/** Makes amount and fee cap unavailable at once, until they are posted or free again. */
export function holdOf({ id, of, asset, amount, feeCap, expires }: Hold): Operation {
  if (amount <= 0n || feeCap < 0n)
    throw new LedgerError(`hold ${id}: the amount must be above 0, the fee cap not below`);
  return {
    id,
    kind: 'hold',
    about: '',
    feeCap,
    legs: [debit(accountOf(of), asset, amount + feeCap)],
    ...(expires === undefined ? {} : { expires }),
  };
}

/** What a hold has left is free again. */
export function voidOf(hold: string, why: string): Operation {
  return { id: hold, kind: 'void', about: why, legs: [] };
}

export interface Payment {
  readonly kind: 'withdrawal' | 'return';
  readonly id: string;
  readonly hold: string;
  readonly of: { readonly kind: string; readonly owner: string };
  readonly asset: Asset;
  readonly amount: bigint;
  readonly from: Holding;
  /** What the network took, and what of it the hold's owner pays. The difference is own funds' or, where more is charged, fees'. */
  readonly fee: bigint;
  readonly charged: bigint;
}

/** The payment is final: claim and holding fall together, and the rest of the hold is free again. */
export function paymentOf({ kind, id, hold, of, asset, amount, from, fee, charged }: Payment): Operation {
  const legs = [
    { ...debit(of, asset, amount + charged), hold },
    credit(accountOf(from), asset, amount + fee),
    debit(ownFunds, asset, fee > charged ? fee - charged : 0n),
    credit({ kind: 'fees', owner: '' }, asset, charged > fee ? charged - fee : 0n),
  ];
  return { id, kind, about: hold, closes: true, legs: legs.filter((leg) => leg.amount !== 0n) };
}

const unclaimed = { kind: 'unclaimed', owner: '' };
const ownFunds = { kind: 'own-funds', owner: '' };

function accountOf(one: Holding | Owner | OwnFunds): { kind: string; owner: string } {
  if ('wallet' in one) return { kind: one.kind, owner: one.wallet };
  return { kind: one.kind, owner: one.kind === 'customer' ? one.customer : '' };
}

function debit(account: { kind: string; owner: string }, asset: Asset, units: bigint): Leg {
  if (typeof units !== 'bigint' || units < 0n)
    throw new LedgerError(`${account.kind} ${account.owner}: units must be a bigint, and not negative`);
  return { kind: account.kind, owner: account.owner, asset, amount: units };
}

function credit(account: { kind: string; owner: string }, asset: Asset, units: bigint): Leg {
  const { amount, ...leg } = debit(account, asset, units);
  return { ...leg, amount: -amount };
}
