/** Everybody around custody, real and in this process: two devnet nodes, two co-signers, a watchtower, and a clock that the test drives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatPrivateKey,
  encode,
  minimumFee,
  nemTimeOf,
  sign,
  sortModifications,
  transactionHash,
  unixMsOf,
  type Transaction,
  type Transfer,
  keyOf,
} from '@kuramori/chains/nem/codec';
import { startNode, type RunningNode } from '../../sandbox/devnet/index.ts';
import { nemEye } from '../../watchtower/chains/nem.ts';
import type { Tower } from '../../watchtower/tower.ts';
import { round, type ScanState } from '../chain/scan.ts';
import { openRooms, until } from './rooms.ts';
import {
  newPeople,
  person,
  testHouse,
  type Options,
  type People,
  type Person,
  type TestHouse,
} from './house.ts';

/** NEM seconds at which the tests' chains begin. */
const genesisTime = 367_700_000;
/** How long after its deadline the watchtower calls a transaction dead here. Seconds. */
/** Milliseconds of Unix time at which the tests begin. */
export const beginning = unixMsOf(genesisTime + 60);
export const deadMargin = 600;
/** And how many blocks later. */
export const rewriteDepth = 4;

export interface Neighbourhood extends AsyncDisposable {
  readonly t: TestHouse;
  readonly people: People;
  readonly nodes: readonly [RunningNode, RunningNode];
  readonly tower: Tower;
  /** NEM seconds. */
  readonly now: () => number;
  readonly pass: (seconds: number) => void;
  /** Makes blocks, and waits until both nodes have them. */
  readonly harvest: (blocks?: number) => Promise<void>;
  /** Replaces the newest blocks by others that weigh more, and waits until both nodes have them. */
  readonly fork: (asked: {
    readonly depth: number;
    readonly drop?: readonly string[];
    readonly dropped?: 'pending' | 'forgotten';
  }) => Promise<void>;
  /** Both nodes lose what waits, as by a restart; what is on its way between them, too. */
  readonly forget: () => Promise<void>;
  /** Signs and announces to the first node; gives the hash. Throws unless it is taken. */
  readonly announce: (transaction: Transaction, by: Person) => Promise<string>;
  readonly scan: () => Promise<ScanState>;
  readonly balance: (address: string) => Promise<bigint>;
  /** Waits until the watchtower has seen what both nodes have. */
  readonly watched: () => Promise<void>;
}

export function transfer(
  n: Pick<Neighbourhood, 'now'>,
  from: Person,
  to: string,
  units: bigint,
  more: Partial<Transfer> = {},
): Transfer {
  const draft: Transfer = {
    kind: 'transfer',
    version: 2,
    network: 'testnet',
    timeStamp: n.now(),
    deadline: n.now() + 3600,
    signer: from.publicKey,
    fee: 0n,
    recipient: to as Transfer['recipient'],
    amount: units,
    message: { kind: 'none' },
    mosaics: [],
    ...more,
  };
  return { ...draft, fee: minimumFee(draft) ?? 0n };
}

export function plain(text: string): Transfer['message'] {
  return { kind: 'plain', payload: Buffer.from(text).toString('hex') };
}

