/** What no watchtower has signed just now changes nothing: forged, altered, recorded, somebody else's, endless, or too much. */
import { connect } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { openDesk, post, secretOf, type Desk } from './testing/desk.ts';

let desk: Desk;
beforeEach(async () => void (desk = await openDesk()));
afterEach(() => desk[Symbol.asyncDispose]());

const body = JSON.stringify({ at: 1, chainTime: 1, event: 'alarm: frozen' });
const hook = (tower = 'tower-1') => `${desk.url()}/hook/${tower}`;
const send = async (path: string, headers: Record<string, string>, text = body, method = 'POST') =>
  (await fetch(desk.url() + path, { method, headers, ...(method === 'POST' ? { body: text } : {}) })).status;
const signed = (text: string, at: number, secret = 1, id = 'msg_1') => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at / 1000)),
  'webhook-signature': new Webhook(secretOf(secret)).sign(id, new Date(at), text),
});

describe('a forged event', () => {
  it('opens no page, and the true one does', async () => {
    const now = desk.clock.ms;
    const good = signed(body, now);
    const path = '/hook/tower-1';
    const { 'webhook-signature': _, ...unsigned } = good;
    expect(await send(path, unsigned)).toBe(401);
    expect(await send(path, { ...good, 'webhook-signature': 'v1,' })).toBe(401);
    expect(await send(path, { ...good, 'webhook-id': 'msg_2' })).toBe(401);
    expect(await send(path, { ...good, 'webhook-id': '' })).toBe(401);
    expect(await send(path, { ...good, 'webhook-timestamp': String(now / 1000 + 1) })).toBe(401);
    expect(await send(path, { ...good, 'webhook-timestamp': 'x' })).toBe(401);
    expect(await send(path, good, body.replace('frozen', 'thawed'))).toBe(401);
    expect(await send(path, signed(body, now, 2))).toBe(401);
    expect(await send('/hook/tower-2', good)).toBe(401);
    expect(await send('/hook/tower-4', good)).toBe(404);
    expect(await send('/hook/tower-1/', good)).toBe(404);
    expect(await send('/hook', good)).toBe(404);
    expect(await send(path, good, body, 'GET')).toBe(404);
    expect(desk.pages()).toEqual([]);
    expect(desk.said('told')).toEqual([]);
    expect(await send(path, good)).toBe(204);
    expect(desk.pages().length).toBe(1);
  });

  it('recorded and sent again later is too old; and one from ahead is no better', async () => {
    for (const [away, status] of [
      [-301_000, 401],
      [301_000, 401],
      [-299_000, 204],
    ] as const)
      expect(await post(hook(), body, `msg_${randomUUID()}`, desk.clock.ms + away, 1), `${away}`).toBe(
        status,
      );
  });

  it('signed, but no event, is refused', async () => {
    for (const text of ['', '{', '[]', '{"event":5,"at":1}', '{"event":"","at":1}', '{"event":"alarm"}'])
      expect(await post(hook(), text, `msg_${randomUUID()}`, desk.clock.ms, 1), text).toBe(400);
  });

  it('longer than 64 KiB is cut off, however well it is signed', async () => {
    const long = JSON.stringify({ at: 1, event: 'alarm', why: 'x'.repeat(65 * 1024) });
    const status = await post(hook(), long, 'msg_1', desk.clock.ms, 1).catch(() => 'cut off');
    expect([413, 'cut off']).toContain(status);
    expect(desk.said('told')).toEqual([]);
  });

  it('hostile words in a true one stay words', async () => {
    await desk.tell('tower-1', 'alarm', {
      why: 'over\nSince: never\u202e \u0000',
      ['x'.repeat(100)]: 'y'.repeat(10_000),
      signer: '\ud800',
    });
    await desk.tell('tower-1', 'z'.repeat(500));
    await desk.pass(0);
    const [page] = desk.pages();
    expect(page?.what.split('\n').slice(0, 2)).toEqual(['tower-1: alarm', 'why: over Since: never   ']);
    expect(page?.what.length).toBeLessThan(500);
    expect(desk.called().length).toBe(2);
  });

  it('a watchtower that was taken tells a thousand: at most 120 a minute are taken, and the others are heard', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 200; n += 1) statuses.push(await desk.tell('tower-1', `made up ${n}`));
    expect(statuses.filter((status) => status === 204).length).toBe(120);
    expect(statuses.at(-1)).toBe(429);
    expect(await desk.tell('tower-2', 'alarm: frozen')).toBe(204);
    expect(desk.pages().length).toBe(2);
    desk.clock.ms += 60_000;
    expect(await desk.tell('tower-1', 'made up again')).toBe(204);
  });

  it('whoever opens connections and says nothing keeps nobody out for long', async () => {
    const port = Number(new URL(desk.url()).port);
    const sockets = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    expect(await desk.tell('tower-1', 'alarm: frozen')).toBe(204);
    for (const socket of sockets) socket.destroy();
  });
});
