/** Two litecoind (Debian's package litecoin-node, or litecoind) on a regtest of their own, peered, in a temporary folder. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../program/testing/free-port.ts';

/** Whether the machine has it. `.ci/run` installs it, and demands it by KURAMORI_REQUIRE_LITECOIND. */
export const hasLitecoind = (): boolean => {
  const there = spawnSync('litecoind', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!there && process.env['KURAMORI_REQUIRE_LITECOIND'] === '1')
    throw new Error('litecoind is required and not here: apt-get install litecoind');
  return there;
};

/** What a node refuses, in its own words. */
export class Refused extends Error {}

export interface Litecoind {
  /** What a client of it is given. */
  readonly endpoint: { readonly url: string; readonly authorization: string };
  /** One call, its result unread. Throws `Refused` with the node's message. */
  readonly call: (method: string, ...params: readonly unknown[]) => Promise<unknown>;
  /** Many calls in one request: each one's result, or the node's message. */
  readonly calls: (
    each: readonly (readonly [method: string, ...params: unknown[]])[],
  ) => Promise<readonly ({ readonly result: unknown } | { readonly refused: string })[]>;
}

export interface Litecoinds extends AsyncDisposable {
  /** Connected: what one takes into its pool reaches the other. */
  readonly nodes: readonly [Litecoind, Litecoind];
}

/** `more`: settings of both beside the usual ones, which they override. */
export async function litecoinds(more: readonly string[] = []): Promise<Litecoinds> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-litecoind-'));
  const meeting = await freePort();
  const children: ChildProcess[] = [];
  const start = async (name: string, peering: readonly string[]): Promise<Litecoind> => {
    const home = join(folder, name);
    mkdirSync(home);
    const port = await freePort();
    const child = spawn('litecoind', [...settings(home, port), ...peering, ...more], { stdio: 'ignore' });
    children.push(child);
    return ready(child, port, join(home, 'regtest', '.cookie'));
  };
  const end = async () => {
    // Asked to end, it would wait half a minute for connections that are kept open; and nobody wants its files.
    for (const child of children) child.kill('SIGKILL');
    const alive = children.filter((child) => child.exitCode === null && child.signalCode === null);
    await Promise.all(alive.map((child) => once(child, 'exit')));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // Whoever connects tries again until the other listens.
    const nodes = await Promise.all([
      start('first', [`-bind=127.0.0.1:${meeting}`]),
      start('second', ['-listen=0', `-connect=127.0.0.1:${meeting}`]),
    ]);
    return { nodes, [Symbol.asyncDispose]: end };
  } catch (failure) {
    await end();
    throw failure;
  }
}

/** Small, on loopback alone, and as strict about standard transactions as a node of the main network. */
function settings(home: string, port: number): readonly string[] {
  return [
    '-regtest',
    `-datadir=${home}`,
    '-server',
    `-rpcport=${port}`,
    '-rpcbind=127.0.0.1',
    '-rpcallowip=127.0.0.1',
    '-rpcthreads=2',
    '-acceptnonstdtxn=0',
    '-fallbackfee=0.0001',
    // Litecoin's nodes replace nothing by default (its pull request 772); Bitcoin's do.
    '-mempoolreplacement=1',
    '-disablewallet',
    '-txindex',
    '-dbcache=4',
    '-maxmempool=20',
    '-par=1',
    '-dnsseed=0',
    '-listenonion=0',
    '-upnp=0',
    '-discover=0',
    '-printtoconsole=0',
  ];
}

async function ready(child: ChildProcess, port: number, cookie: string): Promise<Litecoind> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`litecoind ended with ${child.exitCode}`);
    try {
      const node = clientOf(port, cookie);
      await node.call('getblockcount');
      return node;
    } catch {
      await sleep(100); // not yet listening, or still warming up
    }
  }
  throw new Error('litecoind did not come up within 30 s');
}

function clientOf(port: number, cookie: string): Litecoind {
  if (!existsSync(cookie)) throw new Error('litecoind has no cookie yet');
  const authorization = `Basic ${Buffer.from(readFileSync(cookie, 'utf8')).toString('base64')}`;
  const url = `http://127.0.0.1:${port}`;
  const post = async (body: unknown): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const calls: Litecoind['calls'] = async (each) => {
    const replies = (await post(
      each.map(([method, ...params], id) => ({ jsonrpc: '1.0', id, method, params })),
    )) as readonly { readonly result: unknown; readonly error: { readonly message: string } | null }[];
    return replies.map(({ result, error }) => (error ? { refused: error.message } : { result }));
  };
  return {
    endpoint: { url, authorization },
    calls,
    call: async (method, ...params) => {
      const [reply] = await calls([[method, ...params]]);
      if (!reply || 'refused' in reply) throw new Refused(reply?.refused ?? 'no reply');
      return reply.result;
    },
  };
}
