/** Transfers: what custody books by itself, each balanced and each once under its id. */
import type { Asset } from '@kuramori/core';
import { ask, unitsText, type Answer } from './answer.ts';
import type { Client } from './database.ts';

export type Holding = { readonly kind: 'hot' | 'cold' | 'in-transit'; readonly wallet: string };
export type Owner = { readonly kind: 'customer'; readonly customer: string } | { readonly kind: 'unclaimed' };

interface Booking {
  /** The idempotency key: the same id with the same body is booked once. */
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
export function deposit(client: Client, { id, about, asset, units, into, of }: Deposit): Promise<Answer> {
  const owner =
    of.kind === 'customer' ? { kind: 'customer', owner: of.customer } : { kind: 'unclaimed', owner: '' };
  return post(client, id, 'deposit', about, [
    { kind: into.kind, owner: into.wallet, asset, debit: units },
    { ...owner, asset, credit: units },
  ]);
}

export interface Claim {
  readonly id: string;
  /** The id of the deposit that was booked as unclaimed. Each is claimed once. */
  readonly deposit: string;
  readonly asset: Asset;
  readonly units: bigint;
  readonly by: { readonly kind: 'customer'; readonly customer: string } | { readonly kind: 'own-funds' };
}

/** A held deposit finds its owner: a customer, or the house itself. */
export function claim(client: Client, { id, deposit: about, asset, units, by }: Claim): Promise<Answer> {
  const owner =
    by.kind === 'customer' ? { kind: 'customer', owner: by.customer } : { kind: 'own-funds', owner: '' };
  return post(client, id, 'claim', about, [
    { kind: 'unclaimed', owner: '', asset, debit: units },
    { ...owner, asset, credit: units },
  ]);
}

export interface Move extends Booking {
  readonly from: Holding;
  readonly to: Holding;
  /** The network's fee, which leaves `from` too and is ours to bear. */
  readonly fee: bigint;
}

/** Between wallets of ours. No customer pays for it. */
export function move(client: Client, { id, about, asset, units, from, to, fee }: Move): Promise<Answer> {
  return post(client, id, 'move', about, [
    { kind: to.kind, owner: to.wallet, asset, debit: units },
    { kind: 'own-funds', owner: '', asset, debit: fee },
    { kind: from.kind, owner: from.wallet, asset, credit: units + fee },
  ]);
}

export interface Expense extends Booking {
  readonly from: Holding;
}

/** A fee that the network took for something that paid nobody. */
export function networkFee(client: Client, { id, about, asset, units, from }: Expense): Promise<Answer> {
  return post(client, id, 'network-fee', about, expense(asset, units, from));
}

/** Coins that left without our will. The house bears it: customers' claims stay as they are. */
export function loss(client: Client, { id, about, asset, units, from }: Expense): Promise<Answer> {
  return post(client, id, 'loss', about, expense(asset, units, from));
}

function expense(asset: Asset, units: bigint, from: Holding): readonly Leg[] {
  return [
    { kind: 'own-funds', owner: '', asset, debit: units },
    { kind: from.kind, owner: from.wallet, asset, credit: units },
  ];
}

interface Leg {
  readonly kind: string;
  readonly owner: string;
  readonly asset: Asset;
  readonly debit?: bigint;
  readonly credit?: bigint;
}

function post(
  client: Client,
  id: string,
  kind: string,
  about: string,
  legs: readonly Leg[],
): Promise<Answer> {
  const written = legs
    .map(({ debit = 0n, credit = 0n, ...leg }) => ({
      ...leg,
      amount: debit > 0n ? unitsText(debit, `${kind} ${id}`) : `-${unitsText(credit, `${kind} ${id}`)}`,
    }))
    // A move without a fee has no leg for it; the database refuses an amount of 0.
    .filter(({ amount }) => amount !== '-0');
  return ask(client, id, 'select * from ledger.post($1, $2, $3, $4::jsonb)', [
    id,
    kind,
    about,
    JSON.stringify(written),
  ]);
}
