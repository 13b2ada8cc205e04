/**
 * Who asks: the exchange, by its signature over method, path, query, body, idempotency key and times, with a key that
 * the policy names, from where that key may be used. Nobody else is heard, and nobody else uses up its rate.
 */
import { readRequest, verifyRequest, type ExchangeKey, type Role, type SignedRequest } from '@kuramori/core';
import { mayComeFrom, type Caller } from './address.ts';
import type { House } from '../house.ts';
import { problem, type ProblemCode, type Reply } from './problem.ts';

/** How long a signed request may live, in seconds, and how far two clocks may be apart. */
const longestLife = 300;
const skew = 30;

export interface Sent {
  readonly method: string;
  readonly path: string;
  /** Without the `?`; '' for none. */
  readonly query: string;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
  readonly caller: Caller;
}

export type Signed =
  | { readonly kind: 'heard'; readonly request: SignedRequest; readonly key: ExchangeKey }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** The cheap questions first; the times last, since they are part of what is signed. */
export function hear(
  house: Pick<House, 'exchange' | 'clock'>,
  { method, path, query, header, body, caller }: Sent,
): Signed {
  const read = readRequest(method, path, query, header, body);
  if (read.kind === 'refused') return refuse('unsigned', read.field, read.why);
  const { request } = read;
  const key = house.exchange.keys.find(({ keyId }) => keyId === request.keyId);
  if (!key)
    return refuse('unknown-key', 'keyid', `no key of ${house.exchange.id} is called ${request.keyId}`);
  if (caller.kind === 'untold') return forbid('foreign-address', caller.field, caller.why);
  if (!mayComeFrom(key, caller.address))
    return forbid('foreign-address', 'keyid', `${key.keyId} may not be used from ${caller.address}`);
  if (!verifyRequest(key.publicKey, request)) {
    return refuse(
      'bad-signature',
      'signature',
      `is not ${request.keyId}'s over this method, path, query, body, idempotency key and times`,
    );
  }
  const now = Math.floor(house.clock.now() / 1000);
  return refuseTimes(request, key, now) ?? { kind: 'heard', request, key };
}

function refuseTimes(
  { created, expires }: SignedRequest,
  { keyId, notBefore }: ExchangeKey,
  now: number,
): Signed | undefined {
  if (expires <= created || expires - created > longestLife)
    return refuse('bad-times', 'expires', `must be after created, and at most ${longestLife} s after it`);
  if (created > now + skew)
    return refuse(
      'bad-times',
      'created',
      `is ${created - now} s ahead of this clock: set yours, and sign again`,
    );
  if (expires < now - skew)
    return refuse(
      'expired',
      'expires',
      `was ${now - expires} s ago: sign again, with the same idempotency key`,
    );
  // Co-signers and watchtowers judge the same by themselves: see core/judge-payment.ts.
  if (Math.min(created, now) < notBefore)
    return refuse('key-not-yet', 'keyid', `${keyId} counts only from ${notBefore}: use another key`);
  return undefined;
}

/** What the key may not ask for; undefined where it may. */
export function refuseRole({ keyId, roles }: ExchangeKey, role: Role): Reply | undefined {
  if (roles.includes(role)) return undefined;
  const detail = `keyid: ${keyId} has not the role ${role}: use a key that has it`;
  return problem({ status: 403, code: 'wrong-role', field: 'keyid', detail });
}

function refuse(code: ProblemCode, field: string, detail: string): Signed {
  return { kind: 'refused', reply: problem({ status: 401, code, field, detail: `${field}: ${detail}` }) };
}

function forbid(code: ProblemCode, field: string, detail: string): Signed {
  return { kind: 'refused', reply: problem({ status: 403, code, field, detail: `${field}: ${detail}` }) };
}
