/** Who reads Japanese is told in it what is wrong, and one thing has one name there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { en } from '../pages/words/en.ts';
import { ja } from '../pages/words/ja.ts';
import { testDesk, type Asked, type TestDesk } from './testing/desk.ts';

let d: TestDesk;
let cookie: string;
beforeAll(async () => {
  d = await testDesk();
  ({ cookie } = await d.somebody('administrator'));
});
afterAll(() => d[Symbol.asyncDispose]());

const japanese = /[\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Han}]/u;

test('what the desk refuses is said in Japanese, by its code', async () => {
  const withdrawal = `/api/withdrawal?id=${'0'.repeat(64)}`;
  const asked: readonly (readonly [string, Asked])[] = [
    ['foreign-host', { path: '/api/me', headers: { host: 'elsewhere.example' } }],
    ['foreign-page', { path: '/api/me', headers: { 'sec-fetch-site': 'cross-site' } }],
    ['not-json', { path: '/api/logout', method: 'POST', headers: { 'content-type': 'text/plain' } }],
    ['logged-out', { path: '/api/me' }],
    ['wrong-role', { path: '/api/viewings', cookie }],
    ['malformed', { path: '/api/withdrawals?cursor=x', cookie }],
    ['unknown-withdrawal', { path: withdrawal, cookie }],
    ['no-route', { path: '/api/nothing', cookie }],
    ['bad-code', { path: '/api/register/begin', method: 'POST', body: { code: 'XXXXX' } }],
  ];
  for (const [code, ask] of asked) {
    const { body } = await d.ask(ask);
    expect(body).toMatchObject({ code });
    const { field } = body as { field: string | null };
    expect(ja.refused[code]?.(field ?? ''), code).toMatch(japanese);
  }
});

test('every reason is said in both languages, with whom it is about', () => {
  for (const [code, say] of Object.entries(en.overview.reasons)) {
    const said = ja.overview.reasons[code as keyof typeof en.overview.reasons];
    expect(said('XEM'), code).toMatch(japanese);
    expect(said('XEM').includes('XEM'), code).toBe(say('XEM').includes('XEM'));
  }
});

test('trading is 売買, a transaction トランザクション, and what is sent back 返還', () => {
  const all = JSON.stringify(ja, (_, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  );
  expect(all).toContain('売買');
  expect(all).not.toMatch(/取引|返戻/);
});

test('whoever looks is told their own number, and not only a name that another may have', async () => {
  const { body: me } = await d.ask({ path: '/api/me', cookie });
  const { body } = await d.ask({ path: '/api/people', cookie });
  expect(body['people']).toMatchObject([{ id: me['id'], name: me['name'] }]);
});
