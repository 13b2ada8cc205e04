/** Who asks: the exchange, by its signature over method, path, body, idempotency key and times. Nobody else is heard. */
import { readRequest, verifyRequest, type SignedRequest } from '@kuramori/core';
import type { House } from './house.ts';
import { problem, type Reply } from './problem.ts';

/** How long a signed request may live, in seconds, and how far two clocks may be apart. */
const longestLife = 300;
const skew = 30;

export type Heard =
  | { readonly kind: 'heard'; readonly request: SignedRequest }
  | { readonly kind: 'refused'; readonly reply: Reply };

export function hear(
  house: Pick<House, 'exchange' | 'clock'>,
  method: string,
  path: string,
  header: (name: string) => string | undefined,
  body: string,
): Heard {
  const read = readRequest(method, path, header, body);
  if (read.kind === 'refused') return refuse('unsigned', read.field, read.why);
  const { request } = read;
  const key = house.exchange.keys.find(({ keyId }) => keyId === request.keyId);
  if (!key)
    return refuse('unknown-key', 'keyid', `no key of ${house.exchange.id} is called ${request.keyId}`);
  if (!verifyRequest(key.publicKey, request)) {
    return refuse(
      'bad-signature',
      'signature',
      `is not ${request.keyId}'s over this method, path, body, idempotency key and times`,
    );
  }
  // Only now are the times worth looking at: they are part of what is signed.
  const now = Math.floor(house.clock.now() / 1000);
  const { created, expires } = request;
  if (expires <= created || expires - created > longestLife) {
    return refuse('bad-times', 'expires', `must be after created, and at most ${longestLife} s after it`);
  }
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
  return { kind: 'heard', request };
}

function refuse(code: string, field: string, detail: string): Heard {
  return { kind: 'refused', reply: problem({ status: 401, code, field, detail: `${field}: ${detail}` }) };
}
