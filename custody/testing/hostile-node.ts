/** A hostile node: an HTTP server in front of a real one, that the test lets lie, lag, repeat, skip, babble or hang. */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';

type Json = Record<string, unknown>;

/** What it does to an answer of the real node; undefined: it never answers. A text is sent as it is. */
export type Behaviour = (
  path: string,
  answer: Json,
  asked: Json,
) => Json | string | undefined | Promise<Json | string | undefined>;

export interface HostileNode extends AsyncDisposable {
  readonly url: string;
  /** Null: it passes on what the real node says. */
  behaviour: Behaviour | null;
  /** How often it was asked. */
  asked: number;
}

export async function hostileNode(real: string): Promise<HostileNode> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void answer(request.method ?? 'GET', request.url ?? '/', Buffer.concat(chunks).toString(), response);
    });
  });
  async function answer(method: string, path: string, body: string, response: ServerResponse): Promise<void> {
    node.asked += 1;
    const init = method === 'POST' ? { method, body, headers: { 'content-type': 'application/json' } } : {};
    const reply = await fetch(real + path, init);
    const honest = (await reply.json()) as Json;
    const said = node.behaviour
      ? await node.behaviour(path, honest, body === '' ? {} : (JSON.parse(body) as Json))
      : honest;
    if (said === undefined) return;
    response.writeHead(node.behaviour ? 200 : reply.status, { 'content-type': 'application/json' });
    response.end(typeof said === 'string' ? said : JSON.stringify(said));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const node: HostileNode = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    behaviour: null,
    asked: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return node;
}

/** Changes the blocks of an answer; every other answer is the real node's. */
export function toBlocks(change: (blocks: Json[], after: number) => unknown): Behaviour {
  return (path, answer, asked) =>
    path.endsWith('blocks-after')
      ? { ...answer, data: change(answer['data'] as Json[], Number(asked['height'])) }
      : answer;
}
