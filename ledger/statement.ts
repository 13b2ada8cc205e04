/** Statement: one account's entries in order, and what its balance was at any time. Read only. */
import { AssetName, type Asset } from '@kuramori/core';
import { z } from 'zod';
import type { AccountKind } from './balance.ts';
import { LedgerError, row, rows, type Client } from './database.ts';

export interface AccountName {
  readonly kind: AccountKind;
  /** The customer's id or the wallet's; '' where there is one account of the kind. */
  readonly owner: string;
  readonly asset: Asset;
}

/** Balances and amounts may be below zero. */
const Signed = z
  .string()
  .regex(/^-?[0-9]{1,78}$/)
  .transform(BigInt);
const count = z.union([z.number(), z.string()]).transform(Number).pipe(z.int().nonnegative());

const Entry = z.object({
  version: count,
  transfer: z.string(),
  kind: z.string(),
  about: z.string(),
  asset: AssetName,
  /** In the account's own direction: what it gained, below zero what it lost. */
  amount: Signed,
  /** After this entry. */
  balance: Signed,
  at: z.date(),
});
export type StatementEntry = z.output<typeof Entry>;

export interface Statement {
  /** Before the first of the entries; what it was all the time where there are none. */
  readonly opening: bigint;
  readonly entries: readonly StatementEntry[];
  readonly closing: bigint;
  /** The version to go on after; null where nothing follows. */
  readonly next: number | null;
}

export interface Period {
  /** Entries from this moment on; from the first where it is not given. */
  readonly from?: Date;
  /** Entries before this moment; up to the newest where it is not given. */
  readonly to?: Date;
  /** Entries behind this version: the `next` of the page before. */
  readonly after?: number;
  /** At most so many entries; 1 to 1,000. */
  readonly limit?: number;
}

/**
 * A page of an account's entries. Versions have no gaps, so a reader who sees 7 and then 9 knows that something is
 * missing. Throws a LedgerError where the limit is none.
 */
export async function statement(
  client: Client,
  account: AccountName,
  { from, to, after = 0, limit = 100 }: Period = {},
): Promise<Statement> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new LedgerError(`limit: must be a whole number from 1 to 1,000, not ${limit}`);
  const first = Math.max(after, from ? await versionAt(client, account, from) : 0);
  const last = to ? await versionAt(client, account, to) : Number.MAX_SAFE_INTEGER;
  const found = await rows(
    client,
    Entry,
    `select e.version, t.id as transfer, t.kind, t.about, a.asset, (k.side * e.amount)::text as amount, e.balance::text, t.at
       from ledger.account a join ledger.account_kind k using (kind)
       join ledger.entry e on e.account = a.id
       join ledger.transfer t on t.seq = e.transfer
       where a.kind = $1 and a.owner = $2 and a.asset = $3 and e.version > $4 and e.version <= $5
       order by e.version limit $6`,
    [account.kind, account.owner, account.asset, first, last, limit + 1],
  );
  const entries = found.slice(0, limit);
  const opening = await balanceOfVersion(client, account, first);
  const closing = entries.at(-1);
  return {
    opening,
    entries,
    closing: closing?.balance ?? opening,
    next: found.length > limit ? (closing?.version ?? null) : null,
  };
}

/** The account's balance just before a moment; 0 where it did not exist. */
export async function balanceAsOf(client: Client, account: AccountName, at: Date): Promise<bigint> {
  return balanceOfVersion(client, account, await versionAt(client, account, at));
}

/** The sums of all accounts of an asset just before a moment, by kind. Reads every account: for reports. */
export async function totalsAsOf(
  client: Client,
  asset: Asset,
  at: Date,
): Promise<readonly { readonly kind: string; readonly balance: bigint }[]> {
  const Total = z.object({ kind: z.string(), balance: Signed });
  return rows(
    client,
    Total,
    `select a.kind, coalesce(sum(e.balance), 0)::text as balance
       from ledger.account a
       left join ledger.entry e on e.account = a.id and e.version = ledger.version_at(a.id, $2)
       where a.asset = $1 group by a.kind order by a.kind`,
    [asset, at.toISOString()],
  );
}

/** The newest version before a moment; 0 where there was none. */
async function versionAt(client: Client, { kind, owner, asset }: AccountName, at: Date): Promise<number> {
  const [found] = await rows(
    client,
    z.object({ version: count }),
    `select ledger.version_at(id, $4) as version from ledger.account where kind = $1 and owner = $2 and asset = $3`,
    [kind, owner, asset, at.toISOString()],
  );
  return found?.version ?? 0;
}

async function balanceOfVersion(
  client: Client,
  { kind, owner, asset }: AccountName,
  version: number,
): Promise<bigint> {
  const { balance } = await row(
    client,
    z.object({ balance: Signed }),
    `select coalesce((select e.balance from ledger.account a join ledger.entry e on e.account = a.id and e.version = $4
       where a.kind = $1 and a.owner = $2 and a.asset = $3), 0)::text as balance`,
    [kind, owner, asset, version],
  );
  return balance;
}
