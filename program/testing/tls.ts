/** A process's door for tests: a real server on loopback, and callers of whom nothing is checked. */
import { readFileSync } from 'node:fs';
import { request, type Agent } from 'node:https';
import type { SecureVersion } from 'node:tls';
import { z } from 'zod';
import { openHosts, serveRoutes } from '../index.ts';
import { freePort } from './free-port.ts';
import type { Files } from './openssl.ts';

export const routes = {
  echo: {
    path: '/v1/echo',
    asked: z.strictObject({ text: z.string() }),
    answered: z.strictObject({ text: z.string() }),
  },
} as const;

export interface Served extends AsyncDisposable {
  readonly port: number;
  /** The bodies that were read. */
  readonly heard: readonly string[];
}

export async function serveTls(own: Files, callers: readonly Files[]): Promise<Served> {
  const port = await freePort();
  const tls = { host: '127.0.0.1', port, callers: callers.map(({ certificate }) => certificate) };
  const heard: string[] = [];
  const server = await serveRoutes(openHosts('config.json', own).listening({ tls }), routes, {
    echo: ({ text }) => {
      heard.push(text);
      return { text };
    },
  });
  return { port, heard, [Symbol.asyncDispose]: () => server.close() };
}

export interface As {
  readonly files?: Files | undefined;
  readonly version?: SecureVersion;
  readonly session?: Buffer;
  /** Keeps the connection. */
  readonly agent?: Agent;
}

/** One question over a connection of its own: the status, or the code of the error. Whoever answers is believed. */
export function askOver(
  port: number,
  text: string,
  { files, version, session, agent }: As = {},
): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: '/v1/echo',
        method: 'POST',
        agent: agent ?? false,
        rejectUnauthorized: false,
        ...(session ? { session } : {}),
        ...(version ? { minVersion: version, maxVersion: version } : {}),
        ...(files ? { cert: readFileSync(files.certificate), key: readFileSync(files.key) } : {}),
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    asked.on('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
    asked.end(JSON.stringify({ text }));
  });
}

/** The lines that this process logs while `work` runs. */
export async function logged(work: () => Promise<void>): Promise<readonly Record<string, unknown>[]> {
  const write = process.stderr.write.bind(process.stderr);
  let text = '';
  process.env['KURAMORI_LOG'] = 'on';
  process.stderr.write = (chunk: string | Uint8Array) => (text += String(chunk)) !== '';
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.stderr.write = write;
    process.env['KURAMORI_LOG'] = 'off';
  }
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
