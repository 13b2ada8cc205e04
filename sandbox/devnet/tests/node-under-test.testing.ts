import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addressOf,
  encode,
  privateKeyOf,
  publicKeyOf,
  sign,
  transactionHash,
  unixMsOf,
  formatPrivateKey,
  type Address,
  type PrivateKey,
  type PublicKey,
  type Transaction,
} from '@kuramori/chains/nem/codec';
import { z } from 'zod';
import { expectDecodedAlike } from './decoded-again.testing.ts';
import { startNode, type NodeConfigInput, type RunningNode } from '../index.ts';
import { childrenOf } from '../wire/transaction.ts';

/** An account of a test. */
export interface Person {
  readonly privateKey: PrivateKey;
  readonly publicKey: PublicKey;
  readonly address: Address;
}

/** The same account for the same name, on mainnet. */
export function person(name: string): Person {
  const privateKey = privateKeyOf(createHash('sha256').update(name).digest());
  const publicKey = publicKeyOf(privateKey);
  return { privateKey, publicKey, address: addressOf(publicKey, 'mainnet') };
}

/** Several of them, by name. */
export function people<const Names extends readonly string[]>(...names: Names) {
  return names.map(person) as { readonly [At in keyof Names]: Person };
}

export const harvester = person('harvester');
/** NEM seconds at which the tests' chains begin. */
export const startTime = 367_700_000;

const Reply = z.looseObject({
  code: z.int(),
  message: z.string(),
  transactionHash: z.looseObject({ data: z.string().optional() }),
  innerTransactionHash: z.looseObject({ data: z.string().optional() }),
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

/** A devnet node over real HTTP, whose time the test drives. */
export interface NodeUnderTest extends AsyncDisposable {
  readonly node: RunningNode;
  readonly config: NodeConfigInput;
  readonly now: () => number;
  /** NEM seconds. */
  readonly setTime: (time: number) => void;
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body?: unknown) => Promise<Answer>;
  /** Announces; whatever is accepted, symbol-sdk reads once more. */
  readonly announceBytes: (data: Uint8Array, signature: string) => Promise<Answer>;
  /** Signs and announces; gives the code. */
  readonly announce: (transaction: Transaction, by: Person) => Promise<number>;
  /** Announces bytes that no wallet of ours would make: the transaction's, changed, then signed. */
  readonly announceChanged: (
    transaction: Transaction,
    by: Person,
    change: (bytes: Uint8Array, view: DataView) => Uint8Array | undefined,
  ) => Promise<Answer>;
  /** Makes a block now; gives the number of its transactions. */
  readonly harvest: () => Promise<number>;
  readonly balance: (address: Address) => Promise<number>;
  /** Stops it, and starts it again on the same folder. */
  readonly restart: () => Promise<void>;
}

export interface Setup {
  readonly balances?: readonly (readonly [Address, number])[];
  readonly config?: Partial<NodeConfigInput>;
  /** A clock in common with another node. */
  readonly clock?: { time: number };
}

/** `balances` are whole XEM. */
export async function startUnderTest(setup: Setup = {}): Promise<NodeUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-devnet-'));
  const clock = setup.clock ?? { time: startTime + 60 };
  const config: NodeConfigInput = {
    port: 0,
    dataFolder: folder,
    genesis: {
      network: 'mainnet',
      timestamp: startTime,
      harvester: harvester.publicKey,
      balances: (setup.balances ?? []).map(([address, xem]) => ({
        address,
        amount: `${BigInt(xem) * 1_000_000n}`,
      })),
    },
    harvest: { privateKey: formatPrivateKey(harvester.privateKey), intervalSeconds: 0 },
    ...setup.config,
  };
  const clockMs = () => unixMsOf(clock.time);
  let node = await startNode(config, { clockMs });

  const request = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(node.url + path, init);
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text) };
  };
  const post = (path: string, body: unknown = {}) =>
    request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const announceBytes = async (data: Uint8Array, signature: string) => {
    const answer = await post('/transaction/announce', { data: data.toHex(), signature });
    const reply = Reply.safeParse(answer.body).data;
    if (reply?.code === 1) {
      const pending = node.core.pool.list();
      const hash = reply.transactionHash.data;
      const understood = pending.concat(pending.flatMap(childrenOf)).find((each) => each.hash === hash);
      if (understood !== undefined) expectDecodedAlike(data, understood);
    }
    return answer;
  };

  return {
    get node() {
      return node;
    },
    config,
    now: () => clock.time,
    setTime: (time) => {
      clock.time = time;
    },
    get: (path) => request(path),
    post,
    announceBytes,
    announce: async (transaction, by) => {
      const data = encode(transaction);
      const answer = await announceBytes(data, sign(by.privateKey, data));
      const reply = Reply.parse(answer.body);
      if (reply.transactionHash.data !== transactionHash(data)) throw new Error('the node has another hash');
      return reply.code;
    },
    announceChanged: async (transaction, by, change) => {
      const bytes = Uint8Array.from(encode(transaction));
      const data = change(bytes, new DataView(bytes.buffer)) ?? bytes;
      return announceBytes(data, sign(by.privateKey, data));
    },
    harvest: async () => {
      const answer = await post('/devnet/control/harvest');
      clock.time = Math.max(clock.time, node.core.chain.last().block.timeStamp);
      return z.object({ transactions: z.int() }).parse(answer.body).transactions;
    },
    balance: async (address) => {
      const { body } = await request(`/account/get?address=${address}`);
      return z.object({ account: z.object({ balance: z.int() }) }).parse(body).account.balance / 1_000_000;
    },
    restart: async () => {
      await node[Symbol.asyncDispose]();
      node = await startNode(config, { clockMs });
    },
    [Symbol.asyncDispose]: async () => {
      await node[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
