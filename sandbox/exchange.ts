/** The exchange, as custody's caller: signs each request with its own key (RFC 9421). */
import { randomUUID } from 'node:crypto';
import { jsonText } from '@kuramori/program';
import { requestHeaders, signRequest, type SignedRequest, type SigningKey } from '@kuramori/core';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const exchangeKeyId = 'exchange-1-key-1';
/** How long a request may travel, in seconds. */
const lifetime = 120;

/** Signs a request. `at` is the time in ms of Unix time; the idempotency key is new where none is given. */
export function exchangeRequest(
  key: SigningKey,
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
  at: number,
  idempotencyKey: string = randomUUID(),
): SignedRequest {
  const created = Math.floor(at / 1000);
  const text = body === undefined ? '' : jsonText(body);
  return signRequest(key, {
    method,
    path,
    body: text,
    idempotencyKey,
    created,
    expires: created + lifetime,
    keyId: exchangeKeyId,
  });
}

/** Sends a signed request to custody. Throws where nobody answers. */
export async function sendRequest(url: string, request: SignedRequest): Promise<Answer> {
  const { method, path, body } = request;
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { ...requestHeaders(request), ...(body === '' ? {} : { 'content-type': 'application/json' }) },
    ...(body === '' ? {} : { body }),
  });
  return { status: reply.status, body: await reply.json() };
}
