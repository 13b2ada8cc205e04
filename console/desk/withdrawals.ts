/** Withdrawals, as the database shows them to somebody: to nobody before a line there says who looks, and at what. */
import { SignedUnits } from '@kuramori/core';
import { row, rows, type Client } from '@kuramori/ledger';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { ViewingPage, WithdrawalBrief, WithdrawalPage, WithdrawalShown } from '../wire/index.ts';
import { feeAssetOf, shownAmount, symbolOf } from './amount.ts';
import type { Session } from './session.ts';

/** The states of a withdrawal, as custody has them (docs/withdrawals.md). */
export const StateName = z.string().regex(/^[a-z-]{1,30}$/, 'must be a state, as awaiting-approval');

const plain = z
  .string()
  .trim()
  .min(1)
  .max(64)
  // No customer's id has one, and a database takes no zero.
  .regex(/^\P{Cc}*$/u, 'has a control character');

export const ListQuery = z.strictObject({
  state: StateName.optional(),
  asset: plain.optional(),
  find: plain.optional(),
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/, 'is none of this list: give `next` of the page before')
    .optional(),
});
export type ListQuery = z.output<typeof ListQuery>;

/** desk.withdrawals gives one more, so that it is known whether there are any. */
const pageSize = 100;

const Brief = z.object({
  place: z.int(),
  id: z.string(),
  reason: z.string(),
  customer: z.string().nullable(),
  asset: z.string(),
  amount: SignedUnits,
  address: z.string().nullable(),
  state: z.string(),
  requestedAt: z.int(),
});

/** Writes the line, in a transaction that is over when this returns; gives its number. */
async function look(
  pool: Client,
  { hash }: Session,
  what: 'withdrawals' | 'withdrawal',
  about: object,
): Promise<string> {
  const { look: number } = await row(
    pool,
    z.object({ look: z.string() }),
    'select desk.look($1, $2, $3)::text as look',
    [hash, what, JSON.stringify(about)],
  );
  return number;
}

/** `pool`: each statement is a transaction of its own. */
export async function listWithdrawals(
  pool: Pool,
  session: Session,
  { state, asset, find, cursor }: ListQuery,
): Promise<WithdrawalPage> {
  const found = await rows(pool, z.object({ one: Brief }), 'select desk.withdrawals($1) as one', [
    await look(pool, session, 'withdrawals', { state, asset, find, before: cursor }),
  ]);
  const items = found.slice(0, pageSize);
  const last = items.at(-1);
  return {
    items: items.map(({ one }) => briefOf(one)),
    next: found.length > pageSize && last ? `${last.one.place}` : null,
  };
}

function briefOf({ place: _within, amount, ...one }: z.output<typeof Brief>): WithdrawalBrief {
  return { ...one, symbol: symbolOf(one.asset), amount: shownAmount(amount, one.asset) };
}

const Shown = Brief.omit({ place: true }).extend({
  deposit: z.string().nullable(),
  wallet: z.string(),
  memo: z.string().nullable(),
  fee: SignedUnits.nullable(),
  feeCap: SignedUnits,
  waiting: z.string().nullable(),
  why: z.string().nullable(),
  priority: z.string(),
  keyId: z.string().nullable(),
  expiry: z.int(),
  height: z.int().nullable(),
  steps: z.array(z.object({ number: z.int(), state: z.string(), why: z.string().nullable(), at: z.int() })),
  approvals: z.array(z.object({ person: z.string(), at: z.int() })),
  plans: z.array(
    z.object({
      number: z.int(),
      transaction: z.string(),
      digest: z.string(),
      at: z.int(),
      dead: z.string().nullable(),
      records: z.array(
        z.object({
          signer: z.string(),
          key: z.string(),
          entry: z.string(),
          place: z.int().nullable(),
          countersignatures: z.int(),
          signature: z.string().nullable(),
        }),
      ),
      announcements: z.array(
        z.object({
          node: z.string(),
          part: z.int(),
          tries: z.int(),
          at: z.int(),
          code: z.int().nullable(),
          message: z.string(),
        }),
      ),
    }),
  ),
});

/** Null where there is none. */
export async function showWithdrawal(
  pool: Pool,
  session: Session,
  id: string,
): Promise<WithdrawalShown | null> {
  const [found] = await rows(pool, z.object({ one: Shown.nullable() }), 'select desk.withdrawal($1) as one', [
    await look(pool, session, 'withdrawal', { id }),
  ]);
  if (!found?.one) return null;
  const { amount, fee, feeCap, ...one } = found.one;
  const feeAsset = feeAssetOf(one.asset);
  return {
    ...one,
    symbol: symbolOf(one.asset),
    amount: shownAmount(amount, one.asset),
    fee: fee === null ? null : shownAmount(fee, feeAsset),
    feeCap: shownAmount(feeCap, feeAsset),
    feeSymbol: symbolOf(feeAsset),
  };
}

const Viewing = z.object({
  number: z.int(),
  person: z.string(),
  personId: z.string(),
  what: z.enum(['withdrawals', 'withdrawal']),
  about: z.record(z.string(), z.string()),
  customers: z.array(z.string()).nullable(),
  at: z.int(),
});

export async function listViewings(client: Client, cursor: string | undefined): Promise<ViewingPage> {
  const found = await rows(client, z.object({ one: Viewing }), 'select desk.viewings($1, $2) as one', [
    cursor ?? null,
    pageSize + 1,
  ]);
  const items = found.slice(0, pageSize).map(({ one }) => one);
  const last = items.at(-1);
  return { items, next: found.length > pageSize && last ? `${last.number}` : null };
}
