/** A server may close a connection that was kept open at the very moment when it is used again: nobody was asked then. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { requestJson } from './http.ts';

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** Answers a connection's requests while `answers` says so, and hangs up at the next one. */
async function hangingUp(
  answers: (connection: number, request: number) => boolean,
): Promise<{ readonly url: string; readonly asked: () => number }> {
  let asked = 0;
  server = createServer((socket) => {
    const connection = sockets.push(socket);
    let request = 0;
    socket.on('data', () => {
      asked += 1;
      request += 1;
      if (answers(connection, request)) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      else socket.resetAndDestroy();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

describe('a connection that was kept open and is closed by the other side', () => {
  it('is opened again, and the question asked once more', async () => {
    const { url, asked } = await hangingUp((_connection, request) => request === 1);
    expect(await requestJson({ url }, 'POST', '/', {})).toMatchObject({ kind: 'reply' });
    expect(await requestJson({ url }, 'POST', '/', {})).toMatchObject({ kind: 'reply' });
    expect([sockets.length, asked()]).toEqual([2, 3]);
  });

  it('is not asked a third time where the new one is closed as well', async () => {
    const { url, asked } = await hangingUp((connection, request) => connection === 1 && request === 1);
    await requestJson({ url }, 'POST', '/', {});
    expect(await requestJson({ url }, 'POST', '/', {})).toMatchObject({ kind: 'unreachable' });
    expect(asked()).toBe(3);
  });

  it('a new connection that is closed is told at once', async () => {
    const { url, asked } = await hangingUp(() => false);
    expect(await requestJson({ url }, 'POST', '/', {})).toMatchObject({ kind: 'unreachable' });
    expect(asked()).toBe(1);
  });
});
