/** Callers that never finish, or are too many: they lose their connection, and everybody else is answered. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestHeaders } from '@kuramori/core';
import { close, listen } from './listen.ts';
import { signed } from '../testing/exchange.ts';
import { testHouse, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
let served: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  t = await testHouse();
  served = await listen({ host: '127.0.0.1', port: 0 }, t.app, { requestMs: 500, connections: 20 });
});
afterAll(async () => {
  await close(served.server);
  await t[Symbol.asyncDispose]();
});

const url = () => `http://127.0.0.1:${served.port}`;
const look = async () => {
  const request = signed({ path: '/v1/status', created: Math.floor(t.clock.ms / 1000) });
  return (await fetch(`${url()}/v1/status`, { headers: requestHeaders(request) })).status;
};

/** Says something, then a letter now and again; resolves when it was cut off, with what it was told. */
function slow(beginning: string): Promise<string> {
  return new Promise((resolve) => {
    let told = '';
    const socket: Socket = connect(served.port, '127.0.0.1', () => socket.write(beginning));
    const timer = setInterval(() => socket.write('a'), 100);
    socket.on('data', (chunk: Buffer) => (told += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(told);
    });
  });
}

test.each([
  ['headers', 'GET /v1/status HTTP/1.1\r\nhost: x\r\nx-slow: '],
  ['a body', 'POST /v1/customers HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n{'],
  ['a chunked body', 'POST /v1/customers HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n'],
])('%s that trickle in', async (_what, beginning) => {
  const began = performance.now();
  const told = await slow(beginning);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(told).toMatch(/^(?:HTTP\/1\.1 408|$)/);
  expect(await look()).toBe(200);
});

test('a hundred of them at once: the connections are bounded, and free again soon', async () => {
  const began = performance.now();
  const all = Array.from({ length: 100 }, () => slow('GET /v1/status HTTP/1.1\r\nx-slow: '));
  await Promise.all(all);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(await look()).toBe(200);
});

test('over the socket, the address is the connection’s', async () => {
  expect(await look()).toBe(200);
  const request = signed({ path: '/v1/status', created: Math.floor(t.clock.ms / 1000) });
  const headers = { ...requestHeaders(request), 'x-forwarded-for': '127.0.0.1' };
  expect((await fetch(`${url()}/v1/status`, { headers })).status).toBe(403);
});
