/** Who may open what is the server's to say, route by route; a menu hides nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDesk, type TestDesk } from './testing/desk.ts';
import { routes } from './routes.ts';

let d: TestDesk;
beforeAll(async () => {
  d = await testDesk();
  await d.t.rich('alice', '10');
});
afterAll(() => d[Symbol.asyncDispose]());

const opens = {
  viewer: ['overview'],
  keeper: ['overview'],
  operator: ['overview', 'withdrawals'],
  approver: ['overview', 'withdrawals'],
  auditor: ['overview', 'withdrawals', 'viewings'],
} as const;

test.each(Object.entries(opens))('a %s opens %j and nothing else', async (role, rights) => {
  const { cookie } = await d.somebody(role);
  let looked = 0;
  for (const { method, path, who } of routes) {
    if (who === 'anybody' || path === '/api/logout') continue;
    looked += 1;
    const { status } = await d.ask({ path, method, cookie, ...(method === 'POST' ? { body: {} } : {}) });
    const may = who === 'somebody' || (rights as readonly string[]).includes(who);
    // What they may is looked at: a field may be wrong, the role is not.
    expect([path, status === 403], `${role}: ${status}`).toEqual([path, !may]);
  }
  expect(looked).toBeGreaterThan(8);
});

test('whoever is nobody opens nothing but the door', async () => {
  for (const { method, path, who } of routes) {
    if (who === 'anybody') continue;
    expect(await d.ask({ path, method, ...(method === 'POST' ? { body: {} } : {}) }), path).toMatchObject({
      status: 401,
    });
  }
  expect(await d.ask({ path: '/api/live' })).toMatchObject({ status: 401 });
});

test('an administrator who is a viewer invites, and sees no customer', async () => {
  const { cookie } = await d.somebody('viewer', true);
  expect(await d.ask({ path: '/api/people', cookie })).toMatchObject({ status: 200 });
  expect(await d.ask({ path: '/api/withdrawals', cookie })).toMatchObject({ status: 403 });
});

test('bad input is named', async () => {
  const { cookie } = await d.somebody('operator');
  for (const [path, field] of [
    ['/api/withdrawals?cursor=x', 'cursor'],
    ['/api/withdrawals?state=a&state=b', 'state'],
    ['/api/withdrawals?limit=9', 'body'],
    ['/api/withdrawal?id=12', 'id'],
  ] as const)
    expect(await d.ask({ path, cookie }), path).toMatchObject({ status: 400, body: { field } });
});
