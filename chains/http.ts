/**
 * One bounded JSON exchange, over TCP, a Unix socket or TLS to another host: what custody and watchtower use towards nodes,
 * signers and each other.
 */
import { request as httpRequest, Agent, type RequestOptions } from 'node:http';
import { channel } from 'node:diagnostics_channel';
import type { z } from 'zod';
import { agentsTo, explain, type Distant } from './distant.ts';

export type Where =
  | {
      readonly url: string;
      /** What stands in the header of that name, where somebody must be let in: `Basic …` (RFC 7617). */
      readonly authorization?: string | undefined;
    }
  | { readonly socket: string }
  | Distant;

/** Where somebody is, for people to read. */
export function nameOf(where: Where): string {
  if ('socket' in where) return where.socket;
  return 'url' in where ? where.url : `${where.host}:${where.port}`;
}

export type Reply =
  | { readonly kind: 'reply'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unreachable'; readonly detail: string };

export interface Bounds {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Where a process may be made to die (program/die-at.ts). */
const send = channel('kuramori:send');

const usual: Bounds = { timeoutMs: 5_000, maxBytes: 32 * 1024 * 1024 };
const agents = {
  kept: new Agent({ keepAlive: true, maxSockets: 64 }),
  /** For what a kept connection has failed: one that the other side had closed already. */
  fresh: new Agent({ keepAlive: false, maxSockets: 64 }),
};

/**
 * Sends and reads JSON. Silence, a reply that is too long and one that is not JSON are all `unreachable`, with the reason.
 * Where a connection that was kept open proves closed, it is sent once more over a new one: whoever is asked may be asked twice.
 */
export function requestJson(
  where: Where,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  bounds: Bounds = usual,
): Promise<Reply> {
  return requestText(where, method, path, body === undefined ? undefined : textOf(body), bounds);
}

const textOf = (body: unknown): string => JSON.stringify(body, bigintsAsText);

function requestText(
  where: Where,
  method: 'GET' | 'POST',
  path: string,
  text: string | undefined,
  bounds: Bounds,
  by: 'kept' | 'fresh' = 'kept',
): Promise<Reply> {
  const distant = 'host' in where ? where : null;
  return new Promise((resolve) => {
    const fail = (detail: string) =>
      resolve({ kind: 'unreachable', detail: distant ? `${nameOf(distant)}: ${detail}` : detail });
    const lapsed = distant?.lapsed() ?? null;
    if (lapsed !== null) return fail(lapsed);
    const headers = {
      ...('url' in where && where.authorization !== undefined ? { authorization: where.authorization } : {}),
      ...(text !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }),
    };
    let answering = false;
    const request = httpRequest({ ...target(where, by), path, method, headers }, (response) => {
      answering = true;
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > bounds.maxBytes)
          request.destroy(new Error(`the reply is longer than ${bounds.maxBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(error.message));
      response.on('end', () => {
        send.publish('after');
        try {
          const read: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          resolve({ kind: 'reply', status: response.statusCode ?? 0, body: read });
        } catch {
          fail(`the reply to ${method} ${path} is not JSON (status ${response.statusCode})`);
        }
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE') && !answering)
        resolve(requestText(where, method, path, text, bounds, 'fresh'));
      else fail((distant ? explain(distant, error) : error.message) || 'the connection failed');
    });
    // An overall limit: a peer that trickles bytes must not hold us longer than one that is silent.
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${bounds.timeoutMs} ms`)),
      bounds.timeoutMs,
    );
    request.on('close', () => clearTimeout(timer));
    send.publish('before');
    request.end(text);
  });
}

function target(where: Where, by: 'kept' | 'fresh'): RequestOptions {
  if ('socket' in where) return { socketPath: where.socket, agent: agents[by] };
  if ('host' in where) return { agent: agentsTo(where)[by] };
  const { protocol, hostname, port } = new URL(where.url);
  if (protocol !== 'http:') throw new RangeError(`${where.url}: only http:// is spoken here`);
  return { hostname, port, agent: agents[by] };
}

/** Amounts travel as decimal strings. */
export function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

interface Route {
  readonly path: string;
  readonly asked: z.ZodType;
  readonly answered: z.ZodType;
}

/**
 * Posts to a signer or watchtower. An answer that does not fit its schema counts as no answer, and so does that nobody says
 * where it is.
 */
export async function call<R extends Route>(
  where: Where | undefined,
  route: R,
  asked: z.input<R['asked']> | z.output<R['asked']>,
  bounds: Bounds = usual,
): Promise<z.output<R['answered']> | { readonly kind: 'unreachable'; readonly detail: string }> {
  if (!where) return nowhere;
  const reply = await requestJson(where, 'POST', route.path, asked, bounds);
  return reply.kind === 'unreachable' ? reply : readAnswer(route, reply.body);
}

const nowhere = { kind: 'unreachable', detail: 'nobody says where it listens' } as const;

/** A question to one of a process's routes, whichever. */
export interface Question {
  readonly route: Route;
  readonly asked: unknown;
}

/** What a process takes at once, at most (program/serve.ts). */
export const mostQuestions = 64;

/** What one exchange may hold, well below what a process takes. A question that is longer goes alone. */
const mostLetters = 1024 * 1024;

/**
 * Several questions in one exchange, at most `mostQuestions`; each is answered, or not, as if it came alone. Long ones do
 * not take the others with them: they go in exchanges of their own.
 */
export async function callSeveral(
  where: Where | undefined,
  questions: readonly Question[],
  bounds: Bounds = usual,
): Promise<readonly unknown[]> {
  if (!where) return questions.map(() => nowhere);
  const written = questions.map(({ route, asked }) => ({ route, text: textOf({ path: route.path, asked }) }));
  const groups: (typeof written)[] = [];
  let letters = Infinity;
  for (const one of written) {
    letters += one.text.length;
    if (letters > mostLetters) groups.push([]);
    if (letters > mostLetters) letters = one.text.length;
    groups.at(-1)?.push(one);
  }
  return (await Promise.all(groups.map((group) => exchange(where, group, bounds)))).flat();
}

async function exchange(
  where: Where,
  questions: readonly { readonly route: Route; readonly text: string }[],
  bounds: Bounds,
): Promise<readonly unknown[]> {
  const text = `[${questions.map((one) => one.text).join()}]`;
  const reply = await requestText(where, 'POST', '/v1/several', text, bounds);
  if (reply.kind === 'unreachable') return questions.map(() => reply);
  const { body: answers } = reply;
  // Refused as a whole: too busy, say. Each is told so.
  if (!Array.isArray(answers)) return questions.map(({ route }) => readAnswer(route, answers));
  if (answers.length === questions.length)
    return questions.map(({ route }, index) => readAnswer(route, answers[index]));
  const detail = `${questions.length} questions to ${nameOf(where)} got ${answers.length} answers`;
  return questions.map(() => ({ kind: 'unreachable', detail }));
}

function readAnswer<R extends Route>(
  route: R,
  body: unknown,
): z.output<R['answered']> | { readonly kind: 'unreachable'; readonly detail: string } {
  const read = route.answered.safeParse(body);
  if (read.success) return read.data as z.output<R['answered']>;
  const issue = read.error.issues[0];
  return {
    kind: 'unreachable',
    detail: `${route.path} answered out of form: ${issue?.path.join('.')} ${issue?.message}`,
  };
}
