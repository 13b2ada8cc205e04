/** Intent: what shall move and why. Its digest is the one thing that requests and approvals lead to. */
import { z } from 'zod';
import { AssetName, coinOf, Units } from './amount.ts';
import { digest } from './canonical.ts';
import { Hash } from './key.ts';
import type { Role } from './policy.ts';
import { SignedRequest } from './request.ts';
import { text } from './text.ts';

export const Destination = z.strictObject({
  address: text(1, 128),
  /** Text that travels with the payment; '' for none. NEM: a plain message of at most 1,024 bytes. */
  memo: text(0, 1024),
});
export type Destination = z.infer<typeof Destination>;

export const Reason = z.enum(['withdrawal', 'return', 'evacuation', 'sweep', 'refill', 'move']);
export type Reason = z.infer<typeof Reason>;

export const Intent = z.strictObject({
  id: Hash,
  reason: Reason,
  wallet: text(1, 64),
  asset: AssetName,
  destination: Destination,
  amount: Units,
  /** The most that all network fees of the payment may be, in units of the chain's fee asset. */
  feeCap: Units,
  /** Unix seconds; no transaction for this intent may be valid later. */
  expiry: z.int().positive(),
});
export type Intent = z.infer<typeof Intent>;

/** What a payment takes of its asset at the most: the amount, and the fee where that is paid in the same. */
export function costOf({ asset, amount, feeCap }: Pick<Intent, 'asset' | 'amount' | 'feeCap'>): bigint {
  return asset === coinOf(asset) ? amount + feeCap : amount;
}

export function intentDigest(intent: Intent): string {
  return digest('intent', intent);
}

/** Whether it leaves a cold wallet, which only vaults sign: to a hot one, or to another cold one. */
export function leavesCold({ reason }: Pick<Intent, 'reason'>): boolean {
  return reason === 'refill' || reason === 'move';
}

/**
 * Who says that an intent may be: for a withdrawal or a return, the exchange by its signed request; for what the house
 * moves between its own wallets, the policy's pinned destinations, and the number that makes its id.
 */
export const Authority = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exchange-request'), request: SignedRequest }),
  z.strictObject({ kind: z.literal('treasury'), number: z.int().positive() }),
]);
export type Authority = z.infer<typeof Authority>;

/** Which of an exchange's payments go first. None waits for ever: see custody's queue. */
export const Priority = z.enum(['high', 'normal', 'low']);
export type Priority = z.infer<typeof Priority>;

/** The body of POST /v1/withdrawals. */
export const WithdrawalBody = z.strictObject({
  customer: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits or _ . -'),
  asset: AssetName,
  amount: Units.refine((units) => units > 0n, 'must be more than 0'),
  destination: Destination,
  feeCap: Units,
  /** Absent: normal. */
  priority: Priority.optional(),
});
export type WithdrawalBody = z.infer<typeof WithdrawalBody>;

/** The body of POST /v1/returns: a held deposit goes back to whoever sent it, less the network's fees. */
export const ReturnBody = z.strictObject({
  deposit: z
    .string()
    .regex(/^[0-9a-f]{64}:[0-9]{1,2}$/, 'must be the id of a deposit, as GET /v1/deposits shows it'),
  asset: AssetName,
  amount: Units.refine((units) => units > 0n, 'must be more than 0'),
  destination: Destination,
  feeCap: Units,
  /** Absent: 1. Another number is another intent, and is taken only when the one before has come to nothing. */
  attempt: z.int().min(1).max(99).optional(),
});
export type ReturnBody = z.infer<typeof ReturnBody>;

export const withdrawalPath = '/v1/withdrawals';
export const returnPath = '/v1/returns';
/** What a key must be allowed that asks for a payment: to a customer, or back to a deposit's sender. */
export function paymentRole(reason: Reason): Role {
  return reason === 'return' ? 'treasury' : 'withdraw';
}

/** How long after the exchange signed its request a payment may still confirm, in seconds. */
export const withdrawalLifetime = 24 * 3600;

export type ReadWithdrawal =
  | { readonly kind: 'withdrawal'; readonly intent: Intent; readonly body: WithdrawalBody }
  | NotRead;
export type ReadReturn =
  | { readonly kind: 'return'; readonly intent: Intent; readonly body: ReturnBody }
  | NotRead;
type NotRead = { readonly kind: 'refused'; readonly field: string; readonly why: string };

/** One request, one id, whichever of the exchange's keys signed it: a hash of its permanent id and the idempotency key. */
export function withdrawalId(exchange: string, idempotencyKey: string): string {
  return digest('intent-id', { exchange, idempotencyKey });
}

/** One deposit, one return at a time, whatever its request's idempotency key: a database that forgot it does not pay it again. */
export function returnId(exchange: string, deposit: string, attempt: number): string {
  return digest('intent-id', { exchange, reason: 'return', deposit, attempt });
}

/**
 * The intent that a signed request leads to. Everybody derives it from the same bytes, so nobody in between can
 * change what was asked. The signature is not verified here.
 */
export function requestedIntent(
  exchange: string,
  wallet: string,
  request: SignedRequest,
): ReadWithdrawal | ReadReturn {
  return request.path === returnPath
    ? returnIntent(exchange, wallet, request)
    : withdrawalIntent(exchange, wallet, request);
}

export function withdrawalIntent(exchange: string, wallet: string, request: SignedRequest): ReadWithdrawal {
  const read = readBody(request, withdrawalPath, WithdrawalBody);
  if (read.kind === 'refused') return read;
  const { body } = read;
  const id = withdrawalId(exchange, request.idempotencyKey);
  return { kind: 'withdrawal', intent: intentOf(id, 'withdrawal', wallet, body, request), body };
}

export function returnIntent(exchange: string, wallet: string, request: SignedRequest): ReadReturn {
  const read = readBody(request, returnPath, ReturnBody);
  if (read.kind === 'refused') return read;
  const { body } = read;
  const id = returnId(exchange, body.deposit, body.attempt ?? 1);
  return { kind: 'return', intent: intentOf(id, 'return', wallet, body, request), body };
}

function intentOf(
  id: string,
  reason: Reason,
  wallet: string,
  { asset, destination, amount, feeCap }: Pick<Intent, 'asset' | 'destination' | 'amount' | 'feeCap'>,
  { created }: SignedRequest,
): Intent {
  const expiry = created + withdrawalLifetime;
  return { id, reason, wallet, asset, destination, amount, feeCap, expiry };
}

function readBody<S extends z.ZodType>(
  request: SignedRequest,
  path: string,
  schema: S,
): { readonly kind: 'read'; readonly body: z.output<S> } | NotRead {
  if (request.method !== 'POST' || request.path !== path)
    return { kind: 'refused', field: 'path', why: `is not POST ${path}` };
  if (request.query !== '') return { kind: 'refused', field: 'query', why: 'must be empty' };
  const read = schema.safeParse(parseJson(request.body));
  if (read.success) return { kind: 'read', body: read.data };
  const issue = read.error.issues[0];
  return { kind: 'refused', field: issue?.path.join('.') || 'body', why: issue?.message ?? 'is malformed' };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
