/**
 * What happens with every request before it is answered: it must be for this name (a foreign name that points here is a
 * rebound one), from a page of ours (else it is forged), and, but at the door, of somebody whose role may ask for it.
 */
import { log, reasonOf } from '@kuramori/program';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import type { Desk } from './desk.ts';
import type { Page } from './pages.ts';
import { malformed, refused, type Refusal } from './refused.ts';
import { rightsOf } from './role.ts';
import { routes, type Route, type Who } from './routes.ts';
import { findSession, lasts, type Session } from './session.ts';

/** What Node's server gives with each request: the connection. */
export interface Bindings {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } };
}
type Ask = Context<{ Bindings: Bindings }>;
export type Api = Hono<{ Bindings: Bindings }>;

const maxBody = 64 * 1024;
/** Pages that look at once; each is an open connection. */
const mostLooking = 200;
/** Of one session: its windows. */
const mostOwn = 8;
/** As long as nobody takes what was written, in milliseconds. */
const mostWaitMs = 10_000;
/** How often somebody who only looks is asked for again whether they still may. ms */
const againMs = 5_000;

/** Nothing but what we serve ourselves: no script, style or picture of others, no inline one, in no frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export function api(desk: Desk): Api {
  const { place } = desk;
  const app = new Hono<{ Bindings: Bindings }>();
  const secure: Readonly<Record<string, string>> = {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy':
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()',
    ...(place.tls ? { 'strict-transport-security': 'max-age=63072000' } : {}),
  };
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(secure)) c.res.headers.set(name, value);
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });
  app.use(async (c, next) => {
    if (c.req.header('host') !== place.host)
      return send(
        c,
        refused(403, 'foreign-host', 'host', `host: this is ${place.host}: open ${place.origin}`),
      );
    return next();
  });
  app.use(
    bodyLimit({
      maxSize: maxBody,
      onError: (c) => send(c, refused(413, 'too-long', 'body', `body: may have ${maxBody} bytes`)),
    }),
  );
  app.use('/api/*', async (c, next) => {
    const forged = refuseForged(desk, c);
    return forged ? send(c, forged) : next();
  });

  for (const route of routes) app.on(route.method, route.path, (c) => answered(desk, c, route));
  /** Session → how many of its pages look. */
  const streams = new Map<string, number>();
  app.get('/api/live', (c) => live(desk, c, streams));
  app.get('/*', (c) => {
    if (c.req.path.startsWith('/api/')) return send(c, noRoute(c));
    const page = desk.pages.get(c.req.path);
    if (page) return sent(c, page);
    // What has an ending is a file that is not there; all else is a place within the pages.
    const index = desk.pages.get('/index.html');
    return index && !/\.[a-z0-9]+$/.test(c.req.path) ? sent(c, index) : send(c, noRoute(c));
  });
  app.notFound((c) => send(c, noRoute(c)));
  app.onError((cause, c) => {
    log('fault', { method: c.req.method, path: c.req.path, why: reasonOf(cause), stack: cause.stack });
    const body = {
      code: 'fault',
      field: null,
      detail: 'something failed inside: try again, or read the desk’s log',
    };
    return c.json(body, 500);
  });
  return app;
}

/** Browsers say where a request comes from, and a page of another's cannot make them say otherwise (Fetch Metadata, RFC 6454). */
function refuseForged({ place }: Desk, c: Ask): Refusal | undefined {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin')
    return refused(
      403,
      'foreign-page',
      'sec-fetch-site',
      'sec-fetch-site: only pages of this console may ask',
    );
  if (c.req.method === 'GET') return undefined;
  if (c.req.header('origin') !== place.origin)
    return refused(403, 'foreign-page', 'origin', `origin: only pages of ${place.origin} may ask`);
  if (!/^application\/json(?:;.*)?$/i.test(c.req.header('content-type') ?? ''))
    return refused(415, 'not-json', 'content-type', 'content-type: must be application/json');
  return undefined;
}

async function answered(desk: Desk, c: Ask, { method, who, given, answer }: Route): Promise<Response> {
  const allowed = await mayAsk(desk, c, who);
  if (allowed.kind === 'refused') return send(c, allowed);
  const asked = await givenBy(method, c);
  if (asked.kind === 'refused') return send(c, asked);
  const read = given.safeParse(asked.value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return send(c, malformed(issue?.path.join('.') || 'body', issue?.message ?? 'is malformed'));
  }
  const told = await answer(desk, read.data as never, allowed.session);
  if (told.kind === 'refused') return send(c, told);
  if (told.cookie !== undefined) c.header('set-cookie', cookieOf(desk, told.cookie));
  return c.json(told.body);
}

