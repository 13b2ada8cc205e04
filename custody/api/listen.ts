/** Listen: how many may call at once, and for how long one may take to say what it wants. */
import { Server } from 'node:http';
import { serve, type ServerType } from '@hono/node-server';
import { log, Misconfigured } from '@kuramori/program';
import type { Api } from './answer.ts';

export interface Patience {
  /** A request that is not whole by then is dropped: whoever trickles bytes holds a connection no longer. ms */
  readonly requestMs: number;
  /** So many bodies of 64 KiB are what all of them can make us keep in memory. */
  readonly connections: number;
}

const usual: Patience = { requestMs: 10_000, connections: 1_000 };

/** Throws a Misconfigured where the port is not to be had. */
export function listen(
  { host, port }: { readonly host: string; readonly port: number },
  app: Api,
  { requestMs, connections }: Patience = usual,
): Promise<{ readonly server: ServerType; readonly port: number }> {
  const serverOptions = {
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(1_000, requestMs / 2),
  };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port, serverOptions }, (address) =>
      resolve({ server, port: address.port }),
    );
    if (server instanceof Server) server.maxConnections = connections;
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'is in use: stop what listens there, or give another port'
          : cause.message;
      reject(new Misconfigured(`listen.port: ${port} ${why}`, { cause }));
    });
    log('listening', { host, port });
  });
}

export function close(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}
