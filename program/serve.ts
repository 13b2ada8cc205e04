import { rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { z } from 'zod';
import { Misconfigured } from './config.ts';
import { reach } from './die-at.ts';
import { folderOf } from './durable.ts';
import { jsonText } from './json.ts';
import { log } from './log.ts';

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

/**
 * Serves routes of core over a Unix socket that only this process's user can open; in a folder that admits a group and
 * nobody else, the group can too. Every refusal is an answer with status 200.
 */
export async function serveRoutes<Routes extends Record<string, Route>>(
  socket: string,
  routes: Routes,
  answers: Answers<Routes>,
  /** Around several questions that come together: what they write may share a write. */
  around: <T>(work: () => T) => T = (work) => work(),
): Promise<{ readonly close: () => Promise<void> }> {
  await removeStale(socket);
  const byPath = new Map(Object.entries(routes).map(([name, route]) => [route.path, { name, route }]));
  let inFlight = 0;
  const server = createServer(
    { requestTimeout: maxWait, headersTimeout: maxWait, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      void handle(request, response);
    },
  );

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

  await listen(server, socket);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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

/** A socket file that nobody answers is left from a crash; one that somebody answers is a second instance. */
async function removeStale(socket: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(socket);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
  if (alive) throw new Misconfigured(`${socket}: another process already serves this socket: stop it first`);
  rmSync(socket, { force: true });
}

/** Whether a folder admits its group and nobody else beside its user. */
function isForGroup(folder: string): boolean {
  try {
    return (statSync(folder).mode & 0o017) === 0o010;
  } catch {
    return false; // listening says what is wrong with it
  }
}

function listen(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new Misconfigured(
          `${socket}: cannot listen here (${cause.code}): is the folder there, and the path under 108 bytes?`,
          { cause },
        ),
      );
    });
    server.listen({ path: socket, writableAll: isForGroup(folderOf(socket)) }, resolve);
  });
}
