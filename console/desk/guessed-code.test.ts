/** The first administrator's code: whoever finds an old one, a used one or the database's copy gets nothing, and nobody tries many. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPasskey, testDesk, type TestDesk } from './testing/desk.ts';
import { newCode } from './code.ts';
import { firstCode } from './people.ts';

let d: TestDesk;
beforeAll(async () => {
  d = await testDesk({ perMinute: 1, burst: 12 });
});
afterAll(() => d[Symbol.asyncDispose]());

const begin = (code: string) => d.ask({ path: '/api/register/begin', method: 'POST', body: { code } });
const none = { status: 403, body: { code: 'bad-code' } };

test('a guess, an older start’s code and one that expired are all answered alike', async () => {
  expect(await begin(newCode())).toMatchObject(none);
  const second = (await firstCode(d.desk)) ?? '';
  expect(await begin(d.code)).toMatchObject(none);
  await d.t.database.admin.query("update desk.invitation set expires_at = now() - interval '1 second'");
  const late = await begin(second);
  expect(late).toMatchObject(none);
  expect(late.body).toEqual((await begin(newCode())).body);
});

test('the database holds no code that could be used', async () => {
  const code = (await firstCode(d.desk)) ?? '';
  const { rows } = await d.t.database.admin.query('select i::text as row from desk.invitation i');
  expect(rows.length).toBeGreaterThan(2);
  for (const part of [code, code.replaceAll('-', ''), Buffer.from(code).toString('hex')])
    expect(JSON.stringify(rows)).not.toContain(part);
});

test('it works once, however it is typed; then no start prints another', async () => {
  const code = (await firstCode(d.desk)) ?? '';
  const typed = ` ${code.toLowerCase().replaceAll('-', ' ')}`;
  const [one, two] = [await begin(typed), await begin(typed)];
  expect([one.status, two.status]).toEqual([200, 200]);
  const finish = ({ body }: typeof one, more = {}) => {
    const passkey = newPasskey((body['user'] as { id: string }).id);
    const response = passkey.attest(String(body['challenge']), more);
    return d.ask({ path: '/api/register/finish', method: 'POST', body: { code, response } });
  };
  // By a page elsewhere, or an authenticator that did not look who holds it: the code is still good.
  expect(await finish(one, { origin: 'https://console.example.com.evil.example' })).toMatchObject({
    status: 403,
  });
  const again = await begin(code);
  expect(await finish(again, { verified: false })).toMatchObject({ status: 403 });
  expect(await finish(two)).toMatchObject({ status: 200 });
  expect(await begin(code)).toMatchObject(none);
  expect(await firstCode(d.desk)).toBeNull();
});

test('whoever goes on trying waits', async () => {
  let last = await begin(newCode());
  for (let tries = 0; tries < 12 && last.status !== 429; tries += 1) last = await begin(newCode());
  expect(last).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
});
