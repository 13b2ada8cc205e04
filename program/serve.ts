import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { Misconfigured } from './config.ts';
import { reach } from './die-at.ts';
import { jsonText } from './json.ts';
import { log } from './log.ts';
import { listenOnSocket } from './socket.ts';
import { openDoor, type TlsListening } from './tls/server.ts';

interface Route {
  readonly path: string;
  readonly asked: z.ZodType;
  readonly answered: z.ZodType;
}

type Answers<Routes extends Record<string, Route>> = {
  readonly [Name in keyof Routes]: (
    asked: z.output<Routes[Name]['asked']>,
  ) => z.output<Routes[Name]['answered']> | Promise<z.output<Routes[Name]['answered']>>;
};

const maxBody = 4 * 1024 * 1024;
/** What all callers together may have on its way in: a hostile one must not take the memory of a process that must live. */
const maxInFlight = 64 * 1024 * 1024;
/** What several answers together may be long, in letters. */
const maxAnswers = 16 * 1024 * 1024;
/** Several questions in one exchange; each is judged and answered as if it came alone, in this order. */
const several = '/v1/several';
const Several = z
  .array(z.strictObject({ path: z.string(), asked: z.unknown() }))
  .min(1)
  .max(64);

/** A request that is not whole by then is dropped. Milliseconds. */
const maxWait = 10_000;

/** Where a process listens: on a Unix socket, or by TLS for the callers whose certificates are pinned. */
export type Listening = { readonly socket: string } | TlsListening;

export interface Serving {
  /** The socket's path, or host and port. */
  readonly at: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves routes of core: over a Unix socket that only this process's user can open, in a folder that admits a group and
 * nobody else the group too; or over TLS for pinned callers. Every refusal is an answer with status 200.
 */
export async function serveRoutes<Routes extends Record<string, Route>>(
  listening: Listening,
  routes: Routes,
  answers: Answers<Routes>,
  /** Around several questions that come together: what they write may share a write. */
  around: <T>(work: () => T) => T = (work) => work(),
): Promise<Serving> {
  const byPath = new Map(Object.entries(routes).map(([name, route]) => [route.path, { name, route }]));
  let inFlight = 0;
  const { server, at, dropUnknown } = await open(listening, (request, response) => {
    void handle(request, response);
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = byPath.get(request.url ?? '');
    if (request.method !== 'POST' || (!found && request.url !== several))
      return send(response, 404, refusal('no-route', `${request.method} ${request.url}`));
    const body = await readBody(request);
    if (body === 'broken off') return;
    if (body === 'too long')
      return send(response, 413, refusal('too-long', `a body may have ${maxBody} bytes`));
    if (body === 'too many')
      return send(
        response,
        503,
        refusal('busy', `all bodies together may have ${maxInFlight} bytes: try again`),
      );
    const given = await (found ? answerTo(found, parse(body)) : answerSeveral(parse(body)));
    reach('answer', 'before');
    send(response, given.status, given.answer, given.text);
    reach('answer', 'after');
  }

  async function answerTo({ name, route }: Found, asked: unknown): Promise<Given> {
    const read = route.asked.safeParse(asked);
    if (!read.success) return { status: 400, answer: malformed(read.error) };
    return { status: 200, answer: await answers[name as keyof Routes](read.data as never) };
  }

  async function answerSeveral(asked: unknown): Promise<Given> {
    const read = Several.safeParse(asked);
    if (!read.success) return { status: 400, answer: malformed(read.error) };
    const given = await Promise.all(
      around(() =>
        read.data.map(async (one) => {
          const found = byPath.get(one.path);
          return found ? answerTo(found, one.asked) : { answer: refusal('no-route', `POST ${one.path}`) };
        }),
      ),
    );
    // Sixty-four long answers in one would be longer than a text can be.
    let letters = 0;
    const texts = given.map(({ answer }) => {
      const text = jsonText(answer);
      letters += text.length;
      return letters <= maxAnswers
        ? text
        : jsonText(refusal('too-long', 'the answers together: ask fewer at once'));
    });
    return { status: 200, text: `[${texts.join()}]` };
  }

  async function readBody(
    request: IncomingMessage,
  ): Promise<Buffer | 'broken off' | 'too long' | 'too many'> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of request) {
        const { length: more } = chunk as Buffer;
        length += more;
        inFlight += more;
        if (length > maxBody) return 'too long';
        if (inFlight > maxInFlight) return 'too many';
        chunks.push(chunk as Buffer);
      }
      return Buffer.concat(chunks);
    } catch (cause) {
      log('request broken off', { why: (cause as Error).message });
      return 'broken off';
    } finally {
      inFlight -= length;
    }
  }

  return {
    at,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        dropUnknown();
      }),
  };
}

const patience = { requestTimeout: maxWait, headersTimeout: maxWait, connectionsCheckingInterval: 1_000 };

interface Opened {
  readonly server: Server;
  readonly at: string;
  readonly dropUnknown: () => void;
}

async function open(
  listening: Listening,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Opened> {
  if ('socket' in listening) {
    const server = createServer(patience, handle);
    await listenOnSocket(server, listening.socket);
    return { server, at: listening.socket, dropUnknown: () => {} };
  }
  const { host, port } = listening;
  const { server, dropUnknown } = openDoor(listening, patience, handle);
  await new Promise<void>((resolve, reject) => {
    server.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE' ? 'is in use: stop what listens there, or give another port' : `(${code})`;
      reject(new Misconfigured(`listen.tls: cannot listen on ${host}:${port}: ${why}`));
    });
    server.listen({ host, port }, resolve);
  });
  return { server, at: `${host}:${(server.address() as AddressInfo).port}`, dropUnknown };
}

interface Found {
  readonly name: string;
  readonly route: Route;
}

interface Given {
  readonly status: number;
  readonly answer?: unknown;
  /** Where it is written already. */
  readonly text?: string;
}

function malformed({ issues: [issue] }: z.ZodError) {
  return refusal('malformed', `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}

function refusal(why: string, detail: string) {
  return { kind: 'refused', why, detail };
}

function send(
  response: ServerResponse,
  status: number,
  answer: unknown,
  text: string = jsonText(answer),
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // the schema then says what was expected
  }
}
