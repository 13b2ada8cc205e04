/** Before they are known, callers cannot take what those who are pinned need: connections, memory, time. */
import { connect, type Socket } from 'node:net';
import { Agent, request } from 'node:https';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificates, hasOpenssl, type Certificates, type Files } from '../testing/openssl.ts';
import { askOver, serveTls, type Served } from '../testing/tls.ts';

/** The beginning of a ClientHello: a record of 512 bytes of which the rest never comes. */
const half = Buffer.from('160301020001', 'hex');

describe.skipIf(!hasOpenssl())('a thousand connections of one who never shows who it is', () => {
  let made: Certificates;
  let served: Served;
  let pinned: Files;
  beforeAll(async () => {
    made = certificates();
    pinned = made.make('custody');
    served = await serveTls(made.make('signer-1'), [pinned]);
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
    made[Symbol.dispose]();
  });

  async function open(count: number, bytes: Buffer | null): Promise<readonly Socket[]> {
    const sockets: Socket[] = [];
    for (let at = 0; at < count; at += 1) {
      const socket = connect(served.port, '127.0.0.1');
      socket.on('error', () => {});
      if (bytes) socket.write(bytes);
      sockets.push(socket);
      if (at % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return sockets;
  }

  const alive = (sockets: readonly Socket[]) =>
    sockets.filter((socket) => socket.readyState === 'open').length;

  it.each([
    ['says nothing', null],
    ['sends half a handshake', half],
    ['sends what is no handshake', Buffer.from('GET / HTTP/1.1\r\n')],
  ])(
    'and %s: a pinned caller is served meanwhile, and waits for none of them to lapse',
    async (_what, bytes) => {
      const before = process.memoryUsage.rss();
      const sockets = await open(1_000, bytes);
      const began = performance.now();
      expect(await askOver(served.port, 'meanwhile', { files: pinned })).toBe(200);
      expect(performance.now() - began).toBeLessThan(4_000);
      // The oldest went, so that there is always room for who comes next; long before they would lapse by themselves.
      while (alive(sockets) > 256 && performance.now() - began < 4_000)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(alive(sockets)).toBeLessThanOrEqual(256);
      expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
      for (const socket of sockets) socket.destroy();
    },
  );

  it('none of them lasts longer than five seconds', async () => {
    const sockets = await open(10, half);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(alive(sockets)).toBe(10);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(alive(sockets)).toBe(0);
  }, 10_000);

  it('and a server that stops does not wait for them', async () => {
    const other = await serveTls(made.make('signer-2'), [pinned]);
    const socket = connect(other.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const began = performance.now();
    await other[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(2_000);
    socket.destroy();
  });

  it('of one pinned caller no more than 256 connections are kept, and another one is served', async () => {
    const other = made.make('watchtower');
    await using both = await serveTls(made.make('signer-3'), [pinned, other]);
    const agent = new Agent({ keepAlive: true, maxSockets: 300 });
    const tls = {
      cert: readFileSync(pinned.certificate),
      key: readFileSync(pinned.key),
      rejectUnauthorized: false,
    };
    let turnedAway = 0;
    for (let index = 0; index < 300; index += 1) {
      const asked = request({
        host: '127.0.0.1',
        port: both.port,
        path: '/v1/echo',
        method: 'POST',
        agent,
        ...tls,
      });
      asked.on('error', () => (turnedAway += 1));
      // Never whole, so that each takes a connection of its own.
      asked.setHeader('content-length', 100);
      asked.write('{');
    }
    // As long as a busy machine takes for so many handshakes, and a moment more, in which no other must be turned away.
    while (turnedAway < 300 - 256) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(turnedAway).toBe(300 - 256);
    expect(await askOver(both.port, 'other', { files: other })).toBe(200);
    agent.destroy();
  }, 15_000);
});
