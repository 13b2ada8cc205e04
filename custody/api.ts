/** The HTTP API. Every request is the exchange's, signed; every refusal names the field and says what to do. */
import { bigintsAsText } from '@kuramori/chains/http';
import { returnPath, withdrawalPath, type SignedRequest } from '@kuramori/core';
import { customerBalances, type Client } from '@kuramori/ledger';
import { log, reach } from '@kuramori/program';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import {
  AddDestination,
  addDestination,
  AllowlistMode,
  RemoveDestination,
  removeDestination,
  setAllowlist,
  showAllowlist,
} from './allowlist.ts';
import { ApprovalBody, approve } from './approval.ts';
import { CustomerBody, CustomerId, findCustomer, LiftBody, liftHold } from './customer.ts';
import { claim, ClaimBody, OwnFundsBody } from './deposit-claim.ts';
import { listDeposits } from './deposit-row.ts';
import type { House } from './house.ts';
import { acknowledge, AcknowledgeBody } from './notice.ts';
import { once } from './once.ts';
import { cancel, decideScreening, ScreeningBody } from './person.ts';
import { openDeposits, vouched } from './place.ts';
import { malformed, problem, type Reply } from './problem.ts';
import { repeatedName } from './repeated-name.ts';
import { requestWithdrawal } from './request.ts';
import { checkReturn, requestReturn } from './return.ts';
import type { Scan } from './scan.ts';
import { hear } from './signed.ts';
import { isIdle, status } from './status.ts';
import { checkWithdrawal, quote, QuoteBody } from './withdrawal-check.ts';
import { LimitBody, setLimit, setTier, showLimits, TierBody } from './withdrawal-limits.ts';
import { showWithdrawal } from './withdrawal-view.ts';

const maxBody = 64 * 1024;

