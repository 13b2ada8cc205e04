/**
 * The HTTP API. Every request is the exchange's, signed; every refusal names the field and says what to do. What can be
 * asked is told in api/routes.ts; here is what happens with every request before it is answered.
 */
import { bigintsAsText } from '@kuramori/chains/http';
import { log, reach } from '@kuramori/program';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { callerOf } from './address.ts';
import { openapi } from './openapi.ts';
import type { Here, Route } from './route.ts';
import { routes } from './routes.ts';
import type { House } from '../house.ts';
import { malformed, problem, type Reply } from './problem.ts';
import { repeatedName } from './repeated-name.ts';
import type { Scans } from '../chain/scan.ts';
import { hear, refuseRole } from './signed.ts';
import { isIdle } from '../status.ts';

const maxBody = 64 * 1024;

/** What Node's server gives with each request: the connection. */
export interface Bindings {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } };
}
type Ask = Context<{ Bindings: Bindings }>;
export type Api = Hono<{ Bindings: Bindings }>;

export function api(house: House, scans: Scans): Api {
  const app = new Hono<{ Bindings: Bindings }>();
  let answering = 0;

  app.get('/healthz', (c) => c.json({ ok: true }));
  const document = JSON.stringify(openapi());
  app.get('/v1/openapi.json', (c) => c.body(document, 200, { 'content-type': 'application/json' }));
  // The drill may move the chain's time only while nobody has anything to do; a real network has no such drill.
  if (house.policy.network === 'devnet') {
    app.get('/v1/idle', async (c) => c.json({ idle: await isIdle(house, scans, answering) }));
  }

  app.use(async (_c, next) => {
    answering += 1;
    try {
      await next();
    } finally {
      answering -= 1;
    }
  });
  const tooLong = problem({
    status: 413,
    code: 'too-long',
    field: 'body',
    detail: `body: may have ${maxBody} bytes`,
  });
  app.use(bodyLimit({ maxSize: maxBody, onError: (c) => send(c, tooLong) }));

  for (const route of routes)
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) =>
      heard({ house, scans }, c, route),
    );

  app.notFound((c) => {
    const detail = `path: there is no ${c.req.method} ${c.req.path}`;
    return send(c, problem({ status: 404, code: 'no-route', field: 'path', detail }));
  });
  app.onError((cause, c) => {
    log('fault', { method: c.req.method, path: c.req.path, why: cause.message, stack: cause.stack });
    // What went wrong inside is for our log. Nothing was decided, so the same request may come again.
    const detail = 'nothing was decided: send the same request again, with the same idempotency key';
    return send(c, problem({ status: 500, code: 'fault', field: null, detail }));
  });
  return app;
}

/** Answers a request of the exchange, and nobody else's. */
async function heard(here: Here, c: Ask, route: Route): Promise<Response> {
  const { house } = here;
  const { method } = c.req;
  const { pathname: path, search } = new URL(c.req.url);
  const query = search.slice(1);
  const header = (name: string) => c.req.header(name);
  // What was routed must be what is verified: one path, one spelling.
  if (c.req.path !== path) return send(c, malformed('path', 'must be written in its normal form'));
  const body = await c.req.text();
  const caller = callerOf(house.callerAddress, c.env?.incoming?.socket.remoteAddress, header);
  const read = hear(house, { method, path, query, header, body, caller });
  if (read.kind === 'refused') return send(c, read.reply);
  const { request, key } = read;
  // Only what the key itself has signed counts against it.
  const wait = house.rates.take(key.keyId);
  if (wait > 0) return send(c, tooOften(key.keyId, wait), { 'retry-after': String(wait) });
  const refused = refuseRole(key, route.role);
  if (refused) return send(c, refused);
  const given = readGiven(method, header('content-type'), query, body);
  if (given.kind === 'refused') return send(c, given.reply);
  return send(c, await route.answer(here, { request, params: c.req.param(), ...given }));
}

type Given =
  | { readonly kind: 'given'; readonly query: unknown; readonly body: unknown }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Query and body as values of which nobody can see two: no name stands twice. */
function readGiven(method: string, type: string | undefined, query: string, body: string): Given {
  const refused = (reply: Reply): Given => ({ kind: 'refused', reply });
  const search = new URLSearchParams(query);
  const twice = [...search.keys()].find((name) => search.getAll(name).length > 1);
  if (twice !== undefined)
    return refused(malformed(twice, 'stands twice in the query: say once what is meant'));
  const given = { kind: 'given', query: Object.fromEntries(search) } as const;
  if (method === 'GET')
    return body === '' ? { ...given, body: undefined } : refused(malformed('body', 'must be empty'));
  if (!/^application\/json(?:;.*)?$/i.test(type ?? '')) {
    const detail = 'content-type: must be application/json';
    return refused(problem({ status: 415, code: 'not-json', field: 'content-type', detail }));
  }
  const repeated = repeatedName(body);
  if (repeated !== undefined)
    return refused(malformed(repeated, 'stands twice in the body: say once what is meant'));
  try {
    return { ...given, body: JSON.parse(body) as unknown };
  } catch {
    return refused(malformed('body', 'is not JSON: send one object'));
  }
}

function tooOften(keyId: string, wait: number): Reply {
  const detail = `keyid: ${keyId} asks more often than it may: try again in ${wait} s, with the same idempotency key`;
  return problem({ status: 429, code: 'too-many-requests', field: 'keyid', detail });
}

function send(c: Context, { status, body }: Reply, headers: Record<string, string> = {}): Response {
  reach('answer', 'before');
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return c.newResponse(JSON.stringify(body, bigintsAsText), status as 200, {
    'content-type': type,
    ...headers,
  });
}
