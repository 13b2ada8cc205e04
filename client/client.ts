/**
 * The client: calls by name, with types that are made from custody's own routes. A call that was not answered is sent
 * again with the same idempotency key, so that whatever custody has decided meanwhile stays decided once.
 */
import { randomUUID } from 'node:crypto';
import { requestHeaders, type SignedRequest } from '@kuramori/core';
import { operations, type Operations, type Problem } from './operations.ts';
import { signedRequest, type Signer } from './sign.ts';

type Name = keyof Operations;
type Posts = { [N in Name]: (typeof operations)[N]['method'] extends 'POST' ? N : never }[Name];
/** Operations that answer in pages. */
export type Lists = {
  [N in Name]: Operations[N]['answer'] extends { readonly items: readonly unknown[] } ? N : never;
}[Name];
type Item<N extends Lists> = Operations[N]['answer']['items'][number];

/** What an operation is given: nothing that it does not take, and an idempotency key where it decides. */
export type Given<N extends Name> = (Operations[N]['params'] extends undefined
  ? { readonly params?: undefined }
  : Pick<Operations[N], 'params'>) &
  Partial<Pick<Operations[N], 'query'>> &
  (N extends Posts ? { readonly body: Operations[N]['body']; readonly idempotencyKey: string } : unknown);

export type Answer<N extends Name> =
  | {
      readonly kind: 'done';
      readonly status: number;
      readonly body: Operations[N]['answer'];
      /** What was signed and sent, for whoever keeps records. */
      readonly request: SignedRequest;
    }
  | { readonly kind: 'problem'; readonly problem: Problem & { readonly code: Operations[N]['problem'] } };

/** Nobody knows what came of it: call again with the same idempotency key. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** A problem where a value was expected: see `pages`. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export interface Options extends Signer {
  /** Without a path: https://custody.example */
  readonly url: string;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** ms of Unix time. */
  readonly now?: () => number;
  /** How often one call is sent at most. */
  readonly tries?: number;
  /** How long one answer may take, and the first pause between two tries. ms */
  readonly timeoutMs?: number;
  readonly pauseMs?: number;
}

export interface Client {
  /** Throws Unanswered where nobody answered. */
  readonly call: <N extends Name>(name: N, given: Given<N>) => Promise<Answer<N>>;
  /** Every item of a list, page by page. Throws Refused where a page is a problem, and Unanswered. */
  readonly pages: <N extends Lists>(name: N, given: Given<N>) => AsyncGenerator<Item<N>, void>;
}

interface Sent {
  readonly status: number;
  readonly body: unknown;
  /** Seconds, where the answer says them. */
  readonly wait: number | null;
}

export function openClient(options: Options): Client {
  const { tries = 4, pauseMs = 200 } = options;

  async function call<N extends Name>(name: N, given: Given<N>): Promise<Answer<N>> {
    const { method } = operations[name];
    const { params, query, body, idempotencyKey = randomUUID() } = given as LooselyGiven;
    const path = pathOf(operations[name].path, params ?? {});
    const text = body === undefined ? '' : JSON.stringify(body);
    for (let attempt = 1; ; attempt += 1) {
      const at = (options.now ?? Date.now)();
      // Signed anew each time, since a signature lives two minutes; the key is what makes it the same request.
      const request = signedRequest(options, {
        method,
        path,
        query: queryOf(query ?? {}),
        body: text,
        idempotencyKey,
        at,
      });
      const sent = await send(options, request).catch((cause: unknown) => cause as Error);
      const last = attempt >= tries;
      if (!(sent instanceof Error)) {
        if (sent.status < 300)
          return { kind: 'done', status: sent.status, body: sent.body as Operations[N]['answer'], request };
        if (last || !(sent.status === 429 || sent.status >= 500))
          return { kind: 'problem', problem: sent.body as Problem & { code: Operations[N]['problem'] } };
      } else if (last) {
        const why = `${method} ${path}: not answered ${attempt} times (${sent.message}): call again with idempotency key ${idempotencyKey}`;
        throw new Unanswered(why, { cause: sent });
      }
      const wait = sent instanceof Error ? null : sent.wait;
      await pause(wait === null ? pauseMs * 2 ** (attempt - 1) : wait * 1000);
    }
  }

  async function* pages<N extends Lists>(name: N, given: Given<N>): AsyncGenerator<Item<N>, void> {
    let cursor: string | null | undefined = (given as { query?: { cursor?: string } }).query?.cursor;
    do {
      const { query } = given as LooselyGiven;
      const page = { ...given, query: cursor === undefined ? (query ?? {}) : { ...query, cursor } };
      const answer = await call(name, page as Given<N>);
      if (answer.kind === 'problem') throw new Refused(answer.problem);
      const { items, next } = answer.body as { items: readonly Item<N>[]; next: string | null };
      yield* items;
      // A list that grows at its end always has a next page; the one after the last item is empty for now.
      cursor = items.length === 0 ? null : next;
    } while (cursor !== null);
  }

  return { call, pages };
}

interface LooselyGiven {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

async function send(options: Options, request: SignedRequest): Promise<Sent> {
  const { method, path, query, body } = request;
  const ask = options.fetch ?? fetch;
  const answer = await ask(`${options.url}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: { ...requestHeaders(request), ...(body === '' ? {} : { 'content-type': 'application/json' }) },
    ...(body === '' ? {} : { body }),
    // Whoever redirects is not custody; the signature would tell them nothing, but the answer would be theirs.
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
  });
  const wait = answer.headers.get('retry-after');
  const type = answer.headers.get('content-type') ?? '';
  const expected = answer.status < 300 ? 'application/json' : 'application/problem+json';
  // A proxy's own page says nothing about what custody has done.
  if (!type.startsWith(expected)) throw new Error(`status ${answer.status} came as ${type || 'nothing'}`);
  return {
    status: answer.status,
    body: await answer.json(),
    wait: wait !== null && /^[0-9]{1,4}$/.test(wait) ? Number(wait) : null,
  };
}

function pathOf(template: string, params: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name] ?? '';
    // Custody reads no escapes in a path: what would need one is nobody's id.
    if (!/^[A-Za-z0-9_.:-]+$/.test(value) || value === '.' || value === '..')
      throw new RangeError(`${name}: '${value}' cannot stand in a path: use letters, digits and _ . : -`);
    return value;
  });
}

function queryOf(query: Readonly<Record<string, string | number>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
