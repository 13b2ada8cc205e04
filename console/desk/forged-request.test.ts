/** What another site, a rebound name or a form makes somebody's browser ask is refused, whatever cookie comes with it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { origin, testDesk, type Asked, type TestDesk } from './testing/desk.ts';

let d: TestDesk;
let cookie: string;
beforeAll(async () => {
  d = await testDesk();
  ({ cookie } = await d.somebody('administrator'));
});
afterAll(() => d[Symbol.asyncDispose]());

const logout: Asked = { path: '/api/logout', method: 'POST', body: {} };
const refusals: readonly (readonly [string, Asked, string])[] = [
  ['another site’s form', { ...logout, headers: { origin: 'https://evil.example' } }, 'foreign-page'],
  ['a page that hides where it is', { ...logout, headers: { origin: 'null' } }, 'foreign-page'],
  ['the same site’s other name', { ...logout, headers: { 'sec-fetch-site': 'same-site' } }, 'foreign-page'],
  ['a read from elsewhere', { path: '/api/me', headers: { 'sec-fetch-site': 'cross-site' } }, 'foreign-page'],
  ['text that is no JSON', { ...logout, headers: { 'content-type': 'text/plain' } }, 'not-json'],
  ['a name that was made to point here', { ...logout, headers: { host: 'evil.example' } }, 'foreign-host'],
  [
    'a name that was made to point here, for a page',
    { path: '/', headers: { host: 'localhost' } },
    'foreign-host',
  ],
];

test.each(refusals)('%s', async (_what, asked, code) => {
  expect(await d.ask({ ...asked, cookie })).toMatchObject({ body: { code } });
  // Nothing was done.
  expect(await d.ask({ path: '/api/me', cookie })).toMatchObject({ status: 200 });
});

test('every answer forbids scripts, frames and pictures of others; refusals, too', async () => {
  for (const path of ['/', '/withdrawals', '/api/me', '/api/nothing', '/nothing.js']) {
    const { headers } = await d.ask({ path });
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
    ])
      expect(policy, path).toContain(part);
    expect(policy).not.toMatch(/unsafe|data:|\*|http/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).not.toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('no path leads out of the pages', async () => {
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/assets/..%2f..%2fpackage.json',
    '/made-from',
  ]) {
    const { status, headers } = await d.ask({ path });
    expect([status, headers.get('content-type')].join(' '), path).toMatch(/^404|text\/html/);
  }
  expect(new URL(origin).protocol).toBe('https:');
});
