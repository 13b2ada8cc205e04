/** A withdrawal as it is kept, and the one way to change it. */
import {
  AssetName,
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
import type { Branch } from '../branch.ts';
import type { House } from '../house.ts';
import { capacity } from './capacity.ts';
import type { Witnessed } from './signing.ts';
import { letGo, reservable, reserve } from './reservation.ts';
import { next, State } from './states.ts';

export const Planned = z.object({
  plan: z.string(),
  shares: z
    .array(z.object({ key: z.string(), share: z.string() }))
    .min(1)
    .readonly(),
  fees: Units,
  /** How many withdrawals its transaction pays, where it is not this one alone. */
  pays: z.int().min(2).optional(),
});
export type Planned = z.infer<typeof Planned>;

export const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

const Plan = z.object({
  number: integer,
  plan: Planned,
  digest: z.string(),
  transaction: z.string(),
  /** Unix seconds: from then on the chain takes it no more. Null where it never is too late. */
  valid_until: integer.nullable(),
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
  /** Its payment, once it is deep enough in the blocks that we read; `by`: the chain's own name of the transaction that made it. */
  paid: z.object({ transaction: z.string(), height: integer, fee: Units, by: z.string() }).nullable(),
});
export type Withdrawal = z.infer<typeof Withdrawal>;

const columns = `w.id, w.reason, w.customer, w.deposit, w.wallet, w.asset, w.amount::text, w.fee_cap::text, w.request, w.number, w.cold, w.cold_address,
  w.requested_at, w.expiry, w.state, w.waiting, w.height, w.fee::text, w.why, w.priority, w.queued_at, w.turn_at,
  case when p.number is not null then json_build_object('number', p.number, 'plan', p.plan, 'digest', p.digest,
    'transaction', p.transaction, 'valid_until', p.valid_until) end as plan,
  (select json_build_object('transaction', o.transaction, 'height', o.height, 'fee', o.fee::text,
       'by', coalesce((select e.transaction from custody.executed e where e.id = o.transaction), split_part(o.transaction, ':', 1)))
     from custody.outgoing o where o.withdrawal = w.id and not o.orphaned and not o.gone) as paid`;

const find = {
  name: 'withdrawals-find',
  text: `select ${columns} from custody.withdrawal w
       left join custody.plan p on p.withdrawal = w.id and p.number = w.plan where w.id = any($1)`,
};

export async function findWithdrawal(client: Client, id: string): Promise<Withdrawal | undefined> {
  return (await findWithdrawals(client, [id])).get(id);
}

export async function findWithdrawals(
  client: Client,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Withdrawal>> {
  const found = await rows(client, Withdrawal, find, [ids]);
  return new Map(found.map((one) => [one.id, one]));
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

const KeptPlan = Plan.extend({ spends: z.array(z.string()), dead: z.boolean() });
export type KeptPlan = z.infer<typeof KeptPlan>;

/** Every plan's bytes, the oldest first, and whether it is proven dead. */
export async function plansOf(client: Client, id: string): Promise<readonly KeptPlan[]> {
  return rows(
    client,
    KeptPlan,
    `select number, plan, digest, transaction, valid_until, spends, exists (
         select from custody.plan_dead d where d.withdrawal = p.withdrawal and d.number = p.number) as dead
       from custody.plan p where withdrawal = $1 order by number`,
    [id],
  );
}

/** A plan that another stands beside, and that is dead while that one may still pay. */
export async function keepDead(
  client: Client,
  id: string,
  number: number,
  why: string,
  at: number,
): Promise<void> {
  await client.query(
    'insert into custody.plan_dead (withdrawal, number, why, at) values ($1, $2, $3, $4) on conflict do nothing',
    [id, number, why, at],
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
  readonly planned: Planned;
  readonly transaction: string;
  /** The inner transaction's hash; the transaction's own where there is none inside. */
  readonly inner: string;
  readonly validUntil: number | null;
  /** The coins that it takes, on a chain that has them: no other plan may meanwhile, but one that takes its place. */
  readonly spends: readonly string[];
}

/** What is kept with a change of state. */
export interface Change {
  readonly why?: string;
  readonly plan?: NewPlan;
  /** Digests of plans that may still pay it, and that the new one can never confirm beside. */
  readonly beside?: readonly string[];
  readonly height?: number;
  readonly fee?: bigint;
  /** What signers recorded, in the order of announcing; and the signatures that they then let go. */
  readonly parts?: readonly Witnessed[];
  readonly signatures?: readonly string[];
  /** Why its newest plan is dead, on the way to `expired`. */
  readonly dead?: string;
  /** It waits for a turn from now on. */
  readonly joins?: boolean;
}

/** A step of one withdrawal; without `to` it only waits, for `why`. */
export interface Step extends Change {
  readonly id: string;
  readonly wallet: string;
  readonly from: State;
  /** The plan that the caller saw as the newest; 0 where there was none. */
  readonly number: number;
  readonly to?: State;
}

/** What a step is about: a withdrawal as the caller saw it. */
export type SeenWithdrawal = Pick<Withdrawal, 'id' | 'state' | 'wallet' | 'plan'>;

export function seenBy({
  id,
  wallet,
  state,
  plan,
}: SeenWithdrawal): Pick<Step, 'id' | 'wallet' | 'from' | 'number'> {
  return { id, wallet, from: state, number: plan?.number ?? 0 };
}

/** What a step asks of the house: how many may have their turn, and the time. */
export type Departing = Pick<Branch, 'rules' | 'hot' | 'chain' | 'clock'>;

const outcomes = z.object({ outcome: z.enum(['taken', 'elsewhere', 'same-bytes']) });

/**
 * Takes steps in the caller's transaction, with the record of each. `elsewhere` is one that is no longer in the state that
 * the caller saw: somebody else did the work, and the caller's is to be dropped. What is moved waits in no line any more,
 * unless it joins one.
 */
export async function writeSteps(
  house: Departing,
  client: Client,
  steps: readonly Step[],
): Promise<readonly z.output<typeof outcomes>['outcome'][]> {
  for (const { from, to } of steps)
    if (to !== undefined && !next[from].includes(to))
      throw new LedgerError(`a withdrawal does not go from ${from} to ${to}`);
  const plans = steps.map(({ plan, beside }) => plan && reservable(plan, beside));
  // Before its coins: whoever calls a plan dead holds the line, and then frees what that one had.
  if (plans.some((plan) => plan !== undefined && plan.spends.length > 0))
    await client.query('select custody.hold_lanes($1)', [house.hot.id]);
  // A plan whose coins another one has is as one whose bytes are another's.
  const reserved = await reserve(client, house.hot.chain, plans);
  const written = steps.flatMap(({ why, plan, dead, ...step }, index) =>
    reserved[index]
      ? {
          ...step,
          beside: undefined,
          why: why?.slice(0, 1000),
          dead: dead?.slice(0, 1000),
          plan: plan && { ...plan, spends: undefined, digest: plans[index]?.digest },
        }
      : [],
  );
  const answers = await rows(
    client,
    outcomes,
    { name: 'withdrawals-take-steps', text: 'select custody.take_steps($1::jsonb, $2, $3) as outcome' },
    [jsonText(written), capacity(house), house.clock.now()],
  );
  const told = answers.values();
  const all = reserved.map((free) => (free ? (told.next().value?.outcome ?? 'elsewhere') : 'same-bytes'));
  await letGo(
    client,
    house.hot.chain,
    plans.filter((_, index) => all[index] !== 'taken'),
  );
  for (const [index, { id, to, why }] of steps.entries())
    if (to !== undefined && all[index] === 'taken') log('withdrawal', { id, state: to, why });
  return all;
}

/** One step, in the caller's transaction. False where it could not be taken: see `writeSteps`. */
export async function change(
  house: Departing,
  client: Client,
  from: SeenWithdrawal,
  to: State,
  given: Change = {},
): Promise<boolean> {
  const [outcome] = await writeSteps(house, client, [{ ...seenBy(from), to, ...given }]);
  return outcome === 'taken';
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
      'select count(*) as count from custody.withdrawal where open and waiting is null',
    ),
  );
  return count;
}
