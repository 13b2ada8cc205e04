/** A withdrawal as it is kept, and the one way to change it. */
import {
  AssetName,
  bytesDigest,
  Priority,
  requestedIntent,
  SignedRequest,
  sweepIntent,
  Units,
  type Authority,
  type Intent,
} from '@kuramori/core';
import { inTransaction, LedgerError, row, rows, type Client } from '@kuramori/ledger';
import { jsonText, log } from '@kuramori/program';
import { z } from 'zod';
import type { House } from '../house.ts';
import { lastStates, next, State } from './states.ts';

export const Planned = z.object({
  plan: z.string(),
  shares: z
    .array(z.object({ key: z.string(), share: z.string() }))
    .min(1)
    .readonly(),
  fees: Units,
});
export type Planned = z.infer<typeof Planned>;

export const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

const Plan = z.object({
  number: integer,
  plan: Planned,
  digest: z.string(),
  transaction: z.string(),
  valid_until: integer,
});
export type Plan = z.infer<typeof Plan>;

/** Why a payment is made. Evacuations and refills are other people's. */
export const PaymentReason = z.enum(['withdrawal', 'return', 'sweep']);

export const Withdrawal = z.object({
  id: z.string(),
  reason: PaymentReason,
  customer: z.string().nullable(),
  deposit: z.string().nullable(),
  wallet: z.string(),
  asset: AssetName,
  amount: Units,
  fee_cap: Units,
  /** Null for a sweep, which nobody asks for. */
  request: SignedRequest.nullable(),
  /** Which sweep it is, and to which cold wallet; null for all else. */
  number: integer.nullable(),
  cold: z.string().nullable(),
  cold_address: z.string().nullable(),
  requested_at: integer,
  expiry: integer,
  state: State,
  waiting: z.string().nullable(),
  /** The newest one; null before the first. */
  plan: Plan.nullable(),
  height: integer.nullable(),
  fee: Units.nullable(),
  why: z.string().nullable(),
  priority: Priority,
  queued_at: integer.nullable(),
  turn_at: integer.nullable(),
});
export type Withdrawal = z.infer<typeof Withdrawal>;

const columns = `w.id, w.reason, w.customer, w.deposit, w.wallet, w.asset, w.amount::text, w.fee_cap::text, w.request, w.number, w.cold, w.cold_address,
  w.requested_at, w.expiry, w.state, w.waiting, w.height, w.fee::text, w.why, w.priority, w.queued_at, w.turn_at,
  case when p.number is not null then json_build_object('number', p.number, 'plan', p.plan, 'digest', p.digest,
    'transaction', p.transaction, 'valid_until', p.valid_until) end as plan`;

export async function findWithdrawal(client: Client, id: string): Promise<Withdrawal | undefined> {
  const [found] = await rows(
    client,
    Withdrawal,
    `select ${columns} from custody.withdrawal w
       left join custody.plan p on p.withdrawal = w.id and p.number = w.plan where w.id = $1`,
    [id],
  );
  return found;
}

export interface WithdrawalFilter {
  readonly state?: State | undefined;
  readonly customer?: string | undefined;
}

/** The newest first; at most `limit` that came before a place in the order of arrival. */
export function listWithdrawals(
  client: Client,
  { state, customer }: WithdrawalFilter,
  before: number | null,
  limit: number,
): Promise<(Withdrawal & { readonly arrival: number })[]> {
  return rows(
    client,
    Withdrawal.extend({ arrival: integer }),
    `select ${columns}, w.arrival from custody.withdrawal w
       left join custody.plan p on p.withdrawal = w.id and p.number = w.plan
       where ($1::text is null or w.state = $1) and ($2::text is null or w.customer = $2)
         and ($3::bigint is null or w.arrival < $3) order by w.arrival desc limit $4`,
    [state ?? null, customer ?? null, before, limit],
  );
}

/**
 * Read again out of the signed request at each use: nothing between here and there can alter what was asked. Nobody asks
 * for a sweep: whether its destination is pinned is for signers and watchtowers to judge.
 */
export function intentOf(
  house: Pick<House, 'exchange'>,
  withdrawal: Pick<Withdrawal, 'id' | 'wallet' | 'request'> & Swept,
): Intent {
  const { id, wallet, request } = withdrawal;
  const intent = request === null ? sweptIntent(withdrawal) : askedIntent(house, wallet, request);
  if (intent?.id !== id) throw new Error(`what payment ${id} was asked for by does not lead to it any more`);
  return intent;
}

type Swept = Pick<
  Withdrawal,
  'wallet' | 'number' | 'cold_address' | 'asset' | 'amount' | 'fee_cap' | 'expiry'
>;

function askedIntent(
  { exchange }: Pick<House, 'exchange'>,
  wallet: string,
  request: SignedRequest,
): Intent | undefined {
  const read = requestedIntent(exchange.id, wallet, request);
  return read.kind === 'refused' ? undefined : read.intent;
}

