/** The exchange's end of a webhook: a real server on loopback that answers as a test wants, and remembers what came. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { readWebhook, type Event } from '@kuramori/client';
import { inTransaction, type Client } from '@kuramori/ledger';
import type { House } from '../house.ts';
import { openWebhooks, type Webhook } from '../webhooks/webhook.ts';

export interface Came {
  readonly id: string;
  readonly event: Event;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
  /** What it was answered with. */
  readonly status: number;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** In the order of coming. */
  readonly came: Came[];
  readonly accepted: () => readonly Event[];
  readonly server: Server;
}

/** A status, or something worse that the test does with the answer by itself. */
export type Answering = (came: Omit<Came, 'status'>, response: ServerResponse) => number | null;

export const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

/** Believes only what is signed with the secret. `now`: ms of Unix time. */
export async function openReceiver(
  answer: Answering,
  now: () => number,
  secret = secretOf(1),
): Promise<Receiver> {
  const came: Came[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const header = (name: string) => request.headers[name]?.toString();
      const told = readWebhook([secret], header, body, now());
      if (told.kind === 'refused') throw new Error(told.why);
      const one = { id: told.id, event: told.event, header, body };
      const status = answer(one, response);
      came.push({ ...one, status: status ?? 0 });
      if (status !== null) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    came,
    accepted: () => came.filter(({ status }) => status >= 200 && status < 300).map(({ event }) => event),
    server,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** As the configuration would name it; its secrets lie in the folder. */
export function webhookTo(
  url: string,
  folder: string,
  more: { readonly id?: string; readonly secrets?: readonly string[]; readonly answerWithinMs?: number } = {},
): Webhook {
  const { id = 'hook', secrets = [secretOf(1)], answerWithinMs = 500 } = more;
  mkdirSync(folder, { recursive: true });
  const secretFiles = secrets.map((secret, index) => {
    const file = join(folder, `${id}-${index}`);
    writeFileSync(file, secret, { mode: 0o600 });
    return file;
  });
  const [opened] = openWebhooks([{ id, url, secretFiles, answerWithinMs }], true);
  if (!opened) throw new Error('one webhook was configured');
  return opened;
}

/** What tells the events of one object apart in these tests. */
export const heightOf = ({ data }: Event): number | null => ('height' in data ? data.height : null);

/** A deposit's event, as its trigger would write it. */
export async function emit(client: Client, id: string, height = 1): Promise<void> {
  const told = { id, state: 'held', why: null, customer: null, asset: 'nem:xem', units: '1' };
  const data = JSON.stringify({ ...told, transaction: id, wallet: 'hot-xem', height });
  await client.query("select custody.emit('deposit', $1, 'held', $2, null)", [id, data]);
}

export function change(house: House, id: string, height = 1): Promise<void> {
  return inTransaction(house.pool, (client) => emit(client, id, height));
}
