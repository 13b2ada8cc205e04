/**
 * Route: an HTTP route as data. The running router and the OpenAPI document are both made from it, so that neither can
 * say what the other does not do. A GET reads; a POST decides, once for each idempotency key.
 */
import type { Role, SignedRequest } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from '../house.ts';
import { once } from './once.ts';
import type { ProblemCode, Reply } from './problem.ts';
import type { Scans } from '../chain/scan.ts';
import { readBy } from './flaws.ts';

/** What a route is given beside what was asked. */
export interface Here {
  readonly house: House;
  readonly scans: Scans;
}

export interface Answered {
  readonly status: 200 | 201;
  readonly body: z.ZodType;
}

/** Status → what can be wrong there, beside what can be wrong with every request: see `everywhere`. */
export type Problems = Readonly<Partial<Record<400 | 404 | 409 | 422 | 503, readonly ProblemCode[]>>>;

export interface Route {
  readonly method: 'GET' | 'POST';
  /** As in OpenAPI: `/v1/customers/{customer}/balances`. */
  readonly path: string;
  /** The operation's name, here and in the client. */
  readonly name: string;
  /** One sentence for whoever calls it. */
  readonly what: string;
  /** What the request's key must be allowed. */
  readonly role: Role;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | null;
  readonly answers: Answered;
  readonly problems: Problems;
  readonly answer: (here: Here, heard: Heard) => Promise<Reply>;
}

/** A request that is the exchange's, by its signature; nothing of what it says is read yet. */
export interface Heard {
  readonly request: SignedRequest;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

interface Common<P extends z.ZodObject, Q extends z.ZodObject> {
  readonly path: Route['path'];
  readonly name: Route['name'];
  readonly what: Route['what'];
  readonly role: Role;
  readonly params?: P;
  readonly query?: Q;
  readonly problems?: Problems;
}

type Asked<P extends z.ZodObject, Q extends z.ZodObject> = Here & {
  readonly request: SignedRequest;
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
};

const none = z.strictObject({});
type None = typeof none;

/** A GET: looks, and changes nothing. */
export function reads<P extends z.ZodObject = None, Q extends z.ZodObject = None>(
  route: Common<P, Q> & {
    readonly answers: z.ZodType;
    readonly answer: (asked: Asked<P, Q>) => Promise<Reply>;
  },
): Route {
  const { params = none as unknown as P, query = none as unknown as Q, problems = {}, answer } = route;
  return {
    ...route,
    method: 'GET',
    params,
    query,
    body: null,
    answers: { status: 200, body: route.answers },
    problems,
    answer: async (here, heard) => {
      const where = readWhere(params, query, heard);
      if (where.kind === 'refused') return where.reply;
      return answer({ ...here, request: heard.request, ...where.value });
    },
  };
}

type Decision<B extends z.ZodType, C, P extends z.ZodObject> =
  | {
      readonly answer: (
        client: Client,
        body: z.output<B>,
        asked: Asked<P, None> & { readonly sound: C },
      ) => Promise<Reply>;
    }
  /** Decides, once, in a transaction that it shares with whoever asks the same at the moment. */
  | { readonly together: (asked: Asked<P, None> & { readonly sound: C }) => Promise<Reply> };

/** A POST: decides in one transaction, once. What `check` refuses is not kept, since nothing was looked up for it. */
export function decides<B extends z.ZodType, C, P extends z.ZodObject = None>(
  route: Omit<Common<P, None>, 'query'> & {
    readonly body: B;
    readonly answers: Answered;
    /** What the body must be beyond its schema, before anybody's money is looked at. */
    readonly check?: (
      asked: Asked<P, None>,
      body: z.output<B>,
    ) => { readonly kind: 'sound'; readonly sound: C } | { readonly kind: 'refused'; readonly reply: Reply };
    /** What is added to the answer each time anew, also where the decision is an old one. */
    readonly finish?: (reply: Reply, here: Here) => Promise<Reply>;
  } & Decision<B, C, P>,
): Route {
  const { params = none as unknown as P, body, problems = {}, check, finish } = route;
  return {
    ...route,
    method: 'POST',
    params,
    query: none,
    problems,
    answer: async (here, heard) => {
      const where = readWhere(params, none, heard);
      if (where.kind === 'refused') return where.reply;
      const read = readBy(body, heard.body, 'body');
      if (read.kind === 'refused') return read.reply;
      const { request } = heard;
      const asked: Asked<P, None> = { ...here, request, ...where.value };
      const checked = check?.(asked, read.value) ?? { kind: 'sound', sound: undefined as C };
      if (checked.kind === 'refused') return checked.reply;
      const whole = { ...asked, sound: checked.sound };
      const reply = await ('together' in route
        ? route.together(whole)
        : once(here.house, request, (client) => route.answer(client, read.value, whole)));
      return finish ? finish(reply, here) : reply;
    },
  };
}

/** A POST that only asks: its question is too long for a query. */
export function asks<B extends z.ZodType>(
  route: Omit<Common<None, None>, 'query' | 'params'> & {
    readonly body: B;
    readonly answers: z.ZodType;
    readonly answer: (body: z.output<B>, here: Here) => Reply | Promise<Reply>;
  },
): Route {
  const { body, problems = {}, answer } = route;
  return {
    ...route,
    method: 'POST',
    params: none,
    query: none,
    answers: { status: 200, body: route.answers },
    problems,
    answer: async (here, heard) => {
      const where = readWhere(none, none, heard);
      if (where.kind === 'refused') return where.reply;
      const read = readBy(body, heard.body, 'body');
      return read.kind === 'refused' ? read.reply : answer(read.value, here);
    },
  };
}

function readWhere<P extends z.ZodObject, Q extends z.ZodObject>(params: P, query: Q, heard: Heard) {
  const where = readBy(params, heard.params, 'path');
  if (where.kind === 'refused') return where;
  const which = readBy(query, heard.query, 'query');
  if (which.kind === 'refused') return which;
  return { kind: 'read', value: { params: where.value, query: which.value } } as const;
}

/** What can be wrong with every request. */
export function everywhere(
  method: Route['method'],
): Readonly<Partial<Record<number, readonly ProblemCode[]>>> {
  const deciding: Partial<Record<number, readonly ProblemCode[]>> =
    method === 'POST' ? { 409: ['key-reused'], 415: ['not-json'] } : {};
  return {
    400: ['malformed'],
    401: ['unsigned', 'unknown-key', 'key-not-yet', 'bad-signature', 'bad-times', 'expired'],
    403: ['foreign-address', 'wrong-role'],
    413: ['too-long'],
    429: ['too-many-requests'],
    500: ['fault'],
    ...deciding,
  };
}

/** Everything that a route can answer, by status. */
export function problemsOf({ method, problems }: Route): ReadonlyMap<number, readonly ProblemCode[]> {
  const all = new Map<number, readonly ProblemCode[]>();
  for (const [status, codes] of [...Object.entries(everywhere(method)), ...Object.entries(problems)]) {
    const before = all.get(Number(status)) ?? [];
    all.set(Number(status), [...new Set([...before, ...(codes ?? [])])]);
  }
  return new Map([...all].sort(([a], [b]) => a - b));
}