function sweptIntent({
  wallet,
  number,
  cold_address: address,
  asset,
  amount,
  fee_cap: feeCap,
  expiry,
}: Swept): Intent | undefined {
  if (number === null || address === null) return undefined;
  return sweepIntent({ id: wallet }, { address }, { number, asset, amount, feeCap, expiry });
}

/** Who says that it may be: what signers and watchtowers are shown beside the intent. */
export function authorityOf({
  id,
  request,
  number,
}: Pick<Withdrawal, 'id' | 'request' | 'number'>): Authority {
  if (request !== null) return { kind: 'exchange-request', request };
  if (number === null) throw new Error(`payment ${id} has neither a request nor a number`);
  return { kind: 'treasury', number };
}

/** The plan of a withdrawal that has one. */
export function planOf({ id, plan }: Withdrawal): Plan {
  if (!plan) throw new Error(`withdrawal ${id} has no plan`);
  return plan;
}

/** Every plan's bytes, the oldest first. */
export async function plansOf(client: Client, id: string): Promise<readonly Plan[]> {
  return rows(
    client,
    Plan,
    'select number, plan, digest, transaction, valid_until from custody.plan where withdrawal = $1 order by number',
    [id],
  );
}

const Step = z.object({ state: State, why: z.string().nullable(), at: integer });

export function stepsOf(client: Client, id: string): Promise<z.output<typeof Step>[]> {
  return rows(
    client,
    Step,
    'select state, why, at from custody.withdrawal_step where withdrawal = $1 order by number',
    [id],
  );
}

/** A transaction to keep: its bytes, and the ids under which its payment may be on the chain. */
export interface NewPlan {
  readonly planned: { readonly plan: string; readonly shares: Planned['shares']; readonly fees: bigint };
  readonly transaction: string;
  /** The inner transaction's hash; the transaction's own where there is none inside. */
  readonly inner: string;
  readonly validUntil: number;
}

export interface Change {
  readonly why?: string;
  readonly plan?: NewPlan;
  readonly height?: number;
  readonly fee?: bigint;
}

/**
 * Moves a withdrawal to its next state, with the step's record, in the caller's transaction. False where it is no
 * longer in the state that the caller saw: somebody else did the work, and the caller's is to be dropped. It waits
 * in no line any more, unless the caller has it join one.
 */
export async function change(
  house: Pick<House, 'clock'>,
  client: Client,
  from: Pick<Withdrawal, 'id' | 'state' | 'wallet'>,
  to: State,
  given: Change = {},
): Promise<boolean> {
  if (!next[from.state].includes(to))
    throw new LedgerError(`a withdrawal does not go from ${from.state} to ${to}`);
  // Who changes a line holds its lane before the row: see 0002-withdrawals.sql.
  if (mayQueue.has(from.state)) await client.query('select custody.hold_lanes($1)', [from.wallet]);
  const [now] = await rows(
    client,
    z.object({ state: State, plan: integer }),
    'select state, plan from custody.withdrawal where id = $1 for update',
    [from.id],
  );
  if (now?.state !== from.state) return false;
  const number = given.plan ? now.plan + 1 : now.plan;
  if (given.plan) await keepPlan(house, client, from.id, number, given.plan);
  if (mayQueue.has(from.state)) await client.query('select custody.leave_line($1)', [from.id]);
  await client.query(
    `update custody.withdrawal set state = $2, waiting = null, why = $3, plan = $4,
        height = coalesce($5, height), fee = coalesce($6, fee) where id = $1`,
    [
      from.id,
      to,
      given.why?.slice(0, 1000) ?? null,
      number,
      given.height ?? null,
      given.fee?.toString() ?? null,
    ],
  );
  await addStep(client, from.id, to, given.why ?? null, house.clock.now());
  log('withdrawal', { id: from.id, state: to, why: given.why });
  return true;
}

const mayQueue: ReadonlySet<State> = new Set(['screened', 'awaiting-approval', 'expired']);

/** The database refuses a plan over one that is not proven dead, whoever asks. */
async function keepPlan(
  house: Pick<House, 'clock'>,
  client: Client,
  id: string,
  number: number,
  { planned, transaction, inner, validUntil }: NewPlan,
): Promise<void> {
  await client.query(
    `insert into custody.plan (withdrawal, number, plan, digest, transaction, inner_transaction, valid_until, at)
       values ($1, $2, $3::jsonb, $4, $5, $6, $7, $8)`,
    [
      id,
      number,
      jsonText(planned),
      bytesDigest(planned.plan),
      transaction,
      inner,
      validUntil,
      house.clock.now(),
    ],
  );
}

/** Notes that the newest plan is dead, in the transaction that leads to `expired`. */
export async function keepDeath(house: House, client: Client, id: string, why: string): Promise<void> {
  await client.query(
    `insert into custody.plan_dead (withdrawal, number, why, at)
       select id, plan, $2, $3 from custody.withdrawal where id = $1`,
    [id, why, house.clock.now()],
  );
}

/** Under the lock of the withdrawal's row. */
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
      'select count(*) as count from custody.withdrawal where waiting is null and not state = any($1)',
      [lastStates],
    ),
  );
  return count;
}
