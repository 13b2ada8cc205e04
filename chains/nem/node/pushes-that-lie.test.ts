/** Somebody who pushes without measure, or what is no push: nothing is believed, nothing grows, the line is made anew. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { listenForPushes, type Pushes } from './push.ts';
import { connected, frame, message, Pusher } from './testing/pusher.ts';
import { mostBytes } from './web-socket.ts';

let pusher: Pusher;
let pushes: Pushes;
let rang = 0;
afterEach(async () => {
  pushes[Symbol.dispose]();
  await pusher[Symbol.asyncDispose]();
});

async function open(meet: (socket: Socket) => void): Promise<void> {
  rang = 0;
  pusher = await Pusher.open(meet);
  pushes = listenForPushes(pusher.url, ['TALICE'], () => (rang += 1));
}

async function until(what: string, look: () => boolean, patienceMs = 8_000): Promise<void> {
  const began = performance.now();
  while (!look()) {
    if (performance.now() - began > patienceMs) throw new Error(`waited for ${what}: ${pushes.state().why}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a client says, without its masks. */
function unmasked(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at + 6 <= bytes.length;) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const start = at + (short === 126 ? 4 : 2);
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    const mask = bytes.subarray(start, start + 4);
    const payload = bytes.subarray(start + 4, start + 4 + length);
    text += payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)).toString();
    at = start + 4 + length;
  }
  return text;
}

it('subscribes to new blocks and to each account, and names it to the node', async () => {
  let said = Buffer.alloc(0);
  await open((socket) => {
    socket.write(connected);
    socket.on('data', (bytes: Buffer) => (said = Buffer.concat([said, bytes])));
  });
  await until('the frames', () => unmasked(said).includes('"TALICE"'));
  expect(unmasked(said)).toBe(
    'CONNECT\naccept-version:1.1,1.2\nhost:127.0.0.1\nheart-beat:0,0\n\n\0' +
      'SUBSCRIBE\nid:blocks\ndestination:/blocks/new\n\n\0' +
      'SUBSCRIBE\nid:TALICE\ndestination:/unconfirmed/TALICE\n\n\0' +
      'SEND\ndestination:/w/api/account/subscribe\n\n{"account":"TALICE"}\0',
  );
  expect(pushes.state()).toEqual({ connected: true, pushes: 0, why: null });
});

it('a push counts whatever it says; heartbeats, and what comes before CONNECTED, are none', async () => {
  await open((socket) => {
    socket.write(Buffer.concat([message('early'), connected, frame('\n'), frame('\0'), frame('MESSAG')]));
    socket.write(Buffer.concat([message('{"height":'), message('\u202e'), frame('\n\nMESSAGE\n\n\0')]));
  });
  await until('three pushes', () => rang === 3);
  expect(pushes.state()).toMatchObject({ connected: true, pushes: 3 });
});

const bytes = (...all: number[]) => Buffer.from(all);
const spoilt: readonly (readonly [what: string, why: RegExp, sent: readonly Buffer[]])[] = [
  [
    'a frame that says it is a terabyte',
    /more than 1048576 bytes/,
    [bytes(0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0)],
  ],
  [
    'a message in frames without end',
    /more than 1048576 bytes/,
    [frame('x', 0x01), ...Array.from({ length: 20 }, () => frame(Buffer.alloc(60_000), 0x00))],
  ],
  ['a masked frame', /masked/, [bytes(0x81, 0x80)]],
  ['a compressed frame', /extension/, [bytes(0xc1, 0)]],
  ['a continuation of nothing', /out of order/, [frame('x', 0x80)]],
  ['a message within a message', /out of order/, [frame('x', 0x01), frame('x')]],
  ['a ping in parts', /control frame/, [frame('x', 0x09)]],
  ['a ping of 126 bytes', /control frame/, [frame('x'.repeat(126), 0x89)]],
  ['a frame of no kind', /unknown kind/, [frame('x', 0x83)]],
  ['ERROR', /answered ERROR/, [frame('ERROR\nmessage:no\n\n\0')]],
  ['a farewell', /closed the WebSocket/, [frame('', 0x88)]],
];

it.each(spoilt)('%s ends the connection, with a reason, and it is made anew', async (_what, why, sent) => {
  await open((socket) => {
    socket.write(connected);
    if (pusher.opened === 1) socket.write(Buffer.concat(sent));
  });
  await until('the reason', () => why.test(pushes.state().why ?? ''));
  expect(pushes.state().connected).toBe(false);
  await until('another connection', () => pushes.state().connected);
  expect(pusher.opened).toBe(2);
});

it('a frame without end fills no memory, and other work goes on beside the flood', async () => {
  // 1 MiB a frame, each whole and within bounds, as fast as the line takes it.
  const whole = Buffer.alloc(10 + mostBytes);
  whole.set([0x81, 127]);
  whole.writeBigUInt64BE(BigInt(mostBytes), 2);
  let sent = 0;
  await open((socket) => {
    const pour = () => {
      while (!socket.destroyed && socket.write(whole)) sent += 1;
    };
    socket.write(connected);
    socket.on('drain', pour);
    pour();
  });
  await until('the flood', () => pushes.state().connected);
  const before = process.memoryUsage().arrayBuffers;
  let turns = 0;
  let slowest = 0;
  for (const ends = performance.now() + 1_000; performance.now() < ends; turns += 1) {
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1));
    slowest = Math.max(slowest, performance.now() - began);
  }
  expect(pushes.state().connected).toBe(true);
  // At most 64 KiB each 10 ms: about 6 MiB a second, of which nothing stays.
  expect(sent).toBeLessThan(40);
  expect(turns).toBeGreaterThan(100);
  expect(slowest).toBeLessThan(500);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * mostBytes);
});

it('who accepts everybody and says nothing is asked more and more seldom', async () => {
  await open((socket) => socket.end());
  await new Promise((resolve) => setTimeout(resolve, 3_600));
  // At once, after one second, and after two more.
  expect(pusher.opened).toBe(3);
  expect(pushes.state()).toMatchObject({ connected: false, pushes: 0 });
});

it('where nobody listens, or somebody who speaks HTTP, that is told', async () => {
  await open(() => {});
  pushes[Symbol.dispose]();
  pushes = listenForPushes(pusher.url.replace(/:\d+\//, ':1/'), [], () => {});
  await until('the reason', () => /ECONNREFUSED/.test(pushes.state().why ?? ''));
  pushes[Symbol.dispose]();
  const http = await startHttp();
  pushes = listenForPushes(`ws://127.0.0.1:${http.port}/`, [], () => {});
  await until('the reason', () => /answered 200 and opened no WebSocket/.test(pushes.state().why ?? ''));
  http.close();
});

async function startHttp() {
  const server = createServer((_, response) => void response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, close: () => server.close() };
}
