/**
 * Ethereum for the house: anvil as it comes from npm, on loopback alone, and a second door to it, since a house asks two nodes: here
 * they are one, and a lie of the one is the other's. It keeps its chain in a file, states and all, and goes on from there.
 */
import { createRequire } from 'node:module';
import { createServer, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { foreignFolder, startForeign } from '../foreign.ts';
import { ChainFailed, until } from '../house/chain.ts';
import type { Deed } from '../house/deed.ts';
import type { HousePlan } from '../house/plan.ts';
import type { Running } from '../process.ts';

export type EthereumDeed = NonNullable<Deed['ethereum']>;
type Ports = Pick<EthereumDeed, 'ports'>;

const packages = createRequire(import.meta.url);

/** The binary of this machine's package, which npm installed beside @foundry-rs/anvil. */
export function anvilBinary(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const installed = packages.resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/package.json`);
  return join(dirname(installed), 'bin', 'anvil');
}

export type Ethereum = (method: string, ...params: readonly unknown[]) => Promise<unknown>;

const Reply = z.object({ result: z.unknown(), error: z.object({ message: z.string() }).optional() });

/** Calls of the node, by the sandbox itself. Throws what the node refuses. */
export function ethereumAt({ ports }: Ports): Ethereum {
  const url = `http://127.0.0.1:${ports.node}`;
  return async (method, ...params) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 0, method, params }),
    });
    const read = Reply.safeParse(await response.json().catch(() => undefined));
    if (!read.success) throw new ChainFailed(`${url} ${method}: status ${response.status}`);
    if (read.data.error) throw new ChainFailed(`${url} ${method}: ${read.data.error.message}`);
    return read.data.result;
  };
}

export function ethereumUrls({ ports }: Ports): readonly string[] {
  return [ports.node, ports.door].map((port) => `http://127.0.0.1:${port}`);
}

/** It is there when it answers. Final is what two blocks stand on. */
export function startAnvil(
  plan: Pick<HousePlan, 'folder' | 'users' | 'ephemeral' | 'slotSeconds'>,
  deed: Ports,
): Promise<Running> {
  const name = 'anvil';
  const state = join(foreignFolder(plan, name), 'state.json');
  const call = ethereumAt(deed);
  return startForeign(plan, {
    name,
    command: [
      anvilBinary(),
      '--host=127.0.0.1',
      `--port=${deed.ports.node}`,
      '--accounts=2',
      `--block-time=${plan.slotSeconds}`,
      '--slots-in-an-epoch=1',
      `--state=${state}`,
      '--preserve-historical-states',
      '--state-interval=20',
    ],
    answers: () => call('eth_blockNumber'),
  });
}

/** Whatever comes to it goes to the node, as it is. */
export async function openDoor({ ports }: Ports): Promise<Disposable> {
  const server = createServer((outside) => {
    const inside = connect(ports.node, '127.0.0.1');
    outside.pipe(inside).pipe(outside);
    // Whichever end goes first takes the other with it.
    outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
    inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(ports.door, '127.0.0.1', resolve);
  });
  return {
    [Symbol.dispose]() {
      server.close();
    },
  };
}

export interface Sent {
  /** 0x and 64 digits. */
  readonly transaction: string;
  readonly contract: string | null;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[] }[];
}

const Receipt = z.object({
  status: z.string(),
  transactionHash: z.string(),
  contractAddress: z.string().nullable(),
  logs: z.array(z.object({ address: z.string(), topics: z.array(z.string()) })),
});

/** Accounts of the node's own, which every anvil has: the sandbox's outsiders, and who is a thief in a drill. */
export async function outsider(call: Ethereum, which: 'honest' | 'thief' = 'honest'): Promise<string> {
  const account = z.array(z.string()).parse(await call('eth_accounts'))[which === 'honest' ? 0 : 1];
  if (account === undefined) throw new ChainFailed('anvil has no account');
  return account;
}

/** Data is hex with 0x; to null, a contract is made. */
export interface Wanted {
  readonly to: string | null;
  readonly data: string;
  /** Wei. */
  readonly value?: bigint;
}

/** A transaction of theirs, mined. */
export async function sendAs(call: Ethereum, to: string | null, data: string, value = 0n): Promise<Sent> {
  const hash = await submit(call, await outsider(call), { to, data, value }, 8_000_000);
  // Nobody waits for the next block.
  await call('anvil_mine', '0x1');
  return mined(call, hash);
}

/** Many of theirs, none larger than a token's creation, in as few blocks as take them: a chain that is hurried runs ahead of the clock. */
export async function sendAllAs(call: Ethereum, wanted: readonly Wanted[]): Promise<readonly Sent[]> {
  const from = await outsider(call);
  const hashes: string[] = [];
  for (const one of wanted) hashes.push(await submit(call, from, one, 1_200_000));
  if (wanted.length > 0) await call('anvil_mine', '0x2');
  return Promise.all(hashes.map((hash) => mined(call, hash)));
}

/** Of an account that the node holds; not waited for. Gives the transaction's hash. */
export async function submit(
  call: Ethereum,
  from: string,
  { to, data, value = 0n }: Wanted,
  gas: number,
  fees: object = {},
): Promise<string> {
  return z.string().parse(
    await call('eth_sendTransaction', {
      from,
      ...(to === null ? {} : { to }),
      data,
      value: `0x${value.toString(16)}`,
      gas: `0x${gas.toString(16)}`,
      ...fees,
    }),
  );
}

/** Whether a transaction did what it was to do; undefined where it is in no block. */
export async function passed(call: Ethereum, hash: string): Promise<boolean | undefined> {
  const receipt = await receiptOf(call, hash);
  return receipt && receipt.status === '0x1';
}

async function receiptOf(call: Ethereum, hash: string): Promise<z.infer<typeof Receipt> | undefined> {
  return Receipt.nullable().parse(await call('eth_getTransactionReceipt', hash)) ?? undefined;
}

async function mined(call: Ethereum, hash: string): Promise<Sent> {
  const receipt = await until(`transaction ${hash}`, () => receiptOf(call, hash));
  if (receipt.status !== '0x1') throw new ChainFailed(`transaction ${hash} failed`);
  const { transactionHash: transaction, contractAddress: contract, logs } = receipt;
  return { transaction, contract, logs };
}
