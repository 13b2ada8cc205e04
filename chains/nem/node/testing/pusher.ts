/** Somebody who opens WebSockets and then sends whatever bytes the test likes; and frames to send, right or wrong. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';

export class Pusher implements AsyncDisposable {
  url = '';
  /** How often somebody came. */
  opened = 0;
  /** Those who are there. */
  readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(meet: (socket: Socket) => void) {
    this.server = createServer((_, response) => void response.writeHead(404).end());
    this.server.on('upgrade', (request, socket: Socket) => {
      this.opened += 1;
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      meet(socket);
    });
  }

  /** `meet`: what is done with each who comes. */
  static async open(meet: (socket: Socket) => void, port = 0): Promise<Pusher> {
    const pusher = new Pusher(meet);
    await new Promise<void>((resolve) => pusher.server.listen(port, '127.0.0.1', resolve));
    const address = pusher.server.address();
    pusher.url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/w/messages/websocket`;
    return pusher;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async [Symbol.asyncDispose]() {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** A server's frame: text, whole, unless its first byte says otherwise. */
export function frame(payload: string | Buffer, first = 0x81): Buffer {
  const body = Buffer.from(payload as string);
  const header = Buffer.alloc(body.length < 126 ? 2 : 4);
  header[0] = first;
  header[1] = Math.min(body.length, 126);
  if (body.length >= 126) header.writeUInt16BE(body.length, 2);
  return Buffer.concat([header, body]);
}

export const connected = frame('CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0');
export const message = (body: string) =>
  frame(`MESSAGE\ndestination:/blocks/new\nsubscription:blocks\nmessage-id:1\n\n${body}\0`);
