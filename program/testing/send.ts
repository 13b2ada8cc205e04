/** Sends bytes to a socket as a hostile caller would: nothing about them is checked here. */
import { request as httpRequest } from 'node:http';

export interface Sent {
  /** Null where the connection was cut without an answer. */
  readonly status: number | null;
  readonly body: string;
}

export interface How {
  readonly method?: string;
  /** Left open where false. */
  readonly ends?: boolean;
}

export function send(socket: string, path: string, body: string | Buffer, how: How = {}): Promise<Sent> {
  return new Promise((resolve) => {
    const request = httpRequest({ socketPath: socket, path, method: how.method ?? 'POST' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('close', () => resolve({ status: response.statusCode ?? null, body: text }));
    });
    request.on('error', () => resolve({ status: null, body: '' }));
    if (how.ends === false) request.write(body);
    else request.end(body);
  });
}
