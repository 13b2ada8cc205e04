/** The exchange, as the tests play it: signs requests and sends them to the API in this process. */
import { generateSigningKey, requestHeaders, signRequest, type SignedRequest } from '@kuramori/core';
import type { Hono } from 'hono';

export const exchangeKey = generateSigningKey();
export const secondKey = generateSigningKey();
export const keyId = 'key-1';

let count = 0;

export interface Given {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  /** Sent as it is where it is a text. */
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  /** Unix seconds. */
  readonly created: number;
  readonly expires?: number;
  readonly keyId?: string;
}

export function signed(given: Given, key = exchangeKey): SignedRequest {
  const { path, body, created } = given;
  count += 1;
  return signRequest(key, {
    method: given.method ?? (body === undefined ? 'GET' : 'POST'),
    path,
    body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    idempotencyKey: given.idempotencyKey ?? `test-${count}`,
    created,
    expires: given.expires ?? created + 60,
    keyId: given.keyId ?? keyId,
  });
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Sends it, with other headers or another body where a test tampers. */
export async function send(
  app: Hono,
  request: SignedRequest,
  tampered: {
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly path?: string;
    readonly method?: string;
  } = {},
): Promise<Answer> {
  const body = tampered.body ?? request.body;
  const method = tampered.method ?? request.method;
  const response = await app.request(`http://127.0.0.1${tampered.path ?? request.path}`, {
    method,
    headers: {
      ...requestHeaders(request),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...tampered.headers,
    },
    ...(method === 'GET' ? {} : { body }),
  });
  const type = response.headers.get('content-type');
  const expected = response.status < 400 ? 'application/json' : 'application/problem+json';
  if (type !== expected) throw new Error(`${response.status} came as ${type}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
