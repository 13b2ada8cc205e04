/** What a posting comes to: done, done before, or refused with nothing changed. */
import { z } from 'zod';
import { LedgerError, row, type Client } from './database.ts';

export type Refusal =
  /** The id was used for something else. */
  | 'other-body'
  /** More than the customer has available, or than is unclaimed. */
  | 'overdraft'
  /** Claims would rise above what is held (invariant 6). */
  | 'claims-above-holdings'
  | 'already-claimed'
  | 'unknown-hold'
  | 'hold-posted'
  | 'hold-voided'
  | 'over-fee-cap';

export type Posted =
  | { readonly kind: 'posted'; readonly id: string }
  /** The same id with the same body: the first answer stands, nothing was written. */
  | { readonly kind: 'repeated'; readonly id: string };

export type Answer = Posted | { readonly kind: 'refused'; readonly why: Refusal; readonly detail: string };

const AnswerRow = z.object({
  outcome: z.enum([
    'posted',
    'repeated',
    'other-body',
    'overdraft',
    'claims-above-holdings',
    'already-claimed',
    'unknown-hold',
    'hold-posted',
    'hold-voided',
    'over-fee-cap',
  ]),
  detail: z.string(),
});

/** Calls one of the posting functions of sql/0002-posting.sql. */
export async function ask(
  client: Client,
  id: string,
  sql: string,
  values: readonly unknown[],
): Promise<Answer> {
  const { outcome, detail } = await row(client, AnswerRow, sql, values);
  if (outcome === 'posted' || outcome === 'repeated') return { kind: outcome, id };
  return { kind: 'refused', why: outcome, detail };
}

/** Units as Postgres reads them. A negative amount or one that is no bigint never reaches the database. */
export function unitsText(units: bigint, name: string): string {
  if (typeof units !== 'bigint' || units < 0n)
    throw new LedgerError(`${name} must be a bigint, and not negative`);
  return units.toString();
}
