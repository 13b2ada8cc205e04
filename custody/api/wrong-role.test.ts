/** A key asks only for what its roles allow, on every route that there is; and not before its time, nor after it was removed. */
import { generateSigningKey, Role } from '@kuramori/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../core/testing/house.ts';
import { api } from './answer.ts';
import { routes } from './routes.ts';
import { exchangeKey, keyId, send, signed } from '../testing/exchange.ts';
import { changed, idleScans, testHouse, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
});
afterAll(() => t[Symbol.asyncDispose]());

const now = () => Math.floor(t.clock.ms / 1000);
const appWith = (more: Parameters<typeof keyOf>[2]) =>
  api(
    changed(t.house, { exchange: { id: 'exchange-1', keys: [keyOf(keyId, exchangeKey.publicKey, more)] } }),
    idleScans,
  );
const examples: Readonly<Record<string, string>> = {
  customer: 'alice',
  asset: 'nem:xem',
  id: '0'.repeat(64),
  webhook: 'none',
};
const pathOf = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => examples[name] ?? name);
const asked = ({ method, path }: { method: 'GET' | 'POST'; path: string }) =>
  signed({ method, path: pathOf(path), created: now(), ...(method === 'POST' ? { body: {} } : {}) });

test('there are routes to look at, and each role has one', () => {
  expect(routes.length).toBeGreaterThan(8);
  expect(new Set(routes.map(({ role }) => role))).toEqual(new Set(Role.options));
});

describe.each(routes.map((route) => [route.name, route] as const))('%s', (_name, route) => {
  test('with every role but its own: refused, before anything is read of what was asked', async () => {
    const roles = Role.options.filter((role) => role !== route.role);
    expect(await send(appWith({ roles }), asked(route))).toMatchObject({
      status: 403,
      body: { code: 'wrong-role', detail: expect.stringContaining(route.role) as string },
    });
  });

  test('with its own alone: heard', async () => {
    const answer = await send(appWith({ roles: [route.role] }), asked(route));
    expect([200, 400, 404, 503]).toContain(answer.status);
  });
});

describe('a key that was added', () => {
  const look = (created = now()) => signed({ path: '/v1/status', created });

  test('is not heard before its time, and is from then on', async () => {
    expect(await send(appWith({ notBefore: now() + 60 }), look())).toMatchObject({
      status: 401,
      body: { code: 'key-not-yet', field: 'keyid' },
    });
    expect(await send(appWith({ notBefore: now() }), look())).toMatchObject({ status: 200 });
  });

  test('nor for what it has signed before: whoever had it early keeps nothing for later', async () => {
    expect(await send(appWith({ notBefore: now() - 10 }), look(now() - 20))).toMatchObject({
      status: 401,
      body: { code: 'key-not-yet' },
    });
  });
});

test('a key that the policy names no more is refused at once, and its name alone is nothing', async () => {
  const request = signed({ path: '/v1/status', created: now() });
  const without = api(
    changed(t.house, { exchange: { id: 'exchange-1', keys: [keyOf('key-9', exchangeKey.publicKey)] } }),
    idleScans,
  );
  expect(await send(without, request)).toMatchObject({ status: 401, body: { code: 'unknown-key' } });
  const replaced = api(
    changed(t.house, {
      exchange: { id: 'exchange-1', keys: [keyOf(keyId, generateSigningKey().publicKey)] },
    }),
    idleScans,
  );
  expect(await send(replaced, request)).toMatchObject({ status: 401, body: { code: 'bad-signature' } });
});
