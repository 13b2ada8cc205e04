/** A bad line to a node: what custody and watchtower see of it goes through here, and can be cut, slowed, or a lie. */
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the line does to every exchange, until it is told otherwise. The last two are lies, which a chain has in its own words. */
export const lines = [
  'whole',
  'cut',
  'half',
  'slow',
  'silent',
  'garbage',
  'stale',
  'other-hashes',
  'skips',
] as const;
export type Line = (typeof lines)[number];

/** What becomes of a node's answer. */
export type Lies = Readonly<Partial<Record<Line, (answer: string) => string>>>;

export interface Proxy extends AsyncDisposable {
  readonly url: string;
  readonly set: (line: Line) => void;
}

const slowMs = 400;
/** Longer than anybody waits. */
const silentMs = 8_000;

export async function startProxy(node: string, lies: Lies = {}): Promise<Proxy> {
  let line: Line = 'whole';
  /** The first answer to each question since the line became stale. */
  let remembered = new Map<string, Buffer>();
  const server = createServer(
    (incoming, response) => void pass(incoming, response).catch(() => response.destroy()),
  );

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(incoming);
    const now = line;
    if (now === 'cut') return void incoming.socket.destroy();
    if (now === 'slow') await pause(slowMs);
    if (now === 'silent') {
      await pause(silentMs);
      return void incoming.socket.destroy();
    }
    const { status, answer } = await forward(node, incoming, body);
    // The question arrived, and its answer does not: the worst that can happen to an announce.
    if (now === 'half') return void incoming.socket.destroy();
    const question = `${incoming.method} ${incoming.url} ${body.toString('utf8')}`;
    const told = now === 'whole' ? answer : lie(now, question, answer);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': told.length });
    response.end(told);
  }

  function lie(now: Line, question: string, answer: Buffer): Buffer {
    const text = answer.toString('utf8');
    if (now === 'garbage') return Buffer.from(text.slice(0, text.length >> 1));
    const said = lies[now]?.(text);
    if (said !== undefined) return Buffer.from(said);
    if (now !== 'stale' || question.includes('/transaction/announce')) return answer;
    const first = remembered.get(question) ?? answer;
    remembered.set(question, first);
    return first;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next) => {
      line = next;
      remembered = new Map();
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(
  node: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; answer: Buffer }> {
  return new Promise((resolve, reject) => {
    const asked = ask(
      `${node}${url}`,
      { method, headers: { ...headers, host: new URL(node).host } },
      (reply) => {
        read(reply).then((answer) => resolve({ status: reply.statusCode ?? 502, answer }), reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
