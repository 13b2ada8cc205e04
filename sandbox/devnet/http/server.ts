import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import type { NodeConfig } from '../config.ts';
import { NisFailure } from '../wire/failure.ts';
import { openGossip, type Gossip } from '../peers/gossip.ts';
import { openNode, type NodeCore } from '../node.ts';
import { openPushServer, websocketPath, type PushServer } from '../push/server.ts';
import { errorReply, failureReply } from './reply.ts';
import { accountRoutes } from './route-account.ts';
import { chainRoutes } from './route-chain.ts';
import { controlRoutes, peerRoutes } from './route-devnet.ts';
import { mosaicRoutes } from './route-mosaic.ts';
import { nodeRoutes } from './route-node.ts';
import { transactionRoutes } from './route-transaction.ts';

/** A running node. */
export interface RunningNode extends AsyncDisposable {
  readonly url: string;
  /** Where it pushes; null where it does not. */
  readonly websocketUrl: string | null;
  readonly core: NodeCore;
  readonly gossip: Gossip;
}

export interface RunOptions {
  /** Milliseconds of Unix time; the system's or the clock file's if left out. */
  readonly clockMs: () => number;
  readonly warn?: (message: string) => void;
  /** The disk does not take a block. A process ends here; where nobody listens, no request is answered any more. */
  readonly broken?: (cause: unknown) => void;
}

/** The port cannot be had; the message says so in one line. */
class PortError extends Error {}

const tickMs = 200;

/** Starts a node and resolves once it listens. Throws DataError, PortError. */
export async function runNode(
  config: NodeConfig,
  { clockMs, warn = () => undefined, broken = () => undefined }: RunOptions,
): Promise<RunningNode> {
  let gossip: Gossip | undefined;
  let pushes: PushServer | undefined;
  let disk: Error | undefined;
  // What is pushed must never be in the way of what the node does.
  const guarded = (push: () => void) => {
    try {
      push();
    } catch (cause) {
      warn(`devnet: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
    }
  };
  const core = openNode(config, clockMs, {
    accepted: (transaction) => gossip?.queue(transaction),
    harvested: (blocks) => gossip?.sendBlocks(blocks),
    behind: () => void gossip?.sync(),
    confirmed: (blocks) => guarded(() => pushes?.messaging.blocks(blocks)),
    pending: (transaction) => guarded(() => pushes?.messaging.unconfirmed(transaction)),
    warn,
    broken: (cause) => {
      disk = cause instanceof Error ? cause : new Error(String(cause));
      broken(cause);
    },
  });
  let url = '';
  const opened = openGossip(core);
  gossip = opened;
  const app = routes(
    core,
    opened,
    () => url,
    warn,
    () => disk,
  );
  const server = createAdaptorServer({ fetch: app.fetch });
  const close = async () => {
    await pushes?.[Symbol.asyncDispose]();
    await opened[Symbol.asyncDispose]();
    core[Symbol.dispose]();
  };
  try {
    await listen(server, config.port, config.host);
    if (config.websocketPort !== undefined) {
      pushes = openPushServer(core, warn);
      await listen(pushes.server, config.websocketPort, config.host);
    }
  } catch (cause) {
    await stop(server);
    await close();
    throw cause;
  }
  const host = config.host === '::1' ? '[::1]' : config.host;
  url = `http://${host}:${portOf(server)}`;
  core.catchUp();
  const timer = setInterval(() => tick(core, warn), tickMs);
  return {
    url,
    websocketUrl: pushes ? `ws://${host}:${portOf(pushes.server)}${websocketPath}` : null,
    core,
    gossip: opened,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await stop(server);
      await close();
    },
  };
}

async function listen(server: ServerType, port: number, host: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve());
    });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`;
    throw new PortError(`port ${port} of ${host} ${why}`, { cause });
  }
}

async function stop(server: ServerType): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  if ('closeAllConnections' in server) server.closeAllConnections();
  await closed;
}

function portOf(server: ServerType): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

// A clock file that cannot be read for a moment must not stop the node.
function tick(core: NodeCore, warn: (message: string) => void): void {
  try {
    core.catchUp();
  } catch (cause) {
    warn(cause instanceof Error ? cause.message : String(cause));
  }
}

function routes(
  core: NodeCore,
  gossip: Gossip,
  url: () => string,
  warn: (message: string) => void,
  disk: () => Error | undefined,
): Hono {
  // Spring 5 takes a path with a slash at its end for the same.
  const app = new Hono({ strict: false });
  app.use(async (_, next) => {
    // So that whoever has just moved the clock sees a chain that has moved with it.
    core.catchUp();
    await next();
    // What this request, or one before it, has changed is not on the disk: its answer would be forgotten at the next start.
    const failed = disk();
    if (failed !== undefined) throw failed;
  });
  transactionRoutes(app, core);
  accountRoutes(app, core);
  chainRoutes(app, core);
  nodeRoutes(app, core, url, gossip.peers);
  mosaicRoutes(app, core);
  peerRoutes(app, core);
  controlRoutes(app, core, gossip);
  app.notFound(({ req }) => {
    const asked = req.path.replace(/\/$/, '');
    // ExceptionControllerAdvice answers 500 to Spring's own exceptions too.
    const known = app.routes.some(({ path, method }) => path === asked && method !== 'ALL');
    if (known) return errorReply(core, 500, `Request method '${req.method}' not supported`);
    // JsonErrorHandler writes for these only; Jetty gives the reason in an attribute, not in the response.
    if (!['GET', 'POST', 'HEAD'].includes(req.method)) return new Response(null, { status: 404 });
    return errorReply(core, 404, null);
  });
  app.onError((failure) => {
    if (!(failure instanceof NisFailure)) warn(`devnet: ${failure.stack ?? failure.message}`);
    return failureReply(core, failure);
  });
  return app;
}
