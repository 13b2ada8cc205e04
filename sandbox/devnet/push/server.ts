/** The node's WebSocket: STOMP at /w/messages/websocket, which SockJS leaves to clients without it (NisWebAppWebsocketInitializer). */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { NodeCore } from '../node.ts';
import { openBroker } from './broker.ts';
import { openMessaging, type Messaging } from './messaging.ts';
import { openSession } from './session.ts';

export interface PushServer extends AsyncDisposable {
  /** To be listened on. */
  readonly server: Server;
  readonly messaging: Messaging;
}

export const websocketPath = '/w/messages/websocket';
/** Spring's own: the longest message, and how much may wait for a client that does not read. */
const [mostMessage, mostWaiting] = [64 * 1024, 512 * 1024];
const protocolError = 1002;

export function openPushServer(core: NodeCore, warn: (message: string) => void): PushServer {
  const broker = openBroker();
  const messaging = openMessaging(core, broker);
  const server = createServer((_, response) => void response.writeHead(404).end());
  const sockets = new WebSocketServer({
    server,
    path: websocketPath,
    maxPayload: mostMessage,
    perMessageDeflate: false,
  });
  // Told to whoever listens on the server; without a listener here it would be thrown.
  sockets.on('error', () => {});

  sockets.on('connection', (socket) => {
    const session = openSession({
      core,
      broker,
      messaging,
      listener: {
        id: randomBytes(4).toString('hex'),
        send(text) {
          if (socket.readyState !== socket.OPEN) return;
          if (socket.bufferedAmount > mostWaiting) return socket.terminate();
          socket.send(text);
        },
      },
      close: (well) => socket.close(well ? undefined : protocolError),
    });
    socket.on('message', (data) => {
      try {
        session.hear(Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer));
      } catch (cause) {
        warn(`devnet: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
        socket.terminate();
      }
    });
    socket.on('close', session.end);
    // What a client's bytes are wrong in ends its own connection, and nothing else.
    socket.on('error', () => socket.terminate());
  });

  return {
    server,
    messaging,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
