/** Intent: what shall move and why. Its digest is the one thing that requests and approvals lead to. */
import { z } from 'zod';
import { AssetName, Units } from './amount.ts';
import { digest } from './canonical.ts';
import { Hash, SignatureHex, PublicKeyHex } from './key.ts';
import { SignedRequest } from './request.ts';
import { text } from './text.ts';

export const Destination = z.strictObject({
  address: text(1, 128),
  /** Text that travels with the payment; '' for none. NEM: a plain message of at most 1,024 bytes. */
  memo: text(0, 1024),
});
export type Destination = z.infer<typeof Destination>;

export const Reason = z.enum(['withdrawal', 'evacuation']);
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

export function intentDigest(intent: Intent): string {
  return digest('intent', intent);
}

/** A person's signature over an intent's digest. */
export const Approval = z.strictObject({ person: PublicKeyHex, signature: SignatureHex });

/** Who says that an intent may be: for a withdrawal, the exchange by its signed request. */
export const Authority = z.strictObject({ kind: z.literal('exchange-request'), request: SignedRequest });
export type Authority = z.infer<typeof Authority>;

/** The body of POST /v1/withdrawals. */
export const WithdrawalBody = z.strictObject({
  customer: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits or _ . -'),
  asset: AssetName,
  amount: Units.refine((units) => units > 0n, 'must be more than 0'),
  destination: Destination,
  feeCap: Units,
});
export type WithdrawalBody = z.infer<typeof WithdrawalBody>;

export const withdrawalPath = '/v1/withdrawals';
/** How long after the exchange signed its request a payment may still confirm, in seconds. */
export const withdrawalLifetime = 24 * 3600;

export type ReadWithdrawal =
  | { readonly kind: 'withdrawal'; readonly intent: Intent; readonly body: WithdrawalBody }
  | { readonly kind: 'refused'; readonly field: string; readonly why: string };

/** One request, one id, whichever of the exchange's keys signed it: a hash of its permanent id and the idempotency key. */
export function withdrawalId(exchange: string, idempotencyKey: string): string {
  return digest('intent-id', { exchange, idempotencyKey });
}

/**
 * The intent that a signed request leads to. Everybody derives it from the same bytes, so nobody in between can
 * change what was asked. The signature is not verified here.
 */
export function withdrawalIntent(exchange: string, wallet: string, request: SignedRequest): ReadWithdrawal {
  if (request.method !== 'POST' || request.path !== withdrawalPath) {
    return { kind: 'refused', field: 'path', why: `is not POST ${withdrawalPath}` };
  }
  if (request.query !== '') return { kind: 'refused', field: 'query', why: 'must be empty' };
  const body = parseJson(request.body);
  const read = WithdrawalBody.safeParse(body);
  if (!read.success) {
    const issue = read.error.issues[0];
    return { kind: 'refused', field: issue?.path.join('.') || 'body', why: issue?.message ?? 'is malformed' };
  }
  const { asset, amount, destination, feeCap } = read.data;
  const intent: Intent = {
    id: withdrawalId(exchange, request.idempotencyKey),
    reason: 'withdrawal',
    wallet,
    asset,
    destination,
    amount,
    feeCap,
    expiry: request.created + withdrawalLifetime,
  };
  return { kind: 'withdrawal', intent, body: read.data };
}

/** An evacuation's id: reason, wallet and the next number, so that each is one of its own. */
export function evacuationId(wallet: string, number: number): string {
  return digest('intent-id', { reason: 'evacuation', wallet, number });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
