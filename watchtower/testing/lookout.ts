/** A lookout for tests: two real devnet nodes, two real co-signers on their sockets, a real watchtower; the test drives the clock and plays the thief. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryHash, signerRoutes, type PaymentAsk, type Policy, type SignedEntry } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import {
  combine,
  encode,
  formatPrivateKey,
  nemTimeOf,
  planPayment,
  sign,
  type Transaction,
} from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { chainOf, newestOf, type PolicyChain } from '@kuramori/core';
import { serveRoutes } from '@kuramori/program';
import {
  intentFor,
  now as begins,
  partOf,
  records,
  requestFor,
  tower as towerKey,
} from '../../core/testing/house.ts';
import { startNode, type RunningNode } from '../../sandbox/devnet/index.ts';
import { signer } from '../../signers/cosigner/signer.ts';
import { openJournal, type Journal } from '../../signers/journal.ts';
import { keysOf } from '../../signers/keystore.ts';
import { alice, chainKey, cosigners, policy as deskPolicy } from '../../signers/testing/desk.ts';
import type { BooksPatience } from '../books.ts';
import { openArchive } from '../archive.ts';
import { openFreezer } from '../frozen.ts';
import { openIncident, type WebhookConfig } from '../incident.ts';
import { startTower, type Tower } from '../tower.ts';
import { modification } from './transactions.ts';

export { alice, chainKey, cosigners };
export const harvester = chainKey('harvester');
export const coldKeys = ['d1', 'd2', 'd3'].map(chainKey);
export const [hot, cold] = [chainKey('hot'), chainKey('cold')];
export const stranger = chainKey('stranger');
const genesisTime = nemTimeOf(begins) - 600;

export interface Options {
  readonly policy?: Policy;
  /** Versions that the signers hold, where the watchtower does not yet. */
  readonly signersUnder?: PolicyChain;
  /** What the watchtower asks instead of the nodes, once they are there. */
  readonly through?: (urls: readonly string[]) => Promise<readonly string[]>;
  readonly evacuates?: boolean;
  readonly webhook?: WebhookConfig;
  readonly silenceMs?: number;
  readonly books?: BooksPatience;
  /** Where the watchtower's own files are, if not beside everybody else's. */
  readonly files?: string;
}

export interface Lookout extends AsyncDisposable {
  readonly folder: string;
  readonly policy: Policy;
  readonly nodes: readonly [RunningNode, RunningNode];
  readonly tower: () => Tower;
  readonly journals: ReadonlyMap<string, Journal>;
  readonly sockets: ReadonlyMap<string, string>;
  readonly clock: { ms: number };
  /** NEM seconds. */
  readonly now: () => number;
  readonly harvest: () => Promise<void>;
  /** Signs and announces to a node; gives the code. */
  readonly announce: (transaction: Transaction, by: typeof hot, node?: 0 | 1) => Promise<number>;
  readonly balance: (address: string) => Promise<bigint>;
  readonly seeing: () => Promise<void>;
  readonly incident: () => readonly string[];
  readonly stopTower: () => Promise<void>;
  readonly startTower: (under?: PolicyChain) => void;
  /** Stops a signer's socket; it answers nobody until it is started again. */
  readonly stopSigner: (id: string) => Promise<void>;
  readonly startSigner: (id: string) => Promise<void>;
  /** A payment that the exchange asked for, recorded by a signer. */
  readonly record: (id: string, ask?: PaymentAsk) => Promise<SignedEntry>;
  /** The ask itself, with a fresh fact of the watchtower. */
  readonly ask: (id: string, second?: number, request?: ReturnType<typeof requestFor>) => Promise<PaymentAsk>;
  /** The whole way of a withdrawal, as custody goes it; gives the wrapper's bytes. */
  readonly pay: (announced?: boolean) => Promise<string>;
}