export function api(house: House, scan: Scan): Hono {
  const app = new Hono();
  let answering = 0;

  app.get('/healthz', (c) => c.json({ ok: true }));
  // The drill may move the chain's time only while nobody has anything to do; a real network has no such drill.
  if (house.policy.network === 'devnet') {
    app.get('/v1/idle', async (c) => c.json({ idle: await isIdle(house, scan, answering) }));
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

  app.post(withdrawalPath, (c) =>
    heard(house, c, async (request) => {
      const checked = checkWithdrawal(house, request);
      if (checked.kind === 'refused') return checked.reply;
      return once(house, request, (client) => requestWithdrawal(house, client, checked.asked));
    }),
  );
  app.post(returnPath, (c) =>
    heard(house, c, async (request) => {
      const checked = checkReturn(house, request);
      if (checked.kind === 'refused') return checked.reply;
      return once(house, request, (client) => requestReturn(house, client, checked.asked, checked.body));
    }),
  );
  app.post(`${withdrawalPath}/quote`, (c) =>
    heard(house, c, async ({ body }) => read(QuoteBody, body, (asked) => quote(house, asked))),
  );
  app.get(`${withdrawalPath}/:id`, (c) =>
    heard(house, c, () => showWithdrawal(house, house.pool, c.req.param('id'))),
  );
  app.post(`${withdrawalPath}/:id/cancel`, (c) =>
    heard(house, c, (request) =>
      decided(house, request, z.strictObject({}), (client) => cancel(house, client, c.req.param('id'))),
    ),
  );
  app.post(`${withdrawalPath}/:id/approvals`, (c) =>
    heard(house, c, (request) =>
      decided(house, request, ApprovalBody, (client, body) =>
        approve(house, client, c.req.param('id'), body),
      ),
    ),
  );
  app.post(`${withdrawalPath}/:id/screening`, (c) =>
    heard(house, c, (request) =>
      decided(house, request, ScreeningBody, (client, body) =>
        decideScreening(house, client, c.req.param('id'), body),
      ),
    ),
  );

  app.post('/v1/allowlist/destinations', (c) =>
    heard(house, c, (request) =>
      decided(house, request, AddDestination, (client, body) => addDestination(house, client, body)),
    ),
  );
  app.post('/v1/allowlist/destinations/remove', (c) =>
    heard(house, c, (request) =>
      decided(house, request, RemoveDestination, (client, body) => removeDestination(house, client, body)),
    ),
  );
  app.post('/v1/allowlist/mode', (c) =>
    heard(house, c, (request) =>
      decided(house, request, AllowlistMode, (client, body) => setAllowlist(house, client, body)),
    ),
  );
  app.get('/v1/customers/:id/allowlist', (c) =>
    heard(house, c, () => showAllowlist(house, house.pool, c.req.param('id'))),
  );
  app.post('/v1/limits', (c) =>
    heard(house, c, (request) =>
      decided(house, request, LimitBody, (client, body) => setLimit(house, client, body)),
    ),
  );
  app.post('/v1/tiers', (c) =>
    heard(house, c, (request) =>
      decided(house, request, TierBody, (client, body) => setTier(house, client, body)),
    ),
  );
  app.get('/v1/customers/:id/limits', (c) =>
    heard(house, c, () => showLimits(house, house.pool, c.req.param('id'))),
  );

  app.post('/v1/customers', (c) =>
    heard(house, c, async (request) =>
      // Vouchers are fresh at each answer, also where the decision is an old one.
      vouched(
        house,
        await decided(house, request, CustomerBody, (client, body) => openDeposits(house, client, body)),
      ),
    ),
  );
  app.get('/v1/customers/:id/balances', (c) =>
    heard(house, c, () => balances(house.pool, c.req.param('id'))),
  );

  app.get('/v1/deposits', (c) =>
    heard(house, c, async () => ({ status: 200, body: { deposits: await listDeposits(house.pool) } })),
  );
  app.post('/v1/house/own-funds', (c) =>
    heard(house, c, (request) =>
      decided(house, request, OwnFundsBody, (client, { deposit }) =>
        claim(house, client, request, { deposit, customer: null, why: 'brought in by the house itself' }),
      ),
    ),
  );
  app.post('/v1/deposits/claims', (c) =>
    heard(house, c, (request) =>
      decided(house, request, ClaimBody, (client, body) => claim(house, client, request, body)),
    ),
  );
  app.post('/v1/customers/lift', (c) =>
    heard(house, c, (request) => decided(house, request, LiftBody, (client, body) => liftHold(client, body))),
  );
  app.post('/v1/notices/acknowledge', (c) =>
    heard(house, c, (request) =>
      decided(house, request, AcknowledgeBody, (client, body) =>
        acknowledge(client, request.keyId, body, house.clock.now()),
      ),
    ),
  );
  app.get('/v1/status', (c) =>
    heard(house, c, async () => ({ status: 200, body: await status(house, scan) })),
  );

  app.notFound((c) =>
    send(
      c,
      problem({
        status: 404,
        code: 'no-route',
        field: 'path',
        detail: `path: there is no ${c.req.method} ${c.req.path}`,
      }),
    ),
  );
  app.onError((cause, c) => {
    log('fault', { method: c.req.method, path: c.req.path, why: cause.message, stack: cause.stack });
    // What went wrong inside is for our log. Nothing was decided, so the same request may come again.
    return send(
      c,
      problem({
        status: 500,
        code: 'fault',
        field: null,
        detail: 'nothing was decided: send the same request again, with the same idempotency key',
      }),
    );
  });
  return app;
}

/** Answers a request of the exchange, and nobody else's. */
async function heard(
  house: House,
  c: Context,
  answer: (request: SignedRequest) => Promise<Reply>,
): Promise<Response> {
  const { method, url } = c.req;
  const { pathname, search } = new URL(url);
  // RFC 9421 §2.2.6: the signed path has no query, so a query would be nobody's word.
  if (search !== '') return send(c, malformed('path', 'must have no query'));
  const body = await c.req.text();
  const signed = hear(house, method, pathname, (name) => c.req.header(name), body);
  if (signed.kind === 'refused') return send(c, signed.reply);
  if (method === 'POST' && !/^application\/json(?:;.*)?$/i.test(c.req.header('content-type') ?? '')) {
    return send(
      c,
      problem({
        status: 415,
        code: 'not-json',
        field: 'content-type',
        detail: 'content-type: must be application/json',
      }),
    );
  }
  const repeated = repeatedName(body);
  if (repeated !== undefined)
    return send(c, malformed(repeated, 'stands twice in the body: say once what is meant'));
  return send(c, await answer(signed.request));
}

/** Reads the body by its schema, and decides once. */
async function decided<S extends z.ZodType>(
  house: House,
  request: SignedRequest,
  schema: S,
  decide: (client: Client, body: z.output<S>) => Promise<Reply>,
): Promise<Reply> {
  return read(schema, request.body, (body) => once(house, request, (client) => decide(client, body)));
}

async function read<S extends z.ZodType>(
  schema: S,
  text: string,
  answer: (body: z.output<S>) => Reply | Promise<Reply>,
): Promise<Reply> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return answer(parsed.data);
  const [issue] = parsed.error.issues;
  return malformed(issue?.path.join('.') || 'body', issue?.message ?? 'is malformed');
}

async function balances(client: Client, id: string): Promise<Reply> {
  const customer = CustomerId.safeParse(id);
  const known = customer.success ? await findCustomer(client, customer.data) : undefined;
  if (!customer.success || known === undefined) {
    return problem({
      status: 404,
      code: 'unknown-customer',
      field: 'customer',
      detail: `customer: none is called ${id}`,
    });
  }
  const held = known.held_why;
  return { status: 200, body: { customer: id, held, balances: await customerBalances(client, id) } };
}

function send(c: Context, { status: code, body }: Reply): Response {
  reach('answer', 'before');
  const type = code < 400 ? 'application/json' : 'application/problem+json';
  return c.newResponse(JSON.stringify(body, bigintsAsText), code as 200, { 'content-type': type });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema then says what was expected
  }
}
