/** A call whose answer was lost is sent again as the same request, and never as another one. */
import { generateSigningKey, readRequest, verifyRequest } from '@kuramori/core';
import { describe, expect, it } from 'vitest';
import { openClient, Refused, Unanswered } from './index.ts';

const key = generateSigningKey();
const time = { ms: Date.UTC(2026, 0, 26, 0, 2) };

interface Seen {
  readonly url: URL;
  readonly init: RequestInit;
  readonly at: number;
}

const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': status < 300 ? 'application/json' : 'application/problem+json', ...headers },
  });
const problem = (status: number, code: string, headers = {}) =>
  json(
    status,
    { type: `urn:kuramori:problem:${code}`, title: code, status, code, field: null, detail: code },
    headers,
  );

/** Answers in turn; a text is a connection that breaks with it. */
function house(...answers: (Response | string)[]) {
  const seen: Seen[] = [];
  const client = openClient({
    url: 'https://custody.example',
    keyId: 'key-1',
    key,
    now: () => time.ms,
    pauseMs: 1,
    fetch: async (url, init) => {
      seen.push({ url: new URL(url), init, at: time.ms });
      // As long as the signature of the try before lives, and longer.
      time.ms += 130_000;
      const answer = answers[seen.length - 1];
      if (answer === undefined || typeof answer === 'string') throw new TypeError(answer ?? 'too many');
      return answer;
    },
  });
  return { client, seen };
}

const header = ({ init }: Seen, name: string) => new Headers(init.headers).get(name) ?? undefined;
const body = { customer: 'alice' };
const opened = { customer: 'alice', asset: 'nem:xem', address: 'A', message: '1' };

describe('asked again', () => {
  it.each([
    ['a connection that broke', 'socket hang up'],
    ['a fault', problem(500, 'fault')],
    [
      'a proxy that speaks for custody',
      new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }),
    ],
    [
      'a proxy that says it is done',
      new Response('ok', { status: 200, headers: { 'content-type': 'text/html' } }),
    ],
    ['a key that asked too often', problem(429, 'too-many-requests', { 'retry-after': '0' })],
  ])('after %s: same key, same body, signed anew', async (_what, first) => {
    const { client, seen } = house(first, json(201, opened));
    const answer = await client.call('openCustomer', { body, idempotencyKey: 'one' });
    expect(answer).toMatchObject({
      kind: 'done',
      status: 201,
      body: opened,
      request: { idempotencyKey: 'one' },
    });
    expect(seen).toHaveLength(2);
    for (const one of seen) {
      const text = one.init.body as string;
      const read = readRequest('POST', one.url.pathname, '', (name) => header(one, name), text);
      if (read.kind === 'refused') throw new Error(read.why);
      expect(read.request).toMatchObject({ idempotencyKey: 'one', body: JSON.stringify(body) });
      expect(read.request.created).toBe(Math.floor(one.at / 1000));
      expect(verifyRequest(key.publicKey, read.request)).toBe(true);
    }
  });

  it('a look without a key of its own has one and the same key at each try', async () => {
    const { client, seen } = house('reset', json(200, { customer: 'alice', balances: [] }));
    await client.call('showBalances', { params: { customer: 'alice' } });
    const keys = seen.map((one) => header(one, 'idempotency-key'));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('not without end; then it is said that nobody knows, and with which key to ask again', async () => {
    const { client, seen } = house('a', 'b', 'c', 'd');
    const asked = client.call('openCustomer', { body, idempotencyKey: 'lost' });
    await expect(asked).rejects.toThrow(Unanswered);
    await expect(asked).rejects.toThrow(/idempotency key lost/);
    expect(seen).toHaveLength(4);
  });
});

describe('not asked again', () => {
  it.each([
    [400, 'malformed'],
    [401, 'bad-signature'],
    [403, 'wrong-role'],
    [409, 'key-reused'],
    [422, 'unknown-customer'],
  ])('after %d: the problem is the answer', async (status, code) => {
    const { client, seen } = house(problem(status, code));
    const answer = await client.call('openCustomer', { body, idempotencyKey: 'one' });
    expect(answer).toMatchObject({ kind: 'problem', problem: { status, code } });
    expect(seen).toHaveLength(1);
  });

  it('nobody is followed elsewhere', async () => {
    const { client, seen } = house(json(200, {}));
    await client.call('showStatus', {});
    expect(seen[0]?.init.redirect).toBe('error');
  });
});

describe('pages', () => {
  const item = (id: string) => ({ event: Number(id), object: id });
  it('go from cursor to cursor with the same filter, until there is none', async () => {
    const { client, seen } = house(
      json(200, { items: [item('1'), item('2')], next: 'c1' }),
      json(200, { items: [item('3')], next: null }),
    );
    const params = { webhook: 'hook' };
    const all = await Array.fromAsync(
      client.pages('listDeliveries', { params, query: { state: 'due', limit: 2 } }),
    );
    expect(all.map(({ event }) => event)).toEqual([1, 2, 3]);
    expect(seen.map(({ url }) => url.search)).toEqual(['?state=due&limit=2', '?state=due&limit=2&cursor=c1']);
  });

  it('a list that grows ends at its end for now', async () => {
    const { client } = house(
      json(200, { items: [item('1')], next: 'c1' }),
      json(200, { items: [], next: 'c1' }),
    );
    expect(await Array.fromAsync(client.pages('listEvents', {}))).toHaveLength(1);
  });

  it('a page that is refused is thrown, with the problem', async () => {
    const { client } = house(problem(400, 'malformed'));
    const all = Array.fromAsync(client.pages('listEvents', {}));
    await expect(all).rejects.toThrow(Refused);
  });
});

it.each(['', '.', '..', 'a/b', 'a%2fb', 'a?b', 'é'])(
  'an id of %j cannot lead to another path',
  async (customer) => {
    const { client, seen } = house();
    await expect(client.call('showBalances', { params: { customer } })).rejects.toThrow(
      /cannot stand in a path/,
    );
    expect(seen).toEqual([]);
  },
);

it('what the types refuse', () => {
  const { client } = house();
  // Never called: the compiler is what is tested.
  const wrong = () => [
    // @ts-expect-error a decision has an idempotency key
    client.call('openCustomer', { body }),
    // @ts-expect-error a body is as custody reads it
    client.call('openCustomer', { body: { customr: 'alice' }, idempotencyKey: 'one' }),
    // @ts-expect-error a path has its parameters
    client.call('showBalances', {}),
    // @ts-expect-error a filter is one that there is
    client.call('listDeposits', { query: { state: 'lost' } }),
    // @ts-expect-error only lists have pages
    client.pages('showStatus', {}),
  ];
  expect(wrong).toBeTypeOf('function');
});
