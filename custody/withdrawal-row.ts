/** A withdrawal as it is kept, and the one way to change it. */
import { AssetName, Countersignature, SignedRequest, Units } from '@kuramori/core';
import { inTransaction, LedgerError, row, rows, type Client } from '@kuramori/ledger';
import { jsonText, log } from '@kuramori/program';
import { z } from 'zod';
import { emit } from './event.ts';
import type { House } from './house.ts';
import type { Witnessed } from './signing.ts';
import { next, State } from './withdrawal-states.ts';

export const Planned = z.object({
  plan: z.string(),
  shares: z
    .array(z.object({ key: z.string(), share: z.string() }))
    .min(1)
    .readonly(),
  fees: Units,
});
export type Planned = z.infer<typeof Planned>;

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

export const Withdrawal = z.object({
  id: z.string(),
  customer: z.string(),
  wallet: z.string(),
  asset: AssetName,
  amount: Units,
  fee_cap: Units,
  request: SignedRequest,
  requested_at: integer,
  state: State,
  waiting: z.string().nullable(),
  plan: Planned.nullable(),
  transaction: z.string().nullable(),
  valid_until: integer.nullable(),
  height: integer.nullable(),
  fee: Units.nullable(),
  why: z.string().nullable(),
});
export type Withdrawal = z.infer<typeof Withdrawal>;

const columns = `id, customer, wallet, asset, amount::text, fee_cap::text, request, requested_at, state, waiting, plan,
  transaction, valid_until, height, fee::text, why`;

export async function findWithdrawal(client: Client, id: string): Promise<Withdrawal | undefined> {
  const [found] = await rows(client, Withdrawal, `select ${columns} from custody.withdrawal where id = $1`, [
    id,
  ]);
  return found;
}

export interface WithdrawalFilter {
  readonly state?: State | undefined;
  readonly customer?: string | undefined;
}
/** Where a withdrawal stands in the list: when it was asked for, and its id. */
export const WithdrawalPlace = z.tuple([z.int(), z.string()]);

/** The newest first; at most `limit` after a place. */
export function listWithdrawals(
  client: Client,
  { state, customer }: WithdrawalFilter,
  after: z.output<typeof WithdrawalPlace> | null,
  limit: number,
): Promise<Withdrawal[]> {
  return rows(
    client,
    Withdrawal,
    `select ${columns} from custody.withdrawal
       where ($1::text is null or state = $1) and ($2::text is null or customer = $2)
         and ($3::bigint is null or (requested_at, id) < ($3, $4))
       order by requested_at desc, id desc limit $5`,
    [state ?? null, customer ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
  );
}

export const Step = z.object({ state: State, why: z.string().nullable(), at: integer });

export function stepsOf(client: Client, id: string): Promise<z.output<typeof Step>[]> {
  return rows(
    client,
    Step,
    'select state, why, at from custody.withdrawal_step where withdrawal = $1 order by number',
    [id],
  );
}

export interface Change {
  readonly why?: string;
  readonly plan?: {
    readonly planned: { readonly plan: string; readonly shares: Planned['shares']; readonly fees: bigint };
    readonly transaction: string;
    /** The inner transaction's hash; the transaction's own where there is none inside. */
    readonly inner: string;
    readonly validUntil: number;
  };
  readonly height?: number;
  readonly fee?: bigint;
}

/**
 * Moves a withdrawal to its next state, with the step's record, in the caller's transaction. False where it is no
 * longer in the state that the caller saw: somebody else did the work, and the caller's is to be dropped.
 */
export async function change(
  house: House,
  client: Client,
  from: Withdrawal,
  to: State,
  given: Change = {},
): Promise<boolean> {
  if (!next[from.state].includes(to))
    throw new LedgerError(`a withdrawal does not go from ${from.state} to ${to}`);
  const { plan } = given;
  const changed = await client.query(
    `update custody.withdrawal set state = $3, waiting = null, why = $4,
        plan = coalesce($5::jsonb, plan), transaction = coalesce($6, transaction),
        inner_transaction = coalesce($7, inner_transaction), valid_until = coalesce($8, valid_until),
        height = coalesce($9, height), fee = coalesce($10, fee)
      where id = $1 and state = $2`,
    [
      from.id,
      from.state,
      to,
      given.why?.slice(0, 1000) ?? null,
      plan ? jsonText(plan.planned) : null,
      plan?.transaction ?? null,
      plan?.inner ?? null,
      plan?.validUntil ?? null,
      given.height ?? null,
      given.fee?.toString() ?? null,
    ],
  );
  if (changed.rowCount !== 1) return false;
  await addStep(client, from.id, to, given.why ?? null, house.clock.now());
  log('withdrawal', { id: from.id, state: to, why: given.why });
  return true;
}

/** The step's record and its event, under the lock of the withdrawal's row. */
export async function addStep(
  client: Client,
  id: string,
  state: State,
  why: string | null,
  now: number,
): Promise<void> {
  await client.query(
    `insert into custody.withdrawal_step (withdrawal, number, state, why, at)
       select $1, count(*) + 1, $2, $3, $4 from custody.withdrawal_step where withdrawal = $1`,
    [id, state, why, now],
  );
  const found = await findWithdrawal(client, id);
  if (!found) throw new LedgerError(`a step is about withdrawal ${id}, which is not there`);
  const { customer, asset, amount, fee, transaction, height } = found;
  const told = { id, state, why, customer, asset, amount, fee, transaction, height };
  await emit(client, 'withdrawal', told, now);
}

const Part = z.object({
  part: integer,
  signer: z.string(),
  key: z.string(),
  share: z.string(),
  entry: z.string(),
  countersignatures: z.array(Countersignature),
});

/** The records with their countersignatures, in the order of announcing. */
export function witnessedParts(client: Client, id: string): Promise<z.output<typeof Part>[]> {
  return rows(
    client,
    Part,
    'select part, signer, key, share, entry, countersignatures from custody.signature where withdrawal = $1 order by part',
    [id],
  );
}

export async function keepWitnessed(client: Client, id: string, parts: readonly Witnessed[]): Promise<void> {
  for (const [part, { signer, key, share, entry, countersignatures }] of parts.entries()) {
    await client.query(
      `insert into custody.signature (withdrawal, part, signer, key, share, entry, countersignatures)
         values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, part, signer, key, share, entry, JSON.stringify(countersignatures)],
    );
  }
}

/** One signature a part, in the order of the parts. */
export async function keepSignatures(
  client: Client,
  id: string,
  signatures: readonly string[],
): Promise<void> {
  for (const [part, signature] of signatures.entries()) {
    await client.query('update custody.signature set signature = $3 where withdrawal = $1 and part = $2', [
      id,
      part,
      signature,
    ]);
  }
}

const Counted = z.object({ state: State, count: integer });

export function countStates(client: Client): Promise<z.output<typeof Counted>[]> {
  return rows(
    client,
    Counted,
    'select state, count(*) as count from custody.withdrawal group by state order by state',
  );
}

/** How many have something to be done at once. */
export async function countBusy(house: House): Promise<number> {
  const { count } = await inTransaction(house.pool, (client) =>
    row(
      client,
      z.object({ count: integer }),
      `select count(*) as count from custody.withdrawal
         where state not in ('settled', 'refused', 'expired', 'disputed') and waiting is null`,
    ),
  );
  return count;
}
