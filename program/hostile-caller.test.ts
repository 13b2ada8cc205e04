import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { serveRoutes } from './index.ts';
import { send } from './testing/send.ts';

const routes = {
  echo: { path: '/v1/echo', asked: z.strictObject({ text: z.string() }), answered: z.unknown() },
} as const;

const folder = mkdtempSync(join(tmpdir(), 'kuramori-serve-'));
const socket = join(folder, 'socket');
let server: Awaited<ReturnType<typeof serveRoutes>>;
beforeAll(async () => {
  process.umask(0o077);
  server = await serveRoutes({ socket }, routes, { echo: ({ text }) => ({ text }) });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const alive = async () => (await send(socket, '/v1/echo', '{"text":"hello"}')).status === 200;

describe('a hostile caller of the socket', () => {
  it('nobody but this user can open it', () => {
    expect(statSync(socket).mode & 0o077).toBe(0);
  });

  it.each([
    [0o700, false],
    [0o710, true],
    [0o711, false],
    [0o755, false],
    [0o750, true],
  ])('in a folder of mode %o the group can: %s, and never where others may enter', async (mode, group) => {
    const inside = join(folder, mode.toString(8));
    mkdirSync(inside);
    chmodSync(inside, mode);
    const one = await serveRoutes({ socket: join(inside, 'socket') }, routes, {
      echo: ({ text }) => ({ text }),
    });
    expect((statSync(join(inside, 'socket')).mode & 0o020) !== 0).toBe(group);
    await one.close();
  });

  it.each([
    ['no route', '{}', '/v1/nothing', 'POST', 404],
    ['another method', '', '/v1/echo', 'GET', 404],
    ['an empty body', '', '/v1/echo', 'POST', 400],
    ['no JSON', '{', '/v1/echo', 'POST', 400],
    ['another type', '{"text":7}', '/v1/echo', 'POST', 400],
    ['a member more', '{"text":"a","more":1}', '/v1/echo', 'POST', 400],
    ['a prototype', '{"text":"a","__proto__":{"x":1}}', '/v1/echo', 'POST', 400],
    ['deep nesting', '['.repeat(1_000_000), '/v1/echo', 'POST', 400],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0]), '/v1/echo', 'POST', 400],
  ])('%s: a refusal in one line', async (_what, body, path, method, status) => {
    const sent = await send(socket, path, body, { method });
    expect(sent.status).toBe(status);
    expect(JSON.parse(sent.body)).toMatchObject({ kind: 'refused' });
    expect(await alive()).toBe(true);
  });

  it('several questions at once: each is answered or refused by itself, in their order', async () => {
    const questions = [
      { path: '/v1/echo', asked: { text: 'one' } },
      { path: '/v1/echo', asked: { text: 2 } },
      { path: '/v1/several', asked: [] },
      { path: '/v1/nothing', asked: {} },
      { path: '/v1/echo', asked: { text: 'five' } },
    ];
    const { status, body } = await send(socket, '/v1/several', JSON.stringify(questions));
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject([
      { text: 'one' },
      { kind: 'refused', why: 'malformed' },
      { kind: 'refused', why: 'no-route' },
      { kind: 'refused', why: 'no-route' },
      { text: 'five' },
    ]);
  });

  it.each([
    ['none', '[]'],
    ['65', JSON.stringify(Array.from({ length: 65 }, () => ({ path: '/v1/echo', asked: { text: 'a' } })))],
    ['no list', '{"path":"/v1/echo"}'],
    ['a member more', '[{"path":"/v1/echo","asked":{},"more":1}]'],
  ])('several questions that are %s: one refusal', async (_what, body) => {
    const sent = await send(socket, '/v1/several', body);
    expect(sent.status).toBe(400);
    expect(JSON.parse(sent.body)).toMatchObject({ kind: 'refused', why: 'malformed' });
  });

  it('a body without end is cut off', async () => {
    const sent = await send(socket, '/v1/echo', Buffer.alloc(5 * 1024 * 1024, 0x20));
    expect([413, null]).toContain(sent.status);
    expect(await alive()).toBe(true);
  });

  it('many that never end do not take the memory: beyond 64 MiB the next is refused, and small ones still pass', async () => {
    let over = 0;
    const waiting = Array.from({ length: 40 }, () =>
      send(socket, '/v1/echo', Buffer.alloc(3 * 1024 * 1024, 0x20), { ends: false }).then(() => (over += 1)),
    );
    const before = process.memoryUsage.rss();
    const until = performance.now() + 5_000;
    while (over < 40 - 22 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBeGreaterThanOrEqual(40 - 22);
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 * 1024 * 1024);
    expect(waiting.length).toBe(40);
  });

  it('a second instance on the same socket does not start', async () => {
    await expect(serveRoutes({ socket }, routes, { echo: () => ({}) })).rejects.toThrow(
      /another process already serves/,
    );
  });

  it('a path that is too long for a socket is named', async () => {
    const long = join(folder, 'x'.repeat(120));
    await expect(serveRoutes({ socket: long }, routes, { echo: () => ({}) })).rejects.toThrow(
      /cannot listen here/,
    );
  });
});
