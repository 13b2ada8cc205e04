/** The pager's door for HTTP: watchtowers post what happened, people answer pages. Everything else gets nothing. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PageId } from '@kuramori/core';
import { Misconfigured, sparingly } from '@kuramori/program';
import { answerPage, noSuchPage } from './answer-page.ts';
import type { Heard, Post } from './hear.ts';
import type { Links } from './link.ts';
import type { Known } from './state.ts';

interface Parts {
  readonly host: string;
  readonly port: number;
  readonly ear: {
    readonly knows: (tower: string) => boolean;
    readonly hear: (tower: string, post: Post) => Heard;
  };
  readonly links: Links;
  readonly page: (id: string) => Known | undefined;
  readonly acknowledge: (page: string, by: string) => void;
}

export interface Door {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const longestBody = 64 * 1024;
/** A request that is not whole by then is dropped. Milliseconds. */
const patience = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };
/** With the longest body each, what strangers can take of the memory: 16 MiB. */
const mostConnections = 256;

const answers: Readonly<Record<Exclude<Heard['kind'], 'refused'>, number>> = { heard: 204, unwritten: 503 };

export async function openDoor({ host, port, ear, links, page, acknowledge }: Parts): Promise<Door> {
  const say = sparingly();
  const server = createServer(patience, (request, response) => {
    handle(request, response).catch((cause: unknown) => {
      say('request broken off', { why: (cause as Error).message });
      response.destroy();
    });
  });
  server.maxConnections = mostConnections;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, first, second = '', third, ...rest] = (request.url ?? '').split('/');
    if (first === 'hook' && third === undefined && request.method === 'POST' && ear.knows(second))
      return hear(second, request, response);
    if (first === 'a' && rest.length === 0 && PageId.safeParse(second).success)
      return answer(second, third ?? '', request, response);
    end(response, 404, noSuchPage);
  }

  async function hear(tower: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) return end(response, 413, '');
    const header = (name: string) => request.headers[name]?.toString() ?? '';
    const heard = ear.hear(tower, {
      id: header('webhook-id'),
      timestamp: header('webhook-timestamp'),
      signature: header('webhook-signature'),
      body,
    });
    if (heard.kind !== 'refused') return end(response, answers[heard.kind], '');
    say('a post is refused', { tower, why: heard.why });
    end(response, heard.status, '');
  }

  /** Whoever only looks, as previews of links do, answers nothing: that takes the button. */
  function answer(id: string, token: string, request: IncomingMessage, response: ServerResponse): void {
    const person = links.whose(id, token);
    const known = page(id);
    if (person === undefined || !known) {
      say('a link is refused', { page: id });
      return end(response, 404, noSuchPage);
    }
    if (request.method === 'POST') acknowledge(id, person);
    else if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, '');
    end(response, 200, answerPage(known, person));
  }

  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Null where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > longestBody) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function end(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  });
  response.end(html);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE' ? 'is in use: stop what listens there, or give another port' : `(${code})`;
      reject(new Misconfigured(`http.port: cannot listen on ${host}:${port}: ${why}`));
    });
    server.listen({ host, port }, resolve);
  });
}
