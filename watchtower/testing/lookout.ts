/** A lookout for tests: two real devnet nodes, two real co-signers on their sockets, a real watchtower; the test drives the clock and plays the thief. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import {
  entryHash,
  signerRoutes,
  watchtowerRoutes,
  type PaymentAsk,
  type Policy,
  type SignedEntry,
  type SigningKey,
  type WatchtowerStatus,
  asNem,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import {
  combine,
  encode,
  formatPrivateKey,
  nemTimeOf,
  planPayment,
  sign,
  type Transaction,
  keyOf as chainKeyOf,
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
  towers as towerKeys,
} from '../../core/testing/house.ts';
import { startNode, type RunningNode } from '../../sandbox/devnet/index.ts';
import { signer } from '../../signers/cosigner/signer.ts';
import { openJournal, type Journal } from '../../signers/journal.ts';
import { keysOf, type Keys } from '../../signers/keystore.ts';
import { openTiles, type Tiles } from '../../signers/tiles.ts';
import { alice, chainKey, cosigners, policy as deskPolicy } from '../../signers/testing/desk.ts';
import type { Canary } from '../alarm.ts';
import type { BooksPatience } from '../books-on-chain.ts';
import { nemEye } from '../chains/nem.ts';
import { openArchive } from '../archive.ts';
import type { OpenEye } from '../eye.ts';
import { openFreezer } from '../frozen.ts';
import { openIncident, type WebhookConfig } from '../incident.ts';
import type { PagerToMind } from '../mind-pager.ts';
import { Release } from '../signs/code.ts';
import { Signs } from '../signs/thresholds.ts';
import { startTower, type Tower } from '../tower.ts';
import { modification } from './transactions.ts';

export { alice, chainKey, cosigners };
export const harvester = chainKey('harvester');
export const coldKeys = ['d1', 'd2', 'd3'].map(chainKey);
export const [hot, cold] = [chainKey('hot'), chainKey('cold')];
export const stranger = chainKey('stranger');
export const canary = chainKey('canary');
const keyOf = (which: number) => towerKeys[which] ?? towerKeys[0];
const genesisTime = nemTimeOf(begins) - 600;

export interface Options {
  readonly policy?: Policy;
  /** Versions that the signers hold, where the watchtower does not yet. */
  readonly signersUnder?: PolicyChain;
  /** What the watchtower asks instead of the nodes, once they are there. */
  readonly through?: (urls: readonly string[]) => Promise<readonly string[]>;
  /** Whether the nodes push, and what the watchtower listens to instead of their WebSockets. */
  readonly pushes?: true | ((urls: readonly string[]) => Promise<readonly string[]>);
  readonly pollMs?: number;
  readonly evacuates?: boolean;
  /** A second wallet, of the same cosigners unless it says otherwise, and what it holds. */
  readonly another?: {
    readonly account: typeof hot;
    readonly units: string;
    readonly keys?: readonly (typeof hot)[];
  };
  readonly canaries?: readonly Canary[];
  readonly webhooks?: readonly WebhookConfig[];
  /** What pages people, and how long it may be silent. */
  readonly pager?: PagerToMind;
  readonly silenceMs?: number;
  readonly books?: BooksPatience;
  /** Thresholds of signs that are not the defaults. */
  readonly signs?: z.input<typeof Signs>;
  /** What code is pinned; none, unless it says so. */
  readonly release?: z.input<typeof Release>;
  /** Where the watchtower's own files are, if not beside everybody else's. */
  readonly files?: string;
  /** Those of the policy's signers that run; all, unless it says otherwise. */
  readonly signers?: readonly string[];
  /** A signer of the policy that holds no key of the wallet yet. */
  readonly spare?: { readonly id: string; readonly recordKey: SigningKey; readonly chain: typeof hot };
  /** What the house has on another chain: its signers, and the eyes on it. */
  readonly beside?: {
    readonly signers: readonly {
      readonly id: string;
      readonly recordKey: SigningKey;
      readonly keys: () => Keys;
    }[];
    readonly eyes: readonly OpenEye[];
  };
  /** How many of the policy's watchtowers there are; one, unless it says more. */
  readonly towers?: 1 | 2 | 3;
}

