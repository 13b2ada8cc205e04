/** The postings that the tests make, with short names. */
import { XEM } from '@kuramori/core';
import type { Pool } from 'pg';
import type { TestDatabase } from './database.ts';
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

export interface Proposed {
  readonly id: string;
  readonly kind?: string;
  readonly legs: readonly { kind: string; owner: string; asset: string; amount: string }[];
}

/** Proposed by one person. */
export async function proposed({ ann }: TestDatabase, { id, kind = 'adjustment', legs }: Proposed) {
  await ann.query('select ledger.propose($1, $2, $1, $3, $4)', [
    id,
    kind,
    'a test asked for it',
    JSON.stringify(legs),
  ]);
}

/** Approved as it is shown to this person; the outcome. */
export async function approved(by: Pool, id: string): Promise<string | undefined> {
  const shown = await by.query<{ digest: string }>('select digest from ledger.open_proposal where id = $1', [
    id,
  ]);
  const sql = 'select outcome from ledger.approve($1, $2)';
  return (await by.query<{ outcome: string }>(sql, [id, shown.rows[0]?.digest])).rows[0]?.outcome;
}

/** A reward out of own funds, by two people; the outcome. */
export async function rewarded(database: TestDatabase, id: string, customer: string, units: bigint) {
  const legs = [
    { kind: 'own-funds', owner: '', asset: XEM, amount: `${units}` },
    { kind: 'customer', owner: customer, asset: XEM, amount: `-${units}` },
  ];
  await proposed(database, { id, legs });
  return approved(database.ben, id);
}
