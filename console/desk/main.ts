/**
 * The desk: serves the console's pages and what they show, on loopback, to people with passkeys. In come their requests; out
 * goes what functions of the database show (sql/0001-desk.sql). It holds no key of anybody's, asks no signer, watchtower or
 * custody, and writes its own schema alone.
 */
import { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { expectMigrated, LedgerError } from '@kuramori/ledger';
import { log, Misconfigured, readConfig, readSecret, reasonOf, run } from '@kuramori/program';
import { Pool } from 'pg';
import { api } from './answer.ts';
import { openChallenges } from './challenge.ts';
import { DeskConfig, placeOf } from './config.ts';
import type { Desk } from './desk.ts';
import { openKnocks } from './knock.ts';
import { openLive } from './live.ts';
import { deskMigrations } from './migrate.ts';
import { readOverview } from './overview.ts';
import { readPages } from './pages.ts';
import { firstCode } from './people.ts';

/** A request that is not whole by then is dropped. ms */
const requestMs = 10_000;

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node console/desk/main.ts <config.json> [--with-parent]\n');
  process.exit(2);
}

await run('desk', () => start(readConfig(path, DeskConfig)), {
  withParent: process.argv.includes('--with-parent'),
});

async function start(config: DeskConfig) {
  const place = placeOf(config);
  const pool = openPool(readSecret(config.databaseUrlFile));
  await connect(pool);
  const running = () => performance.now();
  const desk: Desk = {
    place,
    pool,
    pages: readPages(config.pages),
    asked: openChallenges(running),
    knocks: openKnocks(config.knocks, running),
    live: openLive(() => readOverview(pool), config.everyMs),
    sessions: config.sessions,
    codeMinutes: config.codeMinutes,
  };
  const code = await firstCode(desk);
  const server = await listen(config, desk);
  return {
    // The code is for whoever starts the desk, once; it stands in no log.
    ready: { url: place.origin, ...(code === null ? {} : { code, minutes: config.codeMinutes }) },
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await desk.live[Symbol.asyncDispose]();
      await pool.end();
    },
  };
}

function openPool(connectionString: string): Pool {
  const lost = (cause: Error) => log('database connection lost', { why: cause.message });
  const pool = new Pool({ connectionString, max: 8, statement_timeout: 10_000 });
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

async function connect(pool: Pool): Promise<void> {
  try {
    await expectMigrated(pool, deskMigrations);
  } catch (cause) {
    if (cause instanceof LedgerError) throw new Misconfigured(`databaseUrlFile: ${cause.message}`, { cause });
    throw new Misconfigured(`databaseUrlFile: the database does not answer: ${reasonOf(cause)}`, { cause });
  }
}

function listen({ listen: { host, port } }: DeskConfig, desk: Desk): Promise<Server> {
  const serverOptions = { headersTimeout: requestMs, requestTimeout: requestMs };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: api(desk).fetch, hostname: host, port, serverOptions }, () => {
      if (!(server instanceof Server)) return reject(new Error('no HTTP/1.1 server'));
      server.maxConnections = 1_000;
      resolve(server);
    });
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'is in use: stop what listens there, or give another port'
          : cause.message;
      reject(new Misconfigured(`listen.port: ${port} ${why}`, { cause }));
    });
  });
}
