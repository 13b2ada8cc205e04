/**
 * Two litecoind on a regtest of this house's own, peered: Debian's program as it is, on loopback alone. One of them keeps a wallet
 * besides, in which the sandbox's outsiders have their coins: a treasury, a customer, a miner.
 */
import { spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readSecret, replaceFile, writeNew } from '@kuramori/program';
import { foreignFolder, startForeign } from '../foreign.ts';
import { ChainFailed, pause } from '../house/chain.ts';
import type { Deed } from '../house/deed.ts';
import type { HousePlan } from '../house/plan.ts';
import type { Running } from '../process.ts';

export type LitecoinDeed = NonNullable<Deed['litecoin']>;

/** Whether this machine has the program; without it the house keeps to NEM. */
export function hasLitecoind(): boolean {
  return spawnSync('litecoind', ['--version'], { stdio: 'ignore' }).status === 0;
}

const user = 'kuramori';
/** The wallet of the sandbox's outsiders. */
const wallet = 'outsiders';

/** Of whoever asks the nodes: a file of one line, user:password, in their own folder. */
export function credentialsFile(plan: Pick<HousePlan, 'folder'>, reader: string): string {
  return join(plan.folder, reader, 'litecoin-rpc');
}

/** For one reader, as its own file: a secret that others may read is refused. */
export function giveCredentials(plan: Pick<HousePlan, 'folder' | 'users'>, reader: string): void {
  const file = credentialsFile(plan, reader);
  mkdirSync(join(plan.folder, reader), { recursive: true, mode: 0o700 });
  replaceFile(file, `${user}:${passwordOf(plan)}\n`);
  const owner = plan.users?.(reader);
  if (owner) chownSync(file, owner.uid, owner.gid);
}

function passwordOf(plan: Pick<HousePlan, 'folder'>): string {
  const file = join(plan.folder, 'people', 'litecoin-rpc');
  if (!existsSync(file)) writeNew(file, `${randomBytes(24).toString('base64url')}\n`);
  return readSecret(file);
}

/** On a command line everybody sees it: a salt, and what the password gives with it. */
function rpcauth(password: string): string {
  const salt = randomBytes(16).toString('hex');
  return `${user}:${salt}$${createHmac('sha256', salt).update(password).digest('hex')}`;
}

export function litecoinUrls({ ports }: Pick<LitecoinDeed, 'ports'>): readonly [string, string] {
  return [`http://127.0.0.1:${ports.rpc1}`, `http://127.0.0.1:${ports.rpc2}`];
}

export type Litecoin = (method: string, ...params: readonly unknown[]) => Promise<unknown>;

const Reply = z.object({ result: z.unknown(), error: z.object({ message: z.string() }).nullable() });

/** Calls of a node, by the sandbox itself. Throws what the node refuses. */
export function litecoinAt(
  plan: Pick<HousePlan, 'folder'>,
  deed: Pick<LitecoinDeed, 'ports'>,
  which: 1 | 2,
): Litecoin {
  const url = litecoinUrls(deed)[which - 1] ?? '';
  const authorization = `Basic ${Buffer.from(`${user}:${passwordOf(plan)}`).toString('base64')}`;
  return async (method, ...params) => {
    const response = await fetch(url, {
      method: 'POST',
      // One that is kept open would keep the node from ending.
      headers: { authorization, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ jsonrpc: '1.0', id: 0, method, params }),
    });
    const read = Reply.safeParse(await response.json().catch(() => undefined));
    if (!read.success) throw new ChainFailed(`${url} ${method}: status ${response.status}`);
    if (read.data.error) throw new ChainFailed(`${url} ${method}: ${read.data.error.message}`);
    return read.data.result;
  };
}

/** One of them; it is there when it answers. */
export async function startLitecoind(
  plan: Pick<HousePlan, 'folder' | 'users' | 'ephemeral' | 'litecoinReplaces'>,
  deed: Pick<LitecoinDeed, 'ports'>,
  which: 1 | 2,
): Promise<Running> {
  const name = `litecoin${which}`;
  const { rpc1, rpc2, meeting } = deed.ports;
  const settings = [
    `-datadir=${foreignFolder(plan, name)}`,
    '-regtest',
    '-server',
    '-listenonion=0',
    '-dnsseed=0',
    '-upnp=0',
    '-debuglogfile=0',
    '-printtoconsole=1',
    `-rpcport=${which === 1 ? rpc1 : rpc2}`,
    '-rpcbind=127.0.0.1',
    '-rpcallowip=127.0.0.1',
    `-rpcauth=${rpcauth(passwordOf(plan))}`,
    '-fallbackfee=0.0001',
    // Never: from block 432 on a regtest with MWEB makes no block until somebody has moved coins into it.
    '-vbparams=mweb:4000000000:4000000001',
    `-mempoolreplacement=${plan.litecoinReplaces ? 1 : 0}`,
    // A little machine: what a regtest needs, and no more.
    '-dbcache=16',
    '-maxmempool=32',
    ...(which === 1 ? [`-bind=127.0.0.1:${meeting}`] : ['-listen=0', `-connect=127.0.0.1:${meeting}`]),
  ];
  const call = litecoinAt(plan, deed, which);
  return startForeign(plan, {
    name,
    command: ['litecoind', ...settings],
    answers: () => call('getblockcount'),
  });
}

/** The outsiders' wallet, loaded or made; with coins to spend where it is new. Gives the height that was reached. */
export async function openOutsiders(litecoin: Litecoin): Promise<number> {
  const known = z.object({ wallets: z.array(z.object({ name: z.string() })) });
  const { wallets } = known.parse(await litecoin('listwalletdir'));
  if (wallets.some(({ name }) => name === wallet)) {
    const loaded = z.array(z.string()).parse(await litecoin('listwallets'));
    if (!loaded.includes(wallet)) await litecoin('loadwallet', wallet);
  } else {
    await litecoin('createwallet', wallet);
    // A hundred blocks later the first of them may be spent (COINBASE_MATURITY); after 150 a block makes half as many.
    await litecoin('generatetoaddress', 148, await litecoin('getnewaddress'));
  }
  return Number(await litecoin('getblockcount'));
}

/** Makes a block every so many seconds, until it is disposed of. */
export function mineLitecoin(litecoin: Litecoin, seconds: number): Disposable {
  let over = false;
  void (async () => {
    const address = await litecoin('getnewaddress').catch(() => undefined);
    while (!over) {
      // The node may be on its way out.
      await litecoin('generatetoaddress', 1, address).catch(() => undefined);
      await pause(seconds * 1000);
    }
  })();
  return {
    [Symbol.dispose]() {
      over = true;
    },
  };
}