export async function openNeighbourhood(
  given: Pick<Options, 'rules' | 'policy' | 'clock' | 'treasury' | 'house'> = {},
): Promise<Neighbourhood> {
  const people = newPeople();
  const harvester = person();
  const clock = given.clock ?? { ms: unixMsOf(genesisTime + 60) };
  const now = () => nemTimeOf(clock.ms);
  const balances = [people.hot, people.customer, people.treasury].map(({ address }) => ({
    address,
    amount: '1000000000000',
  }));
  const genesis = {
    network: 'testnet' as const,
    timestamp: genesisTime,
    harvester: harvester.publicKey,
    balances,
  };
  const folders = mkdtempSync(join(tmpdir(), 'kuramori-nodes-'));
  const options = { clockMs: () => clock.ms };
  const first = await startNode(
    {
      port: 0,
      dataFolder: join(folders, 'node1'),
      genesis,
      broadcastMs: 10,
      syncMs: 50,
      harvest: { privateKey: formatPrivateKey(harvester.privateKey), intervalSeconds: 0 },
    },
    options,
  );
  const second = await startNode(
    { port: 0, dataFolder: join(folders, 'node2'), genesis, broadcastMs: 10, syncMs: 50, peers: [first.url] },
    options,
  );
  const nodes = [first, second] as const;

  async function harvest(blocks = 1): Promise<void> {
    for (let made = 0; made < blocks; made += 1) {
      await post(first, '/devnet/control/harvest', {});
      clock.ms = Math.max(clock.ms, unixMsOf(first.core.chain.last().block.timeStamp));
    }
    await alike();
  }

  const alike = () =>
    until('both nodes to have the same chain', async () => {
      await post(second, '/devnet/control/sync', {});
      return second.core.chain.last().block.hash === first.core.chain.last().block.hash;
    });

  async function fork(asked: object): Promise<void> {
    await post(first, '/devnet/control/fork', asked);
    clock.ms = Math.max(clock.ms, unixMsOf(first.core.chain.last().block.timeStamp));
    await alike();
  }

  const forget = () =>
    until('both nodes to have forgotten', async () => {
      for (const { core } of nodes) core.pool.clear();
      await post(second, '/devnet/control/broadcast', {});
      await post(second, '/devnet/control/sync', {});
      return nodes.every(({ core }) => core.pool.list().length === 0);
    });

  async function announce(transaction: Transaction, by: Person): Promise<string> {
    const bytes = encode(transaction);
    const reply = (await post(first, '/transaction/announce', {
      data: bytes.toHex(),
      signature: sign(by.privateKey, bytes),
    })) as { code: number; message: string };
    if (reply.code !== 1) throw new Error(`refused: ${reply.code} ${reply.message}`);
    return transactionHash(bytes);
  }

  // The hot account becomes the 2-of-3 that the policy says it is.
  await announce(
    {
      kind: 'modification',
      version: 2,
      network: 'testnet',
      timeStamp: now(),
      deadline: now() + 3600,
      signer: people.hot.publicKey,
      fee: 500_000n,
      modifications: sortModifications(
        people.cosigners.map(({ publicKey }) => ({ type: 'add', cosigner: publicKey })),
        'testnet',
      ),
      minCosignatoriesChange: 2,
    },
    people.hot,
  );
  await harvest();
  const scanFrom = first.core.chain.last().block.height;
  const t = await testHouse({
    ...given,
    signers: true,
    people,
    clock,
    nodes: nodes.map(({ url }) => url),
    scanFrom,
    wholeTower: true,
  });
  const { house } = t;

  const rooms = await openRooms(t, {
    keys: people.cosigners.map(({ privateKey }) => keyOf(privateKey)),
    eyes: [
      nemEye({
        nodes: t.nodes,
        pushes: [],
        canaries: [],
        watchFrom: scanFrom,
        pollMs: 20,
        tipAgeSeconds: 86_400,
        deadMarginSeconds: deadMargin,
        rewriteDepth,
      }),
    ],
  });
  const { tower } = rooms;
  const watched = () => {
    // A round that had begun before may have looked at what waits before the test changed it.
    const sees = () => {
      const [nem] = tower.status().chains;
      if (!nem) throw new Error('it watches NEM');
      return nem;
    };
    const enough = sees().rounds + 2;
    return until('the watchtower to see both nodes', async () => {
      const height = first.core.chain.last().block.height;
      const { blind, nodes: seen, rounds } = sees();
      return blind === null && rounds >= enough && seen.every((node) => node.height === height);
    });
  };
  await rooms.open();
  await watched();
  await house.journals.read(house);

  return {
    t,
    people,
    nodes,
    tower,
    now,
    pass: (seconds) => {
      clock.ms += seconds * 1000;
    },
    harvest,
    fork,
    forget,
    announce,
    scan: () => round(house),
    balance: async (address) => {
      const [node] = t.nodes;
      const read = await node?.account(address);
      if (read?.kind !== 'read') throw new Error(read?.detail);
      return read.value.balance;
    },
    watched,
    async [Symbol.asyncDispose]() {
      await rooms[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      rmSync(folders, { recursive: true, force: true });
      await t[Symbol.asyncDispose]();
    },
  };
}

async function post(node: RunningNode, path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(node.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
}

export { until } from './rooms.ts';
