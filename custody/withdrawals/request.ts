/** Request: what the exchange asks for becomes a withdrawal, its money held and its job there, in one transaction; or nothing does. */
import type { Intent, Priority, SignedRequest } from '@kuramori/core';
import { hold, LedgerError, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { enqueue } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { judgeAllowlist } from './allowlist.ts';
import { problem, unprocessable, type Reply } from '../api/problem.ts';
import { judgeDay } from './limits.ts';
import { findWithdrawal } from './row.ts';

export interface Asked {
  readonly intent: Intent;
  readonly request: SignedRequest;
  /** Whose money it is: a customer's, or what is unclaimed of a deposit. */
  readonly customer: string | null;
  readonly deposit: string | null;
  readonly priority: Priority;
}

/** A customer's withdrawal: what can be refused is refused before any money is touched. */
export async function requestWithdrawal(
  house: House,
  client: Client,
  asked: Asked & { readonly customer: string },
): Promise<Reply> {
  const { intent, customer } = asked;
  const again = await askedBefore(client, asked);
  if (again) return again;
  const late = notReady(house);
  if (late) return late;
  const [known] = await rows(
    client,
    z.object({ held_why: z.string().nullable() }),
    'select held_why from custody.customer where id = $1',
    [customer],
  );
  if (known === undefined)
    return unprocessable('unknown-customer', 'customer', 'is not known here: POST /v1/customers first');
  if (known.held_why !== null)
    return unprocessable('customer-held', 'customer', `may not withdraw: ${known.held_why}`);
  // Two requests of one customer at once must not both find room below a limit.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`withdrawals of ${customer}`]);
  const refused =
    (await judgeAllowlist(house, client, customer, intent.destination)) ??
    (await judgeDay(house, client, customer, intent));
  if (refused) return refused;
  const { id, asset, amount, feeCap } = intent;
  const held = await hold(client, { id, of: { kind: 'customer', customer }, asset, amount, feeCap });
  if (held.kind === 'refused' && held.why === 'overdraft')
    return unprocessable(
      'insufficient-funds',
      'amount',
      `amount and fee cap together are more than there is: ${held.detail}`,
    );
  if (held.kind !== 'posted')
    throw new LedgerError(`the ledger knows a hold ${id} of which custody knows nothing`);
  return accept(house, client, asked);
}

/** The withdrawal is there, and its next step is a job. */
export async function accept(house: House, client: Client, asked: Asked): Promise<Reply> {
  await insertWithdrawal(house, client, { ...asked, why: null });
  await enqueue(client, asked.intent.id);
  return { status: 201, body: { id: asked.intent.id, state: 'held' } };
}

/** Requested and held: the two are one moment, since neither is without the other. */
export async function insertWithdrawal(
  house: House,
  client: Client,
  { intent, request, customer, deposit, priority, why }: Asked & { readonly why: string | null },
): Promise<void> {
  const { id, reason, wallet, asset, amount, feeCap, expiry } = intent;
  const now = house.clock.now();
  await client.query(
    `insert into custody.withdrawal
         (id, reason, customer, deposit, wallet, asset, amount, fee_cap, request, requested_at, expiry, priority, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'held')`,
    [
      id,
      reason,
      customer,
      deposit,
      wallet,
      asset,
      amount.toString(),
      feeCap.toString(),
      JSON.stringify(request),
      now,
      expiry,
      priority,
    ],
  );
  await client.query(
    `insert into custody.withdrawal_step (withdrawal, number, state, why, at)
       values ($1, 1, 'requested', $2, $3), ($1, 2, 'held', $2, $3)`,
    [id, why, now],
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
  if (!found) return undefined;
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
