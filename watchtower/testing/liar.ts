/** A node that lies: a real one, with somebody in front of it who changes what it says. */
import { createServer, type Server } from 'node:http';

export type Change = (path: string, body: Record<string, unknown>) => unknown;

/** Stands in front of a real node, and changes what it says. */
export class Liar implements AsyncDisposable {
  lie: Change | 'silent' | 'no json' | null = null;
  url = '';
  private readonly server: Server;
  private readonly node: string;

  private constructor(node: string) {
    this.node = node;
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void this.answer(request.method ?? 'GET', request.url ?? '/', Buffer.concat(chunks).toString()).then(
          (text) => {
            if (text === undefined) return; // silent
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(text);
          },
        );
      });
    });
  }

  static async before(node: string): Promise<Liar> {
    const liar = new Liar(node);
    await new Promise<void>((resolve) => liar.server.listen(0, '127.0.0.1', resolve));
    const address = liar.server.address();
    liar.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    return liar;
  }

  private async answer(method: string, path: string, body: string): Promise<string | undefined> {
    const { lie } = this;
    if (lie === 'silent') return undefined;
    if (lie === 'no json') return '<html>';
    const init =
      method === 'POST' ? { method, body, headers: { 'content-type': 'application/json' } } : { method };
    const reply = (await (await fetch(this.node + path, init)).json()) as Record<string, unknown>;
    return JSON.stringify(lie === null ? reply : lie(path, reply));
  }

  async [Symbol.asyncDispose]() {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
