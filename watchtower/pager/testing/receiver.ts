/** A real HTTP receiver for tests: what came, and what it answers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Came {
  readonly method: string;
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly came: Came[];
  /** The status of the next answers; null: none at all. */
  status: number | null;
}

export async function openReceiver(): Promise<Receiver> {
  const came: Came[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      came.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      if (receiver.status !== null) response.writeHead(receiver.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    came,
    status: 200,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

export function jsonOf({ body }: Came): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}
