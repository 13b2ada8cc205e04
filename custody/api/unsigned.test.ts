/** Only the exchange is heard: every part of a request that carries meaning is under its signature, and for a short time. */
import { generateSigningKey, requestHeaders } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchangeKey, from, send, signed } from '../testing/exchange.ts';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
  await t.rich('alice', '100');
});
afterAll(() => t[Symbol.asyncDispose]());

const body = {
  customer: 'alice',
  asset: 'nem:xem',
  amount: xem('10'),
  destination: { address: person().address, memo: '' },
  feeCap: xem('1'),
};
const now = () => Math.floor(t.clock.ms / 1000);
const request = (more: { created?: number; expires?: number; keyId?: string } = {}, key = exchangeKey) =>
  signed({ path: '/v1/withdrawals', body, created: now(), ...more }, key);
const refusedFor = (field: string) => ({ status: 401, body: { status: 401, field } });

test('a header that is missing or malformed', async () => {
  for (const name of ['signature', 'signature-input', 'content-digest', 'idempotency-key']) {
    for (const value of ['', 'x', 'sig=()']) {
      expect(await send(t.app, request(), { headers: { [name]: value } }), `${name}: ${value}`).toMatchObject(
        { status: 401 },
      );
    }
  }
  const plain = await t.app.request('http://127.0.0.1/v1/status');
  expect(plain.status).toBe(401);
});

test('a body, path, method, key or time other than the signed one', async () => {
  const one = request();
  const altered = one.body.replace(xem('10'), xem('90'));
  expect(await send(t.app, one, { body: altered })).toMatchObject(refusedFor('content-digest'));
  const resigned = signed({ path: '/v1/withdrawals', body: altered, created: now() }, generateSigningKey());
  expect(await send(t.app, resigned)).toMatchObject(refusedFor('signature'));
  expect(
    await send(t.app, signed({ path: '/v1/customers', body, created: now() }), { path: '/v1/withdrawals' }),
  ).toMatchObject(refusedFor('signature'));
  expect(await send(t.app, request(), { headers: { 'idempotency-key': 'another' } })).toMatchObject(
    refusedFor('signature'),
  );
  const read = signed({ path: '/v1/status', created: now() });
  expect(await send(t.app, read, { path: '/v1/deposits' })).toMatchObject(refusedFor('signature'));
  const input = `sig=("@method" "@path" "@query" "content-digest" "idempotency-key");created=${now() + 5};expires=${now() + 65};keyid="key-1";alg="ed25519"`;
  expect(
    await send(t.app, request({ created: now() - 20 }), { headers: { 'signature-input': input } }),
  ).toMatchObject(refusedFor('signature'));
});

test('a query other than the signed one', async () => {
  const read = signed({ path: '/v1/deposits', query: 'state=held', created: now() });
  expect(await send(t.app, read)).toMatchObject({ status: 200 });
  for (const query of ['?state=credited', '?state=held&limit=1', '?state=hel%64', '', '?'])
    expect(await send(t.app, read, { path: `/v1/deposits${query}` }), query).toMatchObject(
      refusedFor('signature'),
    );
  const without = signed({ path: '/v1/deposits', created: now() });
  expect(await send(t.app, without, { path: '/v1/deposits?state=held' })).toMatchObject(
    refusedFor('signature'),
  );
});

test('a path spelt otherwise than it is routed', async () => {
  const read = signed({ path: '/v1/status', created: now() });
  for (const path of ['//v1/status', '/v1//status', '/v1/status/'])
    expect((await send(t.app, read, { path })).status, path).toBeGreaterThanOrEqual(400);
  const escaped = await t.app.request(
    'http://127.0.0.1/v1/%73tatus',
    { headers: requestHeaders(read) },
    from('127.0.0.1'),
  );
  expect([escaped.status, ((await escaped.json()) as { field: string }).field]).toEqual([400, 'path']);
  // A path that leads elsewhere leads there before it is verified: what is signed is what is answered.
  const astray = await t.app.request(
    'http://127.0.0.1/v1/status/../deposits',
    {
      headers: requestHeaders(read),
    },
    from('127.0.0.1'),
  );
  expect(astray.status).toBe(401);
});

test('a key that the policy does not name', async () => {
  expect(await send(t.app, request({ keyId: 'key-3' }))).toMatchObject(refusedFor('keyid'));
  expect(await send(t.app, request({ keyId: 'key-2' }))).toMatchObject(refusedFor('signature'));
});

test('too early, too late, for too long', async () => {
  expect(await send(t.app, request({ created: now() + 31, expires: now() + 60 }))).toMatchObject(
    refusedFor('created'),
  );
  expect(await send(t.app, request({ created: now() - 100, expires: now() - 31 }))).toMatchObject(
    refusedFor('expires'),
  );
  expect(await send(t.app, request({ created: now(), expires: now() + 301 }))).toMatchObject(
    refusedFor('expires'),
  );
  expect(await send(t.app, request({ created: now(), expires: now() }))).toMatchObject(refusedFor('expires'));
  expect(await send(t.app, request({ created: now() + 29, expires: now() + 300 }))).toMatchObject({
    status: 201,
  });
  expect(await send(t.app, request({ created: now() - 300, expires: now() - 29 }))).toMatchObject({
    status: 201,
  });
});

test('health is everybody’s to know, and idleness on a devnet', async () => {
  expect((await t.app.request('http://127.0.0.1/healthz')).status).toBe(200);
  const idle = await t.app.request('http://127.0.0.1/v1/idle');
  // Two withdrawals were accepted above, and nobody works on them here.
  expect(await idle.json()).toEqual({ idle: false });
});
