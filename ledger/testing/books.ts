/** The postings that the tests make, with short names. */
import { XEM } from '@kuramori/core';
import type { Pool } from 'pg';
import { deposit, hold, inTransaction, settle, totals, voidHold, claim, type Answer } from '../index.ts';

export const hot = { kind: 'hot', wallet: 'hot' } as const;

export function deposited(pool: Pool, id: string, customer: string, units: bigint): Promise<Answer> {
  return inTransaction(pool, (client) =>
    deposit(client, { id, about: id, asset: XEM, units, into: hot, of: { kind: 'customer', customer } }),
  );
}

/** Coins that are the house's own: held first, then claimed. */
export async function funded(pool: Pool, id: string, units: bigint): Promise<Answer> {
  return inTransaction(pool, async (client) => {
    await deposit(client, { id, about: id, asset: XEM, units, into: hot, of: { kind: 'unclaimed' } });
    return claim(client, { id: `${id}:claim`, deposit: id, asset: XEM, units, by: { kind: 'own-funds' } });
  });
}

export function held(pool: Pool, id: string, customer: string, amount: bigint, feeCap = 0n): Promise<Answer> {
  return inTransaction(pool, (client) =>
    hold(client, { id, of: { kind: 'customer', customer }, asset: XEM, amount, feeCap }),
  );
}

export function settled(pool: Pool, id: string, fee = 0n, charged = fee): Promise<Answer> {
  return inTransaction(pool, (client) =>
    settle(client, { hold: id, id: `${id}:paid`, wallet: 'hot', fee, charged }),
  );
}

export function voided(pool: Pool, id: string): Promise<Answer> {
  return inTransaction(pool, (client) => voidHold(client, id, 'test'));
}

export function sums(pool: Pool): Promise<{ readonly claims: bigint; readonly holdings: bigint }> {
  return inTransaction(pool, (client) => totals(client, XEM));
}
