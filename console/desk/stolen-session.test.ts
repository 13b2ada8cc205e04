/** Who has somebody's cookie looks as they do until it is over, and changes nothing: whatever gives rights takes the passkey again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDesk, type Somebody, type TestDesk } from './testing/desk.ts';

let d: TestDesk;
let administrator: Somebody;
beforeAll(async () => {
  d = await testDesk();
  administrator = await d.somebody('administrator');
});
afterAll(() => d[Symbol.asyncDispose]());

const me = async (cookie: string) => (await d.ask({ path: '/api/me', cookie })).status;
const accomplice = { name: 'accomplice', role: 'operator', administrator: true };
const invite = (cookie: string, response: object, asked: object = accomplice) =>
  d.ask({ path: '/api/invite/finish', method: 'POST', cookie, body: { ...asked, response } });
const begin = async (cookie: string, path: string, body: object) =>
  String((await d.ask({ path, method: 'POST', cookie, body })).body['challenge']);

test('it invites nobody without the passkey, nor with a thief’s own', async () => {
  const thief = await d.somebody('viewer');
  const challenge = await begin(administrator.cookie, '/api/invite/begin', accomplice);
  expect(await invite(administrator.cookie, thief.passkey.assert(challenge))).toMatchObject({
    status: 403,
    body: { code: 'bad-passkey' },
  });
});

test('a passkey that was shown to log in, or to invite somebody else, invites no accomplice', async () => {
  const { passkey, cookie } = administrator;
  const login = await begin('', '/api/login/begin', {});
  expect(await invite(cookie, passkey.assert(login))).toMatchObject({ status: 403 });
  const other = await begin(cookie, '/api/invite/begin', { ...accomplice, role: 'viewer' });
  expect(await invite(cookie, passkey.assert(other))).toMatchObject({ status: 403 });
});

test('what was shown once is shown once', async () => {
  const { passkey, cookie } = administrator;
  const response = passkey.assert(await begin(cookie, '/api/invite/begin', accomplice));
  expect(await invite(cookie, response)).toMatchObject({ status: 200 });
  expect(await invite(cookie, response)).toMatchObject({ status: 403 });
});

test('it is over when it is unused for too long, too old, logged out, or its person removed', async () => {
  const age = (column: string, interval: string) =>
    d.t.database.admin.query(`update desk.session set ${column} = ${column} - interval '${interval}'`);
  const { cookie } = await d.somebody('operator');
  expect(await me(cookie)).toBe(200);
  await age('seen_at', '31 minutes');
  expect(await me(cookie)).toBe(401);
  const second = await reopened();
  await age('at', '11 hours');
  expect(await me(second)).toBe(401);
  const third = await reopened();
  await d.ask({ path: '/api/logout', method: 'POST', cookie: third, body: {} });
  expect(await me(third)).toBe(401);
  const gone = await d.somebody('operator');
  await d.t.database.admin.query(
    'update desk.person p set removed_at = now() from desk.passkey k where k.person = p.id and k.id = $1',
    [gone.passkey.id],
  );
  expect(await me(gone.cookie)).toBe(401);
});

const reopened = () => d.login(administrator.passkey);

test('an administrator removes somebody by their passkey, and never themselves', async () => {
  const { passkey } = administrator;
  const cookie = await reopened();
  const viewer = await d.somebody('keeper');
  const { rows } = await d.t.database.admin.query<{ id: string; name: string }>(
    'select id::text, name from desk.person where removed_at is null',
  );
  const remove = async (name: string) => {
    const person = rows.find((one) => one.name === name)?.id;
    const response = passkey.assert(await begin(cookie, '/api/remove/begin', { person }));
    return d.ask({ path: '/api/remove/finish', method: 'POST', cookie, body: { person, response } });
  };
  expect(await remove('the keeper')).toMatchObject({ status: 200 });
  expect(await me(viewer.cookie)).toBe(401);
  expect(await remove('administrator')).toMatchObject({ status: 403, body: { code: 'yourself' } });
});

test('who is removed has no code left to come back by, nor an accomplice of theirs', async () => {
  const rogue = await d.somebody('operator', true);
  const begun = await begin(rogue.cookie, '/api/invite/begin', invited);
  const made = await d.ask({
    path: '/api/invite/finish',
    method: 'POST',
    cookie: rogue.cookie,
    body: { ...invited, response: rogue.passkey.assert(begun) },
  });
  expect(made).toMatchObject({ status: 200 });
  await d.t.database.admin.query(
    `update desk.person p set removed_at = now() from desk.passkey k where k.person = p.id and k.id = $1`,
    [rogue.passkey.id],
  );
  const body = { code: made.body['code'] };
  const back = await d.ask({ path: '/api/register/begin', method: 'POST', body });
  expect(back).toMatchObject({ status: 403, body: { code: 'bad-code' } });
});
const invited = { name: 'an accomplice', role: 'auditor', administrator: true };

test('the cookie is no script’s, no other site’s and no plain connection’s', async () => {
  const response = administrator.passkey.assert(await begin('', '/api/login/begin', {}));
  const told = await d.ask({ path: '/api/login/finish', method: 'POST', body: { response } });
  expect(told.headers.get('set-cookie')).toMatch(
    /^__Host-kuramori=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
  );
  // Nor one that somebody has planted beside it.
  expect(await me(`__Host-kuramori=planted; ${told.cookie}`)).toBe(401);
  expect(await me((told.cookie ?? '').replace('__Host-', ''))).toBe(401);
});
