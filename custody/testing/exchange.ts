/** The exchange, as the tests play it: signs requests and sends them to the API in this process. */
import { openClient, type Answer as Called, type Client, type Operations } from '@kuramori/client';
import { generateSigningKey, requestHeaders, signRequest, type SignedRequest } from '@kuramori/core';
import type { Api, Bindings } from '../api/answer.ts';
import { mustBeDocumented, type Answer } from './documented.ts';

export type { Answer } from './documented.ts';

export const exchangeKey = generateSigningKey();
export const secondKey = generateSigningKey();
export const keyId = 'key-1';

let count = 0;

export interface Given {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly query?: string;
  /** Sent as it is where it is a text. */
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  /** Unix seconds. */
  readonly created: number;
  readonly expires?: number;
  readonly keyId?: string;
}

export function signed(given: Given, key = exchangeKey): SignedRequest {
  const { path, query = '', body, created } = given;
  count += 1;
  return signRequest(key, {
    method: given.method ?? (body === undefined ? 'GET' : 'POST'),
    path,
    query,
    body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    idempotencyKey: given.idempotencyKey ?? `test-${count}`,
    created,
    expires: given.expires ?? created + 60,
    keyId: given.keyId ?? keyId,
  });
}

/** As Node's server hands a request on. */
export const from = (remoteAddress: string): Bindings => ({ incoming: { socket: { remoteAddress } } });

/** Sends it, with other headers or another body where a test tampers. Every answer must be as the document says. */
export async function send(
  app: Api,
  request: SignedRequest,
  tampered: {
    readonly headers?: Record<string, string>;
    readonly body?: string;
    /** With its query, if any. */
    readonly path?: string;
    readonly method?: string;
    readonly from?: string;
  } = {},
): Promise<Answer> {
  const body = tampered.body ?? request.body;
  const method = tampered.method ?? request.method;
  const query = request.query === '' ? '' : `?${request.query}`;
  const response = await app.request(
    `http://127.0.0.1${tampered.path ?? request.path + query}`,
    {
      method,
      headers: {
        ...requestHeaders(request),
        ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
        ...tampered.headers,
      },
      ...(method === 'GET' ? {} : { body }),
    },
    from(tampered.from ?? '127.0.0.1'),
  );
  return mustBeDocumented(method, tampered.path ?? request.path, response);
}

/** The client, sending to the API in this process. */
export function clientOf(app: Api, clock: { readonly ms: number }, key = exchangeKey, id = keyId): Client {
  return openClient({
    url: 'http://127.0.0.1',
    keyId: id,
    key,
    now: () => clock.ms,
    fetch: async (url, init) => {
      const response = await app.request(url, init, from('127.0.0.1'));
      await mustBeDocumented(init.method ?? 'GET', new URL(url).pathname, response.clone());
      return response;
    },
    pauseMs: 1,
  });
}

/** What was done; throws where it was not. */
export function done<N extends keyof Operations>(called: Called<N>): Extract<Called<N>, { kind: 'done' }> {
  if (called.kind === 'problem') throw new Error(JSON.stringify(called.problem));
  return called;
}