type Allowed = { readonly kind: 'allowed'; readonly session: Session | null } | Refusal;

async function mayAsk(desk: Desk, c: Ask, who: Who): Promise<Allowed> {
  if (who === 'anybody') {
    const wait = desk.knocks.take(c.env?.incoming?.socket.remoteAddress ?? 'unknown');
    if (wait === 0) return { kind: 'allowed', session: null };
    return refused(429, 'too-many-requests', null, `too many tries from there: try again in ${wait} s`);
  }
  const value = readCookie(desk, c.req.header('cookie'));
  const session = value === undefined ? undefined : await findSession(desk, value);
  if (!session)
    return refused(
      401,
      'logged-out',
      null,
      'log in with your passkey: there is no such session, or it is over',
    );
  if (who !== 'somebody' && !rightsOf(session).includes(who))
    return refused(403, 'wrong-role', null, `a ${session.role} may not open ${who}: ask an administrator`);
  return { kind: 'allowed', session };
}

async function givenBy(
  method: Route['method'],
  c: Ask,
): Promise<{ readonly kind: 'given'; readonly value: unknown } | Refusal> {
  if (method === 'GET') {
    const search = new URL(c.req.url).searchParams;
    const twice = [...search.keys()].find((name) => search.getAll(name).length > 1);
    if (twice !== undefined) return malformed(twice, 'stands twice in the query: say once what is meant');
    return { kind: 'given', value: Object.fromEntries(search) };
  }
  try {
    return { kind: 'given', value: JSON.parse(await c.req.text()) as unknown };
  } catch {
    return malformed('body', 'is not JSON: send one object');
  }
}

/** `__Host-` where there is TLS: then no other name, path or plain connection can set it. By http there is only localhost. */
function nameOf({ place }: Desk): string {
  return place.tls ? '__Host-kuramori' : 'kuramori';
}

function cookieOf(desk: Desk, value: string | null): string {
  const rights = `Path=/; HttpOnly; SameSite=Strict${desk.place.tls ? '; Secure' : ''}`;
  return value === null ? `${nameOf(desk)}=; ${rights}; Max-Age=0` : `${nameOf(desk)}=${value}; ${rights}`;
}

function readCookie(desk: Desk, header: string | undefined): string | undefined {
  const found = (header ?? '')
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one.startsWith(`${nameOf(desk)}=`));
  // Of two somebody has planted one.
  return found.length === 1 ? found[0]?.slice(nameOf(desk).length + 1) : undefined;
}

async function live(desk: Desk, c: Ask, streams: Map<string, number>): Promise<Response> {
  // A HEAD has no body, whose end would tell that nobody listens any more.
  if (c.req.method !== 'GET') return send(c, noRoute(c));
  const allowed = await mayAsk(desk, c, 'overview');
  if (allowed.kind === 'refused') return send(c, allowed);
  const { session } = allowed;
  const own = session?.hash.toString('hex') ?? '';
  const mine = streams.get(own) ?? 0;
  if (session === null || desk.live.listening() >= mostLooking || mine >= mostOwn)
    return send(c, refused(429, 'too-many-requests', null, 'too many pages look at once: close some'));
  // Proxies that gather bytes would make it late.
  c.header('x-accel-buffering', 'no');
  return streamSSE(c, async (stream) => {
    streams.set(own, (streams.get(own) ?? 0) + 1);
    let [checked, writing, ended] = [performance.now(), 0, () => {}];
    const over = new Promise<void>((resolve) => (ended = resolve));
    stream.onAbort(ended);
    const leave = desk.live.listen((overview) => {
      // Who reads slowly gets fewer of them, and who reads nothing is let go: what waits for them would be ours to keep.
      if (writing > 0) return performance.now() - writing > mostWaitMs ? ended() : undefined;
      writing = performance.now();
      void (async () => {
        if (performance.now() - checked > againMs) {
          checked = performance.now();
          if (!(await lasts(desk, session))) return ended();
        }
        if (overview) await stream.writeSSE({ data: JSON.stringify(overview) });
        writing = 0;
      })().catch(ended);
    });
    await over;
    leave();
    const left = (streams.get(own) ?? 1) - 1;
    if (left > 0) streams.set(own, left);
    else streams.delete(own);
  });
}

function sent(c: Ask, { bytes, type, immutable }: Page): Response {
  return c.body(bytes, 200, {
    'content-type': type,
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
}

const noRoute = (c: Ask) =>
  refused(404, 'no-route', 'path', `path: there is no ${c.req.method} ${c.req.path}`);

function send(c: Context, { status, body }: Refusal): Response {
  return c.json(body, status);
}
