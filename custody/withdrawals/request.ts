/** Request: what the exchange asks for becomes a withdrawal, its money held and its job there, in one transaction; or nothing does. */
import type { Intent, Priority, SignedRequest } from '@kuramori/core';
import { holdOf, LedgerError, post, rows, type Answer, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { enqueue, enqueueAll } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { judgeAllowlist } from './allowlist.ts';
import { problem, unprocessable, type Reply } from '../api/problem.ts';
import { refuseStopped } from '../services/board.ts';
import { judgeDay } from './limits.ts';
import { findWithdrawal, findWithdrawals, type Withdrawal } from './row.ts';

export interface Asked {
  readonly intent: Intent;
  readonly request: SignedRequest;
  /** Whose money it is: a customer's, or what is unclaimed of a deposit. */
  readonly customer: string | null;
  readonly deposit: string | null;
  readonly priority: Priority;
}

export type OfCustomer = Asked & { readonly customer: string };

/** Two of one name are decided one after the other: a customer's second finds what the first has left. */
export function namesOfRequest({ request, customer }: OfCustomer): readonly string[] {
  return [`request ${request.idempotencyKey}`, `withdrawals of ${customer}`];
}

/** Customers' withdrawals, of different customers: what can be refused is refused before any money is touched. */
export async function requestWithdrawals(
  house: House,
  client: Client,
  all: readonly OfCustomer[],
): Promise<readonly Reply[]> {
  const refused = await refuseWithdrawals(house, client, all);
  const sound = all.filter((_, index) => refused[index] === undefined);
  const held = await post(
    client,
    sound.map(({ customer, intent: { id, asset, amount, feeCap } }) =>
      holdOf({ id, of: { kind: 'customer', customer }, asset, amount, feeCap }),
    ),
  );
  const answers = new Map(sound.map((asked, index) => [asked, held[index]]));
  const accepted = sound.filter((asked) => answers.get(asked)?.kind === 'posted');
  await insertWithdrawals(
    house,
    client,
    accepted.map((asked) => ({ ...asked, why: null })),
  );
  await enqueueAll(
    client,
    accepted.map(({ intent: { id } }) => ({ id, ms: 0 })),
  );
  return all.map((asked, index) => refused[index] ?? replyTo(asked, answers.get(asked)));
}

function replyTo({ intent: { id } }: OfCustomer, held: Answer | undefined): Reply {
  if (held?.kind === 'posted') return { status: 201, body: { id, state: 'held' } };
  if (held?.kind === 'refused' && held.why === 'overdraft')
    return unprocessable(
      'insufficient-funds',
      'amount',
      `amount and fee cap together are more than there is: ${held.detail}`,
    );
  throw new LedgerError(`the ledger knows a hold ${id} of which custody knows nothing`);
}

const Standing = z.object({
  known: z.boolean(),
  held_why: z.string().nullable(),
  /** Whether there is an allowlist, or a limit, that must be looked at. */
  listed: z.boolean(),
  limited: z.boolean(),
});

/** Why each of them is refused; undefined for those that are not. */
async function refuseWithdrawals(
  house: House,
  client: Client,
  all: readonly OfCustomer[],
): Promise<readonly (Reply | undefined)[]> {
  const again = await findWithdrawals(
    client,
    all.map(({ intent: { id } }) => id),
  );
  const late = notReady(house);
  // Two requests of one customer at once must not both find room below a limit.
  await client.query('select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) name', [
    all.map(({ customer }) => `withdrawals of ${customer}`).sort(),
  ]);
  const standings = await rows(
    client,
    Standing,
    `select c.id is not null as known, c.held_why,
         exists (select from custody.allowlist where customer = asked.customer) as listed,
         exists (select from custody.withdrawal_limit)
           or exists (select from custody.customer_tier where customer = asked.customer) as limited
       from unnest($1::text[]) with ordinality asked (customer, place)
         left join custody.customer c on c.id = asked.customer order by asked.place`,
    [all.map(({ customer }) => customer)],
  );
  const refused: (Reply | undefined)[] = [];
  for (const [index, asked] of all.entries()) {
    const known = again.get(asked.intent.id);
    const standing = standings[index];
    refused.push(
      known
        ? replyAgain(asked, known)
        : (late ??
            refuseStopped(house.board, asked.intent.asset, 'withdrawals') ??
            (standing && (await refuse(house, client, asked, standing)))),
    );
  }
  return refused;
}

async function refuse(
  house: House,
  client: Client,
  { customer, intent }: OfCustomer,
  { known, held_why: held, listed, limited }: z.output<typeof Standing>,
): Promise<Reply | undefined> {
  if (!known)
    return unprocessable('unknown-customer', 'customer', 'is not known here: POST /v1/customers first');
  if (held !== null) return unprocessable('customer-held', 'customer', `may not withdraw: ${held}`);
  const refused = listed ? await judgeAllowlist(house, client, customer, intent.destination) : undefined;
  if (refused) return refused;
  return limited || house.rules.tiers.length > 0 ? judgeDay(house, client, customer, intent) : undefined;
}

/** The withdrawal is there, and its next step is a job. */
export async function accept(house: House, client: Client, asked: Asked): Promise<Reply> {
  await insertWithdrawal(house, client, { ...asked, why: null });
  await enqueue(client, asked.intent.id);
  return { status: 201, body: { id: asked.intent.id, state: 'held' } };
}

export type Accepted = Asked & { readonly why: string | null };

export function insertWithdrawal(house: House, client: Client, asked: Accepted): Promise<void> {
  return insertWithdrawals(house, client, [asked]);
}

/** Requested and held: the two are one moment, since neither is without the other. */
async function insertWithdrawals(house: House, client: Client, all: readonly Accepted[]): Promise<void> {
  if (all.length === 0) return;
  const now = house.clock.now();
  await client.query(
    `insert into custody.withdrawal
         (id, reason, customer, deposit, wallet, asset, amount, fee_cap, request, requested_at, expiry, priority, state)
       select id, reason, customer, deposit, wallet, asset, amount, fee_cap, request, $11, expiry, priority, 'held'
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::numeric[],
           $9::jsonb[], $10::bigint[], $12::text[]) asked
           (id, reason, customer, deposit, wallet, asset, amount, fee_cap, request, expiry, priority)`,
    [
      all.map(({ intent }) => intent.id),
      all.map(({ intent }) => intent.reason),
      all.map(({ customer }) => customer),
      all.map(({ deposit }) => deposit),
      all.map(({ intent }) => intent.wallet),
      all.map(({ intent }) => intent.asset),
      all.map(({ intent }) => intent.amount.toString()),
      all.map(({ intent }) => intent.feeCap.toString()),
      all.map(({ request }) => JSON.stringify(request)),
      all.map(({ intent }) => intent.expiry),
      now,
      all.map(({ priority }) => priority),
    ],
  );
  await client.query(
    `insert into custody.withdrawal_step (withdrawal, number, state, why, at)
       select id, number, state, why, $3 from unnest($1::text[], $2::text[]) with ordinality asked (id, why, place),
         (values (1, 'requested'), (2, 'held')) step (number, state) order by place, number`,
    [all.map(({ intent }) => intent.id), all.map(({ why }) => why), now],
  );
}

/**
 * The same request where the answer was forgotten: a restored database has learned the withdrawal again from the signers.
 * The same body gets its state, another one is refused, as `once` does it.
 */
export async function askedBefore(
  client: Client,
  { intent: { id }, request }: Pick<Asked, 'intent' | 'request'>,
): Promise<Reply | undefined> {
  const found = await findWithdrawal(client, id);
  return found && replyAgain({ intent: { id }, request }, found);
}

function replyAgain(
  { intent: { id }, request }: { readonly intent: Pick<Intent, 'id'> } & Pick<Asked, 'request'>,
  found: Withdrawal,
): Reply {
  if (found.request?.body === request.body) return { status: 201, body: { id, state: found.state } };
  const detail =
    found.reason === 'return'
      ? 'deposit: goes back already, by another request: see its state, or give the next attempt'
      : 'idempotency-key: was used for another request: take a new key, or send that request unchanged';
  const field = found.reason === 'return' ? 'deposit' : 'idempotency-key';
  return problem({ status: 409, code: 'key-reused', field, detail });
}

/** Until the journals are read, a restored database may not know what was paid already. Nothing is decided. */
export function notReady(house: House): Reply | undefined {
  const { read, journals, forgotten } = house.journals.state();
  if (read) return undefined;
  const open = journals.flatMap(({ signer, why }) => (why === null ? [] : `${signer} ${why}`));
  const what = [...open, ...(forgotten > 0 ? [`${forgotten} payments must be learned again`] : [])];
  return problem({
    status: 503,
    code: 'catching-up',
    field: null,
    detail: `the signers' journals are being read, so that nothing is paid twice: ${what.join('; ') || 'not yet asked'}. Send the same request again later`,
  });
}
