/** A stolen key is of no use from elsewhere: it is taken only from its own addresses, and whoever claims to be there is not believed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../core/testing/house.ts';
import { api } from './answer.ts';
import type { CallerAddress } from './address.ts';
import { exchangeKey, from, keyId, send, signed } from '../testing/exchange.ts';
import { changed, idleScans, testHouse, type TestHouse } from '../testing/house.ts';
import { requestHeaders } from '@kuramori/core';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
});
afterAll(() => t[Symbol.asyncDispose]());

const addresses = ['203.0.113.0/24', '198.51.100.7/32', '2001:db8:1::/48'];
const appFor = (callerAddress: CallerAddress) =>
  api(
    changed(t.house, {
      exchange: { id: 'exchange-1', keys: [keyOf(keyId, exchangeKey.publicKey, { addresses })] },
      callerAddress,
    }),
    idleScans,
  );
const look = () => signed({ path: '/v1/status', created: Math.floor(t.clock.ms / 1000) });
const foreign = { status: 403, body: { code: 'foreign-address' } };

describe('called directly', () => {
  test.each(['203.0.113.1', '203.0.113.255', '198.51.100.7', '::ffff:203.0.113.9', '2001:db8:1:2::3'])(
    'from %s',
    async (address) => {
      const app = appFor({ kind: 'connection' });
      expect(await send(app, look(), { from: address })).toMatchObject({ status: 200 });
    },
  );

  test.each([
    '203.0.114.1',
    '198.51.100.8',
    '127.0.0.1',
    '::1',
    '2001:db8:2::1',
    '::ffff:203.0.114.1',
    'localhost',
    '',
  ])('not from %s', async (address) => {
    const app = appFor({ kind: 'connection' });
    expect(await send(app, look(), { from: address })).toMatchObject(foreign);
  });

  test('nor from a connection that does not tell', async () => {
    const request = look();
    const app = appFor({ kind: 'connection' });
    for (const bindings of [undefined, {}, from(undefined as never)]) {
      const url = 'http://127.0.0.1/v1/status';
      const response = await app.request(url, { headers: requestHeaders(request) }, bindings);
      expect(response.status).toBe(403);
    }
  });

  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip'])(
    'with %s: somebody stands between of whom the configuration does not know',
    async (name) => {
      const app = appFor({ kind: 'connection' });
      for (const address of ['203.0.113.1', '127.0.0.1'])
        expect(await send(app, look(), { from: address, headers: { [name]: '203.0.113.1' } })).toMatchObject({
          ...foreign,
          body: { field: name },
        });
    },
  );
});

describe('behind a proxy of ours', () => {
  const one: CallerAddress = { kind: 'forwarded', proxies: 1 };
  const two: CallerAddress = { kind: 'forwarded', proxies: 2 };
  const sent = async (by: CallerAddress, told: string | undefined) =>
    (await send(appFor(by), look(), told === undefined ? {} : { headers: { 'x-forwarded-for': told } }))
      .status;

  test('the address that it has appended', async () => {
    expect(await sent(one, '203.0.113.1')).toBe(200);
    expect(await sent(one, '192.0.2.1, 203.0.113.1')).toBe(200);
    expect(await sent(two, '203.0.113.1, 10.0.0.1')).toBe(200);
  });

  test('not the one that the caller has put before it', async () => {
    expect(await sent(one, '203.0.113.1, 192.0.2.1')).toBe(403);
    expect(await sent(one, '203.0.113.1,203.0.113.1 , 192.0.2.1')).toBe(403);
    expect(await sent(two, '203.0.113.1, 192.0.2.1, 10.0.0.1')).toBe(403);
  });

  test.each([
    undefined,
    '',
    'unknown',
    '203.0.113.1:443',
    '[2001:db8:1::1]',
    '203.0.113.1,',
    '203.0.113.001',
  ])('where it tells %s, nobody is heard', async (told) => {
    expect(await sent(one, told)).toBe(403);
  });

  test('fewer proxies than there should be: the caller went round one', async () => {
    expect(await sent(two, '203.0.113.1')).toBe(403);
  });
});