export async function until(
  what: string,
  look: () => boolean | Promise<boolean>,
  patienceMs = 10_000,
): Promise<void> {
  const began = performance.now();
  while (!(await look())) {
    if (performance.now() - began > patienceMs) throw new Error(`waited ${patienceMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function lookout(options: Options = {}): Promise<Lookout> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-lookout-'));
  const files = options.files ?? folder;
  const policy = options.policy ?? deskPolicy;
  const clock = { ms: begins - 500_000 };
  const now = () => nemTimeOf(clock.ms);
  const genesis = {
    network: 'testnet' as const,
    timestamp: genesisTime,
    harvester: harvester.publicKey,
    balances: [hot, cold, stranger, ...cosigners].map(({ address }) => ({ address, amount: '50001000000' })),
  };
  const base = { port: 0, genesis, broadcastMs: 10, syncMs: 50 };
  const time = { clockMs: () => clock.ms };
  const first = await startNode(
    {
      ...base,
      dataFolder: join(folder, 'node1'),
      harvest: { privateKey: formatPrivateKey(harvester.privateKey), intervalSeconds: 0 },
    },
    time,
  );
  const second = await startNode({ ...base, dataFolder: join(folder, 'node2'), peers: [first.url] }, time);
  const nodes = [first, second] as const;

  async function harvest(): Promise<void> {
    clock.ms += 60_000;
    await post(first, '/devnet/control/harvest', {});
    await until('both nodes to have the block', async () => {
      await post(second, '/devnet/control/sync', {});
      return second.core.chain.last().block.hash === first.core.chain.last().block.hash;
    });
  }
  async function announce(transaction: Transaction, by: typeof hot, node: 0 | 1 = 0): Promise<number> {
    const data = encode(transaction);
    const body = { data: data.toHex(), signature: sign(by.privateKey, data) };
    return ((await post(nodes[node], '/transaction/announce', body)) as { code: number }).code;
  }
  for (const [account, keys] of [
    [hot, cosigners],
    [cold, coldKeys],
  ] as const) {
    const code = await announce(modification(account, keys, now()), account);
    if (code !== 1) throw new Error(`the conversion got ${code}`);
  }
  await harvest();
  const watchFrom = first.core.chain.last().block.height;

  const ids = policy.signers.map(({ id }) => id);
  const sockets = new Map(ids.map((id) => [id, join(folder, `${id}.socket`)]));
  const journals = new Map<string, Journal>();
  const servers = new Map<string, { close: () => Promise<void> }>();
  async function startSigner(id: string): Promise<void> {
    const index = ids.indexOf(id);
    const [recordKey, chain] = [records[index], cosigners[index]];
    if (!recordKey || !chain) throw new Error(`no keys of ${id}`);
    const journal = openJournal(join(folder, `${id}.jsonl`), id, recordKey);
    journals.set(id, journal);
    const keys = keysOf(recordKey, chain.privateKey);
    const one = signer(id, options.signersUnder ?? chainOf(policy), keys, journal);
    servers.set(id, await serveRoutes(sockets.get(id) ?? '', signerRoutes, one));
  }
  async function stopSigner(id: string): Promise<void> {
    await servers.get(id)?.close();
    servers.delete(id);
    journals.get(id)?.[Symbol.dispose]();
  }
  for (const id of ids) await startSigner(id);

  let tower: Tower | undefined;
  const urls = (await options.through?.(nodes.map(({ url }) => url))) ?? nodes.map(({ url }) => url);
  function begin(chain: PolicyChain = chainOf(policy)): void {
    const archive = openArchive(join(files, 'archive.jsonl'), chain);
    archive.adoptVersions(clock.ms);
    tower = startTower({
      ...newestOf(chain),
      chain,
      key: towerKey,
      clock: { now: () => clock.ms },
      nodes: urls.map((url) => nemNode(url, 'testnet')),
      sockets,
      archive,
      freezer: openFreezer(join(files, 'frozen.json'), towerKey),
      incident: openIncident(join(files, 'incident.jsonl'), options.webhook ?? null, () => clock.ms),
      patience: {
        silenceMs: options.silenceMs ?? 5_000,
        tipAgeSeconds: 86_400,
        deadMarginSeconds: 600,
        rewriteDepth: 2,
      },
      books: options.books ?? { silenceMs: 600_000, behindBlocks: 30 },
      watchFrom,
      pollMs: 20,
      evacuates: options.evacuates ?? true,
    });
  }
  begin();
  const running = () => {
    if (!tower) throw new Error('the watchtower is stopped');
    return tower;
  };
  async function stopTower(): Promise<void> {
    await tower?.[Symbol.asyncDispose]();
    tower = undefined;
  }

  async function seeing(): Promise<void> {
    await until('the watchtower to see both nodes', () => {
      const { blind, nodes: seen } = running().status();
      return blind === null && seen.every(({ height }) => height === first.core.chain.last().block.height);
    });
    await until('the signers to be open', async () => {
      const all = await Promise.all(sockets.values().map((socket) => call(socket, signerRoutes.status, {})));
      return all.every((status) => status.kind === 'status' && status.open);
    });
  }

  async function factFor(id: string) {
    const nonce = await call(sockets.get(id) ?? '', signerRoutes.nonce, {});
    if (nonce.kind !== 'nonce') throw new Error(JSON.stringify(nonce));
    const fact = await running().fact({ wallet: 'hot', nonces: [nonce.nonce], plans: [] });
    if (fact.kind !== 'fact') throw new Error(`${fact.why} ${fact.detail}`);
    return fact.fact;
  }
  async function ask(
    id: string,
    ahead = 0,
    request = requestFor({ to: alice, at: clock.ms }),
  ): Promise<PaymentAsk> {
    const intent = intentFor(request);
    const { plan, shares } = planned(intent.amount, now() + ahead);
    const share = shares[ids.indexOf(id)]?.share ?? '';
    return {
      kind: 'payment',
      wallet: 'hot',
      intents: [partOf(request, intent)],
      plan,
      share,
      facts: [await factFor(id)],
    };
  }
  async function record(id: string, given?: PaymentAsk): Promise<SignedEntry> {
    const answer = await call(sockets.get(id) ?? '', signerRoutes.propose, given ?? (await ask(id)));
    if (answer.kind !== 'recorded') throw new Error(JSON.stringify(answer));
    return answer.record;
  }
  async function pay(announced = true): Promise<string> {
    const request = requestFor({ to: alice, at: clock.ms });
    const at = now();
    const plan = planned(intentFor(request).amount, at);
    const signatures = new Map<string, string>();
    for (const [index, id] of ids.entries()) {
      const entry = await record(id, await ask(id, at - now(), request));
      const countersigned = await running().countersign(entry);
      if (countersigned.kind !== 'countersigned')
        throw new Error(`${countersigned.why} ${countersigned.detail}`);
      const released = await call(sockets.get(id) ?? '', signerRoutes.release, {
        entry: entryHash(entry.entry),
        countersignatures: [countersigned.countersignature],
      });
      if (released.kind !== 'signed') throw new Error(JSON.stringify(released));
      signatures.set(cosigners[index]?.publicKey ?? '', released.signature);
    }
    const combined = combine(plan, signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    for (const announcement of announced ? combined.announcements : []) {
      const { code } = (await post(first, '/transaction/announce', announcement)) as { code: number };
      if (code !== 1) throw new Error(`the payment got ${code}`);
    }
    return plan.plan;
  }

  return {
    folder,
    policy,
    nodes,
    tower: running,
    journals,
    sockets,
    clock,
    now,
    harvest,
    announce,
    async balance(address) {
      const read = await nemNode(first.url, 'testnet').account(address);
      if (read.kind === 'failed') throw new Error(read.detail);
      return read.value.balance;
    },
    seeing,
    incident() {
      const file = join(files, 'incident.jsonl');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
      return lines.map((line) => (JSON.parse(line) as { event: string }).event);
    },
    stopTower,
    startTower: begin,
    stopSigner,
    startSigner,
    record,
    ask,
    pay,
    async [Symbol.asyncDispose]() {
      await stopTower();
      for (const id of servers.keys()) await stopSigner(id);
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function post(node: RunningNode, path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(node.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}

function planned(units: bigint, timeStamp: number) {
  const [wallet] = deskPolicy.wallets;
  if (!wallet) throw new Error('a hot wallet');
  const plan = planPayment({
    wallet,
    network: 'testnet',
    recipient: alice,
    units,
    memo: '',
    timeStamp,
    deadline: timeStamp + 3600,
    keys: cosigners.slice(0, 2).map(({ publicKey }) => publicKey),
  });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan.planned;
}

export const thiefsAddress = chainKey('thief').address as string;
