/** A receiver that somebody else has taken: it can refuse its own events, and nothing else. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changed, testHouse, type TestHouse } from '../testing/house.ts';
import { change, openReceiver, secretOf, webhookTo } from '../testing/receiver.ts';
import { listDeliveries } from './delivery.ts';
import { number } from './feed.ts';
import { sendDue, startSender } from './sender.ts';
import { openWebhooks } from './webhook.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
});
afterAll(() => t[Symbol.asyncDispose]());

const never = new AbortController().signal;
let count = 0;

/** Sends one event to a listener; tells what custody made of the answer, and how long it took. */
async function attempt(
  url: string,
  answerWithinMs = 10_000,
): Promise<{ state: string; answer: string | null; took: number }> {
  count += 1;
  const id = `hostile-${count}`;
  const webhook = webhookTo(url, t.folder, { id, answerWithinMs });
  await change(t.house, id);
  await number(t.house.pool, [id], t.clock.ms);
  const began = performance.now();
  await sendDue(t.house, webhook, never);
  const took = performance.now() - began;
  const [delivery] = await listDeliveries(t.house.pool, id, undefined, 0, 1);
  return { state: delivery?.state ?? 'none', answer: delivery?.answer ?? null, took };
}

async function listening(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describe('whatever it answers', () => {
  test.each([301, 302, 303, 307, 308])('%d to a port of this machine: nobody goes there', async (status) => {
    let visits = 0;
    await using inner = await listening((_request, response) => {
      visits += 1;
      response.end();
    });
    await using server = await listening((_request, response) => {
      response.writeHead(status, { location: inner.url }).end();
    });
    expect(await attempt(server.url)).toMatchObject({ state: 'due', answer: String(status) });
    expect(visits).toBe(0);
  });

  test.each([400, 401, 404, 410, 429, 500, 503])('%d: tried again', async (status) => {
    await using server = await listening((_request, response) => response.writeHead(status).end());
    expect(await attempt(server.url)).toMatchObject({ state: 'due', answer: String(status) });
  });

  test.each([200, 201, 202, 204])('%d: accepted', async (status) => {
    await using server = await listening((_request, response) => response.writeHead(status).end());
    expect(await attempt(server.url)).toMatchObject({ state: 'accepted', answer: String(status) });
  });

  test('nothing at all: dropped in time', async () => {
    await using server = await listening(() => {});
    const { state, answer, took } = await attempt(server.url, 300);
    expect([state, answer]).toEqual(['due', 'no answer within 300 ms']);
    expect(took).toBeLessThan(3_000);
  });

  test('headers that trickle in for ever', async () => {
    const timers: NodeJS.Timeout[] = [];
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n');
      timers.push(setInterval(() => socket.write('x-more: 1\r\n'), 50));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { state, took } = await attempt(`http://127.0.0.1:${port}/`, 300);
    timers.forEach((timer) => clearInterval(timer));
    server.close();
    expect(state).toBe('due');
    expect(took).toBeLessThan(3_000);
  });

  test('an answer without end: its status counts, and nobody reads on', async () => {
    let sent = 0;
    await using server = await listening((_request, response) => {
      response.writeHead(200);
      const more = () => {
        sent += 65_536;
        if (sent < 512 * 1024 * 1024 && !response.destroyed && response.write(Buffer.alloc(65_536)))
          setImmediate(more);
        else response.once('drain', more);
      };
      more();
    });
    const before = process.memoryUsage.rss();
    expect(await attempt(server.url)).toMatchObject({ state: 'accepted' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 999999 X\r\n\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}`],
    ['nothing but the end', ''],
  ])('%s', async (_what, text) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await attempt(`http://127.0.0.1:${port}/`)).toMatchObject({ state: 'due' });
    server.close();
  });

  test('nobody there', async () => {
    expect(await attempt('http://127.0.0.1:9/')).toMatchObject({ state: 'due' });
  });
});

test('one that never answers delays no other webhook', async () => {
  await using silent = await listening(() => {});
  await using quick = await openReceiver(
    () => 200,
    () => t.clock.ms,
  );
  const webhooks = [
    webhookTo(silent.url, t.folder, { id: 'silent', answerWithinMs: 20_000 }),
    webhookTo(quick.url, t.folder, { id: 'quick' }),
  ];
  for (let n = 0; n < 40; n += 1) await change(t.house, `both-${n}`);
  const began = performance.now();
  const sender = startSender(changed(t.house, { webhooks }));
  while (quick.accepted().length < 40 && performance.now() - began < 10_000)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await sender[Symbol.asyncDispose]();
  expect(quick.accepted()).toHaveLength(40);
  // And it stops when it is asked to, with requests under way.
  expect(performance.now() - began).toBeLessThan(10_000);
});

describe('a configuration that would send elsewhere, or could not sign, does not start', () => {
  const secret = (text: string) => {
    count += 1;
    const file = join(t.folder, `secret-${count}`);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const good = { id: 'hook', answerWithinMs: 1_000 };
  const cases: readonly (readonly [string, () => Parameters<typeof openWebhooks>[0], boolean, RegExp])[] = [
    [
      'http on a real network',
      () => [{ ...good, url: 'http://127.0.0.1/', secretFiles: [secret(secretOf(1))] }],
      false,
      /webhooks\.0\.url: must be https/,
    ],
    [
      'http to another machine',
      () => [{ ...good, url: 'http://192.0.2.1/', secretFiles: [secret(secretOf(1))] }],
      true,
      /webhooks\.0\.url: must be https/,
    ],
    [
      'http to a name that looks local',
      () => [{ ...good, url: 'http://127.0.0.1.example/', secretFiles: [secret(secretOf(1))] }],
      true,
      /webhooks\.0\.url: must be https/,
    ],
    [
      'a password in the URL',
      () => [{ ...good, url: 'https://a:b@exchange.example/', secretFiles: [secret(secretOf(1))] }],
      false,
      /webhooks\.0\.url: must hold no password/,
    ],
    [
      'a secret that is too short',
      () => [{ ...good, url: 'https://exchange.example/', secretFiles: [secret('whsec_YWJj')] }],
      false,
      /webhooks\.0\.secretFiles\.0: must hold whsec_/,
    ],
    [
      'a secret in another form',
      () => [{ ...good, url: 'https://exchange.example/', secretFiles: [secret('a'.repeat(64))] }],
      false,
      /webhooks\.0\.secretFiles\.0: must hold whsec_/,
    ],
    [
      'one name twice',
      () => {
        const one = { ...good, url: 'https://exchange.example/', secretFiles: [secret(secretOf(1))] };
        return [one, one];
      },
      false,
      /webhooks\.1\.id: hook stands twice/,
    ],
  ];
  test.each(cases)('%s', (_what, configured, devnet, line) => {
    expect(() => openWebhooks(configured(), devnet)).toThrow(line);
  });
});