export interface Told {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface Lookout extends AsyncDisposable {
  readonly folder: string;
  readonly policy: Policy;
  readonly nodes: readonly [RunningNode, RunningNode];
  readonly tower: (which?: number) => Tower;
  /** How it sees NEM. */
  readonly sees: (which?: number) => WatchtowerStatus['chains'][number];
  readonly journals: ReadonlyMap<string, Journal>;
  readonly sockets: ReadonlyMap<string, { readonly socket: string }>;
  readonly clock: { ms: number };
  /** NEM seconds. */
  readonly now: () => number;
  readonly harvest: () => Promise<void>;
  /** Signs and announces to a node; gives the code. */
  readonly announce: (transaction: Transaction, by: typeof hot, node?: 0 | 1) => Promise<number>;
  /** What is signed already. */
  readonly announceRaw: (data: string, signature: string) => Promise<void>;
  readonly balance: (address: string) => Promise<bigint>;
  readonly seeing: () => Promise<void>;
  /** The lines of the incident, and what happened by each. */
  readonly told: (which?: number) => readonly Told[];
  readonly incident: (which?: number) => readonly string[];
  readonly stopTower: (which?: number) => Promise<void>;
  readonly startTower: (under?: PolicyChain, which?: number) => Promise<void>;
  /** Where the files of one of several watchtowers are. */
  readonly filesOf: (which: number) => string;
  /** Stops a signer's socket; it answers nobody until it is started again. */
  readonly stopSigner: (id: string) => Promise<void>;
  readonly startSigner: (id: string) => Promise<void>;
  /** A payment that the exchange asked for, recorded by a signer. */
  readonly record: (id: string, ask?: PaymentAsk) => Promise<SignedEntry>;
  /** The ask itself, with a fresh fact of the watchtower. */
  readonly ask: (
    id: string,
    second?: number,
    request?: ReturnType<typeof requestFor>,
    by?: readonly (typeof hot)[],
  ) => Promise<PaymentAsk>;
  /** The whole way of a withdrawal, as custody goes it; gives the wrapper's bytes. */
  readonly pay: (announced?: boolean, by?: readonly (typeof hot)[]) => Promise<string>;
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
    balances: [
      ...[hot, cold, stranger, canary, ...cosigners].map(({ address }) => ({
        address,
        amount: '50001000000',
      })),
      ...(options.another
        ? [{ address: options.another.account.address, amount: options.another.units }]
        : []),
    ],
  };
  const base = {
    port: 0,
    ...(options.pushes === undefined ? {} : { websocketPort: 0 }),
    genesis,
    broadcastMs: 10,
    syncMs: 50,
  };
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
    ...(options.another ? [[options.another.account, options.another.keys ?? cosigners] as const] : []),
  ] as const) {
    const code = await announce(modification(account, keys, now()), account);
    if (code !== 1) throw new Error(`the conversion got ${code}`);
  }
  await harvest();
  const watchFrom = first.core.chain.last().block.height;

  const ids = options.signers ?? policy.signers.map(({ id }) => id);
  const sockets = new Map(ids.map((id) => [id, { socket: join(folder, `${id}.socket`) }]));
  const journals = new Map<string, Journal>();
  const tilesOf = new Map<string, Tiles>();
  const servers = new Map<string, { close: () => Promise<void> }>();
  const spareOf = (id: string) => (options.spare?.id === id ? options.spare : undefined);
  const chainOfSigner = (id: string) =>
    options.spare?.id === id ? options.spare.chain : cosigners[ids.indexOf(id)];
  async function startSigner(id: string): Promise<void> {
    const index = ids.indexOf(id);
    const beside = options.beside?.signers.find((one) => one.id === id);
    const recordKey = beside?.recordKey ?? spareOf(id)?.recordKey ?? records[index];
    const chain = chainOfSigner(id);
    if (!recordKey || !(chain ?? beside)) throw new Error(`no keys of ${id}`);
    const journal = openJournal(join(folder, `${id}.jsonl`), id, recordKey);
    journals.set(id, journal);
    const keys = beside?.keys() ?? keysOf(recordKey, chainKeyOf((chain ?? harvester).privateKey));
    const under = options.signersUnder ?? chainOf(policy);
    const tiles = openTiles(join(folder, `${id}.tiles`), id, recordKey, under, journal);
    tilesOf.set(id, tiles);
    const one = signer({ id, chain: under, keys, journal, tiles, clock: { now: () => clock.ms } });
    servers.set(id, await serveRoutes(sockets.get(id) ?? { socket: '' }, signerRoutes, one));
  }
  async function stopSigner(id: string): Promise<void> {
    await servers.get(id)?.close();
    servers.delete(id);
    await tilesOf.get(id)?.settled();
    journals.get(id)?.[Symbol.dispose]();
  }
  for (const id of ids) await startSigner(id);

  const towers = new Map<number, { tower: Tower; close: () => Promise<void> }>();
  const filesOf = (which: number) => (options.towers === undefined ? files : join(files, `tower-${which}`));
  const socketOf = (which: number) => ({ socket: join(folder, `tower-${which}.socket`) });
  const all = [0, 1, 2].slice(0, options.towers ?? 1);
  const urls = (await options.through?.(nodes.map(({ url }) => url))) ?? nodes.map(({ url }) => url);
  const listened = nodes.flatMap(({ websocketUrl }) => websocketUrl ?? []);
  const heard = typeof options.pushes === 'function' ? await options.pushes(listened) : listened;
  async function begin(chain: PolicyChain = chainOf(policy), which = 0): Promise<void> {
    const own = filesOf(which);
    mkdirSync(own, { recursive: true });
    const archive = openArchive(join(own, 'archive.jsonl'), chain);
    archive.adoptVersions(clock.ms);
    const tower = startTower({
      ...newestOf(chain),
      chain,
      key: keyOf(which),
      clock: { now: () => clock.ms },
      eyes: [
        nemEye({
          nodes: urls.map((url) => nemNode(url, 'testnet')),
          pushes: heard.map((at, index) => ({ node: urls[index] ?? '', at })),
          canaries: options.canaries ?? [],
          watchFrom,
          pollMs: options.pollMs ?? 20,
          tipAgeSeconds: 86_400,
          deadMarginSeconds: 600,
          rewriteDepth: 2,
        }),
        ...(options.beside?.eyes ?? []),
      ],
      signers: sockets,
      peers: all
        .filter((one) => one !== which)
        .map((one) => ({ key: keyOf(one).publicKey, at: socketOf(one) })),
      archive,
      freezer: openFreezer(join(own, 'frozen.json'), keyOf(which)),
      incident: openIncident(join(own, 'incident.jsonl'), options.webhooks ?? [], () => clock.ms),
      silenceMs: options.silenceMs ?? 5_000,
      books: options.books ?? { silenceMs: 600_000, behindBlocks: 30 },
      // A test's disk may be as full as it likes.
      signs: Signs.parse({ diskNearlyFull: { megabytes: 0 }, ...options.signs }),
      release: Release.parse(options.release ?? {}),
      folder: own,
      evacuates: options.evacuates ?? true,
      pager: options.pager ?? null,
    });
    // One alone is asked by the test itself.
    const server = all.length > 1 ? await serveRoutes(socketOf(which), watchtowerRoutes, tower) : null;
    towers.set(which, { tower, close: async () => server?.close() });
  }
  for (const which of all) await begin(undefined, which);
  const running = (which = 0) => {
    const one = towers.get(which);
    if (!one) throw new Error('the watchtower is stopped');
    return one.tower;
  };
  async function stopTower(which = 0): Promise<void> {
    const one = towers.get(which);
    towers.delete(which);
    await one?.close();
    await one?.tower[Symbol.asyncDispose]();
  }

  function told(which = 0): readonly Told[] {
    const file = join(filesOf(which), 'incident.jsonl');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    return lines.map((line) => JSON.parse(line) as Told);
  }

  async function seeing(): Promise<void> {
    await until('the watchtowers to see both nodes', () =>
      towers.values().every(({ tower }) => {
        const { open } = tower.status();
        const { blind, nodes: seen } = seesNem(tower);
        const height = first.core.chain.last().block.height;
        return open && blind === null && seen.every((node) => node.height === height);
      }),
    );
    await until('the signers to be open', async () => {
      const asked = await Promise.all(
        sockets.values().map((socket) => call(socket, signerRoutes.status, {})),
      );
      return asked.every((status) => status.kind === 'status' && status.open);
    });
  }

  async function factFor(id: string) {
    const nonce = await call(sockets.get(id), signerRoutes.nonce, {});
    if (nonce.kind !== 'nonce') throw new Error(JSON.stringify(nonce));
    const asked = { wallet: 'hot', nonces: [nonce.nonce], plans: [] };
    const facts = await Promise.all(towers.values().map(({ tower }) => tower.fact(asked)));
    return facts.flatMap((fact) => (fact.kind === 'fact' ? fact.fact : []));
  }
  async function ask(
    id: string,
    ahead = 0,
    request = requestFor({ to: alice, at: clock.ms }),
    by = payers,
  ): Promise<PaymentAsk> {
    const intent = intentFor(request);
    const { plan, shares } = planned(intent.amount, now() + ahead, by);
    const share = shares.find(({ key }) => key === chainOfSigner(id)?.publicKey)?.share ?? '';
    return {
      kind: 'payment',
      wallet: 'hot',
      intents: [partOf(request, intent)],
      plan,
      share,
      facts: await factFor(id),
    };
  }
  async function record(id: string, given?: PaymentAsk): Promise<SignedEntry> {
    const answer = await call(sockets.get(id), signerRoutes.propose, given ?? (await ask(id)));
    if (answer.kind !== 'recorded') throw new Error(JSON.stringify(answer));
    return answer.record;
  }
  async function announceRaw(data: string, signature: string): Promise<void> {
    const { code } = (await post(first, '/transaction/announce', { data, signature })) as { code: number };
    if (code !== 1) throw new Error(`the payment got ${code}`);
  }
  async function pay(announced = true, by = payers): Promise<string> {
    const request = requestFor({ to: alice, at: clock.ms });
    const at = now();
    const plan = planned(intentFor(request).amount, at, by);
    const signatures = new Map<string, string>();
    for (const id of ids.filter((one) => by.some((key) => key === chainOfSigner(one)))) {
      const entry = await record(id, await ask(id, at - now(), request, by));
      const words = await Promise.all(towers.values().map(({ tower }) => tower.countersign(entry)));
      const released = await call(sockets.get(id), signerRoutes.release, {
        entry: entryHash(entry.entry),
        countersignatures: words.flatMap((one) => (one.kind === 'countersigned' ? one.countersignature : [])),
      });
      if (released.kind !== 'signed') throw new Error(JSON.stringify([released, words]));
      signatures.set(chainOfSigner(id)?.publicKey ?? '', released.signature);
    }
    const combined = combine(plan, signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    for (const { data, signature } of announced ? combined.announcements : [])
      await announceRaw(data, signature);
    return plan.plan;
  }

  return {
    folder,
    policy,
    nodes,
    tower: running,
    sees: (which) => seesNem(running(which)),
    journals,
    sockets,
    clock,
    now,
    harvest,
    announce,
    announceRaw,
    async balance(address) {
      const read = await nemNode(first.url, 'testnet').account(address);
      if (read.kind === 'failed') throw new Error(read.detail);
      return read.value.balance;
    },
    seeing,
    told,
    incident: (which) => told(which).map(({ event }) => event),
    stopTower,
    startTower: begin,
    filesOf,
    stopSigner,
    startSigner,
    record,
    ask,
    pay,
    async [Symbol.asyncDispose]() {
      for (const which of towers.keys()) await stopTower(which);
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

/** What custody would plan: so much to alice, at a moment (NEM seconds). */
/** Who signs a payment, unless it says otherwise. */
const payers: readonly (typeof hot)[] = cosigners.slice(0, 2);

export function planned(units: bigint, timeStamp: number, by = payers) {
  const [wallet] = deskPolicy.wallets;
  if (!wallet) throw new Error('a hot wallet');
  const plan = planPayment({
    wallet: asNem(wallet),
    network: 'testnet',
    recipient: alice,
    units,
    memo: '',
    timeStamp,
    deadline: timeStamp + 3600,
    keys: by.map(({ publicKey }) => publicKey),
  });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan.planned;
}

/** The house's one chain. */
function seesNem(tower: Tower): WatchtowerStatus['chains'][number] {
  const [nem] = tower.status().chains;
  if (!nem) throw new Error('it watches NEM');
  return nem;
}

export const thiefsAddress = chainKey('thief').address as string;
