/** A key that asks too often waits; a stranger's flood takes nothing of what is the key's. */
import { generateSigningKey, requestHeaders } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api } from './answer.ts';
import { openRates, type RateConfig } from './rate.ts';
import { from, keyId, secondKey, send, signed } from '../testing/exchange.ts';
import { changed, idleScans, testHouse, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
});
afterAll(() => t[Symbol.asyncDispose]());

const time = { ms: 0 };
const appWith = (config: RateConfig) =>
  api(changed(t.house, { rates: openRates(config, () => time.ms) }), idleScans);
const look = (more: { keyId?: string } = {}, key?: typeof secondKey) =>
  signed({ path: '/v1/customers/nobody/balances', created: Math.floor(t.clock.ms / 1000), ...more }, key);
const statuses = async (app: ReturnType<typeof appWith>, times: number) => {
  const answers = await Promise.all(Array.from({ length: times }, () => send(app, look())));
  return answers.map(({ status }) => status).sort((a, b) => a - b);
};

test('a burst, then one for each moment that passes; the answer says how long to wait', async () => {
  const app = appWith({ perSecond: 0.5, burst: 3, keys: {} });
  expect(await statuses(app, 5)).toEqual([404, 404, 404, 429, 429]);
  const headers = await app.request(
    'http://127.0.0.1/v1/customers/nobody/balances',
    { headers: requestHeaders(look()) },
    from('127.0.0.1'),
  );
  expect([headers.status, headers.headers.get('retry-after')]).toEqual([429, '2']);
  time.ms += 2_000;
  expect(await statuses(app, 2)).toEqual([404, 429]);
  time.ms += 3_600_000;
  expect(await statuses(app, 5)).toEqual([404, 404, 404, 429, 429]);
});

test('a clock that goes back gives nothing', () => {
  const rates = openRates({ perSecond: 1, burst: 1, keys: {} }, () => time.ms);
  expect(rates.take(keyId)).toBe(0);
  time.ms -= 60_000;
  expect(rates.take(keyId)).toBe(1);
  time.ms += 60_000;
});

test('each key has its own bucket, and its own size where it is configured', async () => {
  const app = appWith({ perSecond: 0.001, burst: 1, keys: { 'key-2': { perSecond: 1, burst: 4 } } });
  expect(await statuses(app, 2)).toEqual([404, 429]);
  for (let asked = 0; asked < 4; asked += 1)
    expect(await send(app, look({ keyId: 'key-2' }, secondKey))).toMatchObject({ status: 404 });
  expect(await send(app, look({ keyId: 'key-2' }, secondKey))).toMatchObject({ status: 429 });
});

test('a thousand requests in the name of a key, unsigned, badly signed, from elsewhere or expired: it can still ask', async () => {
  const app = appWith({ perSecond: 0.001, burst: 1, keys: {} });
  const thief = generateSigningKey();
  const old = signed({
    path: '/v1/customers/nobody/balances',
    created: Math.floor(t.clock.ms / 1000) - 500,
  });
  for (let flood = 0; flood < 250; flood += 1) {
    await send(app, look({}, thief));
    await send(app, look(), { headers: { signature: 'x' } });
    await send(app, look(), { headers: { forwarded: 'for=203.0.113.1' } });
    await send(app, old);
  }
  expect(await statuses(app, 2)).toEqual([404, 429]);
});

test('a request that was turned away is decided as if it came for the first time', async () => {
  const app = appWith({ perSecond: 1, burst: 1, keys: {} });
  const open = signed({
    path: '/v1/customers',
    body: { customer: 'alice' },
    created: Math.floor(t.clock.ms / 1000),
  });
  expect(await statuses(app, 1)).toEqual([404]);
  expect(await send(app, open)).toMatchObject({ status: 429 });
  time.ms += 1_000;
  expect(await send(app, open)).toMatchObject({ status: 201 });
});
