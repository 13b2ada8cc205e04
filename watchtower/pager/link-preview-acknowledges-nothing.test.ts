/** A link is followed by whatever reads messages: previews, scanners, proxies. Looking answers nothing; the button does, for whom it was made. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDesk, type Desk } from './testing/desk.ts';
import { jsonOf } from './testing/receiver.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  await desk.tell('tower-1', 'alarm: frozen', { why: '<script>alert(1)</script>' });
  await desk.pass(11);
});
afterEach(() => desk[Symbol.asyncDispose]());

/** The link as the person got it, at the door of this test. */
function linkOf(person: 'aiko' | 'ben'): string {
  const came = desk.receivers[person].came.find(({ body }) => body.includes('page.called'));
  if (!came) throw new Error(`${person} was not called`);
  const { link } = jsonOf(came)['data'] as { link: string };
  return desk.url() + new URL(link).pathname;
}
const state = () => desk.pages()[0]?.state;

it('GET and HEAD, as often as they come, show a page with a button and answer nothing', async () => {
  for (let n = 0; n < 5; n += 1) {
    const seen = await fetch(linkOf('ben'));
    const html = await seen.text();
    expect(seen.status).toBe(200);
    expect(html).toContain('<form method="post"><button>I am on it');
    expect(html).toContain('対応します');
    expect(html).toContain('You answer as ben');
    expect(html).not.toContain('<script>');
    expect(seen.headers.get('cache-control')).toBe('no-store');
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer');
    expect(seen.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(linkOf('ben'), { method: 'HEAD' })).status).toBe(200);
  }
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH'])
    expect((await fetch(linkOf('ben'), { method })).status).toBe(405);
  expect(state()).toBe('open');
  expect(desk.said('acknowledged')).toEqual([]);
});

it('the button answers, for whom the link was made; a second time it says who has', async () => {
  const answered = await fetch(linkOf('ben'), { method: 'POST' });
  expect(answered.status).toBe(200);
  expect(await answered.text()).toContain('Answered by ben');
  expect(state()).toBe('acknowledged');
  expect(await (await fetch(linkOf('aiko'), { method: 'POST' })).text()).toContain('Answered by ben');
  expect(desk.said('acknowledged')).toMatchObject([{ by: 'ben', how: 'link' }]);
});

it('a guessed link, another page’s, or one changed in one letter is nobody’s', async () => {
  await desk.tell('tower-1', 'claims above holdings');
  await desk.pass(0);
  const other = desk.pages()[1]?.id ?? '';
  const link = linkOf('ben');
  const token = link.split('/').at(-1) ?? '';
  for (const path of [
    link.slice(0, -1),
    `${link}x`,
    link.replace(token, (token.startsWith('A') ? 'B' : 'A') + token.slice(1)),
    link.replace(/p-[0-9a-f]{8}/, other),
    link.replace(token, ''),
    `${link}/x`,
    link.replace('/a/', '/A/'),
  ]) {
    expect((await fetch(path, { method: 'POST' })).status, path).toBe(404);
  }
  expect(desk.said('acknowledged')).toEqual([]);
});

it('links made before a restart still answer', async () => {
  const link = new URL(linkOf('ben')).pathname;
  await desk.restart();
  expect((await fetch(desk.url() + link, { method: 'POST' })).status).toBe(200);
  expect(state()).toBe('acknowledged');
});
