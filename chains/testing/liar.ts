/** A node that lies: a real one, with somebody in front of it who changes what it answers. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from '../rpc.ts';

/** Instead of an answer: the node refuses. */
export class Refuses {
  readonly error: { readonly code: number; readonly message: string; readonly data?: string };

  constructor(error: Refuses['error']) {
    this.error = error;
  }
}

/** One question's answer, changed; what is not changed is given back. */
export type Lie = (method: string, params: readonly unknown[], result: unknown) => unknown;

export interface Liar extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Null: it is honest. A text is the whole reply, whatever was asked. */
  lie: Lie | string | null;
  /** Changes the whole reply. */
  whole: ((answers: readonly unknown[]) => unknown) | null;
  /** Methods that it says it has not. */
  readonly lacks: Set<string>;
  /** Asked so far, by method. */
  readonly asked: Map<string, number>;
}

interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export async function liarBefore({ endpoint }: { readonly endpoint: Endpoint }): Promise<Liar> {
  const asked = new Map<string, number>();
  const answer = async (text: string): Promise<string> => {
    const questions = JSON.parse(text) as readonly Question[];
    for (const { method } of questions) asked.set(method, (asked.get(method) ?? 0) + 1);
    const { lie, whole, lacks } = liar;
    if (typeof lie === 'string') return lie;
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: { authorization: endpoint.authorization ?? '', 'content-type': 'application/json' },
      body: text,
    });
    const answers = (await response.json()) as readonly { readonly result: unknown }[];
    const changed = answers.map((one, at) => {
      const question = questions[at];
      if (question && lacks.has(question.method))
        return { id: question.id, error: { code: -32_601, message: `no method ${question.method}` } };
      if (!lie || !question) return one;
      const said = lie(question.method, question.params, one.result);
      return said instanceof Refuses ? { id: question.id, error: said.error } : { ...one, result: said };
    });
    return JSON.stringify(whole ? whole(changed) : changed);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void answer(Buffer.concat(chunks).toString()).then((text) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(text);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const liar: Liar = {
    endpoint: { ...endpoint, url: `http://127.0.0.1:${port}` },
    lie: null,
    whole: null,
    lacks: new Set(),
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return liar;
}
