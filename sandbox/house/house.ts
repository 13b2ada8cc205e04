/** A house that stands: all its processes started in order, watched, and stopped together. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { signerRoutes, watchtowerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { nemNode, type NemNode } from '@kuramori/chains/nem/node';
import { reasonOf } from '@kuramori/program';
import { ethereumAt, openDoor, startAnvil, type Ethereum } from '../ethereum/node.ts';
import { startRelayer } from '../ethereum/relayer.ts';
import { litecoinAt, mineLitecoin, openOutsiders, startLitecoind, type Litecoin } from '../litecoin/nodes.ts';
import { freePort, startPostgres, type Postgres } from '../postgres/server.ts';
import { lastLine, root, type Running } from '../process.ts';
import { build, genesisOf } from './build.ts';
import { until } from './chain.ts';
import { prepareDatabase, type Prepared } from './database.ts';
import { buildPages, deskPlace, startDesk } from './desk.ts';
import { nodesOf, readDeed, servingSigners, type Deed } from './deed.ts';
import { openPeople, type People } from './people.ts';
import { makePagerSecrets, startPager } from './pager.ts';
import { hasPager, signerIds, towerNames, type HousePlan, type PlanInput, type TowerName } from './plan.ts';
import {
  nodeUrls,
  whereOf,
  startCustody,
  startNode,
  startSigner,
  startWatchtower,
  type CustodyName,
} from './rooms.ts';
import { socketsFolder } from './sockets.ts';
import { prepareTls } from './tls.ts';
import { usersFor } from './users.ts';
import { pinnedCode } from './release.ts';
import { mustBeFree, mustBeWhole } from './whole.ts';
import { writeHouseFile } from './house-file.ts';
import { writeRunbook } from './runbook.ts';

export interface House extends AsyncDisposable {
  readonly plan: HousePlan;
  readonly deed: Deed;
  readonly people: People;
  readonly nodes: readonly [NemNode, NemNode];
  /** Calls of a node on Litecoin, whose wallet is the outsiders'; null where the house has none. */
  readonly litecoin: Litecoin | null;
  /** Calls of the node on the EVM chain; null where the house has none. */
  readonly ethereum: Ethereum | null;
  readonly custodyUrl: string | null;
  /** The URL of the second custody, where there is one. */
  readonly secondUrl: string | null;
  /** Where people look at it, and the first administrator's code while nobody is one; null where nobody looks. */
  readonly desk: { readonly url: string; readonly code: string | null } | null;
  /** The administrator's URL of custody's database: for those who check, never for a process. */
  readonly databaseUrl: string | null;
  /** Where Postgres keeps its data, and its process; null where the server is not ours. */
  readonly postgres: () => Promise<{ readonly data: string; readonly pid: number } | null>;
  /** Settles when the pager is there, where there is one: the house is open before. */
  readonly paging: Promise<void>;
  readonly running: ReadonlyMap<string, Running>;
  /** Names of processes that were killed on purpose. */
  readonly ended: ReadonlySet<string>;
  /** Settles with one line when a process has ended that nobody stopped. */
  readonly broken: Promise<string>;
  /** Ends one process as a crash or a thief would; the house does not count that as broken. */
  readonly kill: (name: string) => Promise<void>;
  /** Starts a process of this house again, where it still runs after stopping it. */
  readonly restart: (name: Restartable, changed?: Changed) => Promise<void>;
}

export type Restartable =
  | TowerName
  | CustodyName
  | 'pager'
  | 'postgres'
  | 'node1'
  | 'node2'
  | 'litecoin1'
  | 'litecoin2'
  | `signer-${number}`
  | `signer-ltc-${number}`
  | `signer-eth-${number}`
  | 'relayer';

export interface Changed {
  /** A policy file of its own. */
  readonly policyFile?: string;
  /** Where it shall die (program/die-at.ts); the house then expects it to. */
  readonly dieAt?: string;
  /** Whether it may end by itself, and nobody waits for it: its disk is full. */
  readonly mayEnd?: boolean;
}

export interface Opening {
  readonly step: (text: string) => void;
  /** Brings the next block sooner; a drill drives its clock here. */
  readonly hurry?: () => Promise<void>;
}

/** Builds the house if it is not there, and starts it. Throws with one clear line, and leaves nothing running. */
export async function openHouse(input: PlanInput, opening: Opening): Promise<House> {
  const { step } = opening;
  // Passed through by those who run as another user; everything in it is closed by itself.
  mkdirSync(input.folder, { recursive: true, mode: 0o711 });
  if (process.getuid?.() === 0) chmodSync(input.folder, 0o711);
  const deedFile = join(input.folder, 'deed.json');
  const known = readDeed(deedFile);
  if (known) mustBeWhole(input.folder, known);
  const people = openPeople(join(input.folder, 'people'), known === undefined);
  const policyFile = join(input.folder, 'policy', 'policy.json');
  const plan: HousePlan = {
    policyOf: () => policyFile,
    treeOf: () => root,
    lineTo: null,
    treasury: {},
    towers: 1,
    // Short, so that a thaw and a reopening can be watched.
    thawDelay: 120,
    stageMinutes: 1,
    loosening: 24 * 3600,
    denials: [],
    webhooks: [],
    pager: false,
    load: null,
    vaults: !input.ephemeral,
    litecoin: false,
    litecoinReplaces: false,
    litecoinRule: {},
    ethereum: false,
    ethereumRule: {},
    stock: { hot: 0n, cold: 0n, tokens: 0 },
    slotSeconds: 2,
    miningSeconds: 2,
    clockOf: () => input.clockFile,
    secondCustody: false,
    desk: false,
    ...input,
    policyFile,
    sockets: socketsFolder(input.folder),
    tls:
      input.between === 'tls'
        ? await prepareTls(input.folder, signerIds(input.wallet), towerNames(input.towers ?? 1))
        : null,
    users: usersFor(input.folder),
    keepers: { keys: [people.keeper.publicKey], quorum: 1 },
    release: pinnedCode(input),
  };
  if (process.getuid?.() === 0 && plan.users === null)
    step(
      'all processes run as root: to give each a user of its own, put the project and its data where others may pass',
    );
  const running = new Map<string, Running>();
  const expected = new Set<string>();
  let closing = false;
  let breaks: (line: string) => void = () => {};
  const broken = new Promise<string>((resolve) => (breaks = resolve));

  function watch(process: Running): Running {
    running.set(process.name, process);
    void process.exited.then(({ code, signal }) => {
      if (expected.has(process.name) || running.get(process.name) !== process) return;
      // Whoever is killed says nothing; the last line of the log is then about something else.
      const why = signal
        ? 'somebody or the machine killed it: start again, and it goes on from the same data'
        : lastLine(process.logFile);
      breaks(`${process.name} ended by itself (${signal ?? `code ${code}`}): ${why}`);
    });
    return process;
  }

  let paging: Promise<void> = Promise.resolve();
  /** Whatever of the house is no process of its own. */
  const beside: Disposable[] = [];

  async function close(): Promise<void> {
    closing = true;
    for (const one of beside) one[Symbol.dispose]();
    await paging.catch(() => {});
    for (const process of running.values()) expected.add(process.name);
    // Askers first, so that nobody asks a process that is already gone; the nodes last.
    for (const group of [
      ['desk'],
      ['custody', 'custody-2', 'pager'],
      [...running.keys()].filter((name) => name.startsWith('watchtower')),
      [...running.keys()].filter((name) => name.startsWith('signer')),
      ['relayer'],
      ['node1', 'node2', 'litecoin1', 'litecoin2', 'anvil'],
    ]) {
      await Promise.all(group.flatMap((name) => running.get(name)?.stop() ?? []));
    }
    await (await postgres.catch(() => null))?.[Symbol.asyncDispose]();
    rmSync(plan.sockets, { recursive: true, force: true });
  }

  // Begun at once, since it takes as long as the keys do.
  const pages = plan.custody && plan.desk ? buildPages() : Promise.resolve('');
  pages.catch(() => {}); // told where it is awaited
  const port = await freePort();
  const secondPort = await freePort();
  const pagerPort = hasPager(plan) ? await freePort() : null;
  let postgres =
    plan.custody && plan.databaseUrl === null ? startOwnPostgres(plan, port) : Promise.resolve(null);
  const watchPostgres = () =>
    postgres.then(
      (server) =>
        server?.exited.then((code) => {
          if (!closing && !expected.has('postgres'))
            breaks(
              `postgres ended by itself (${code === null ? 'killed' : `code ${code}`}): start again, and it goes on from the same data`,
            );
        }),
      () => {}, // told where it is awaited
    );
  void watchPostgres();

  /** Where one does not start, the others must still be known, or nobody would stop them. */
  async function watchAll(starting: readonly Promise<Running>[]): Promise<void> {
    const started = await Promise.allSettled(starting);
    for (const one of started) if (one.status === 'fulfilled') watch(one.value);
    for (const one of started) if (one.status === 'rejected') throw one.reason;
  }

  const startNodes = async (deed: Deed) => {
    const { harvester, balances } = genesisOf(people);
    const { litecoin, ethereum } = deed;
    await watchAll([
      startNode(plan, deed, 1, harvester, balances),
      startNode(plan, deed, 2, harvester, balances),
      ...(litecoin ? ([1, 2] as const).map((which) => startLitecoind(plan, litecoin, which)) : []),
      ...(ethereum ? [startAnvil(plan, ethereum)] : []),
    ]);
    if (ethereum) beside.push(await openDoor(ethereum));
  };

  let prepared: Prepared | undefined;
  function custodyAs(name: CustodyName, deed: Deed) {
    const own = name === 'custody' ? deed.ports.custody : secondPort;
    const { username } = new URL(prepared?.adminUrl ?? 'postgres://');
    const administrator = decodeURIComponent(username) || 'postgres';
    return { name, port: own, databaseUrlFile: prepared?.custodyUrlFile ?? '', administrator };
  }
  function startOne(
    changed: HousePlan,
    deed: Deed,
    name: Exclude<Restartable, 'postgres'>,
    flags: readonly string[],
  ) {
    if (isTower(name)) return startWatchtower(changed, deed, name, pagerPort, flags);
    if (name === 'pager') return startPager(changed, deed, pagerPort ?? 0, flags);
    if (name === 'relayer') return startRelayer(changed, deed, flags);
    if (name === 'custody' || name === 'custody-2')
      return startCustody(changed, deed, custodyAs(name, deed), flags);
    if (deed.litecoin && (name === 'litecoin1' || name === 'litecoin2'))
      return startLitecoind(changed, deed.litecoin, name === 'litecoin1' ? 1 : 2);
    if (name !== 'node1' && name !== 'node2') return startSigner(changed, name, flags);
    const { harvester, balances } = genesisOf(people);
    return startNode(changed, deed, name === 'node1' ? 1 : 2, harvester, balances, flags);
  }

  try {
    if (known) {
      // What would end the start after a minute ends it now.
      await mustBeFree(known, plan.custody ? ['node1', 'node2', 'custody'] : ['node1', 'node2']);
      await postgres;
      step(`starting ${nodesOf(known)} on the chain of last time`);
      await startNodes(known);
    }
    const deed =
      known ??
      (await build({
        plan,
        deedFile,
        people,
        startNodes,
        hurry: opening.hurry ?? (() => Promise.resolve()),
        step,
      }));
    const nodes = nodeUrls(deed).map((url) => nemNode(url, 'testnet')) as unknown as readonly [
      NemNode,
      NemNode,
    ];
    const litecoin = deed.litecoin && litecoinAt(plan, deed.litecoin, 1);
    if (litecoin) {
      await openOutsiders(litecoin);
      if (plan.miningSeconds > 0) beside.push(mineLitecoin(litecoin, plan.miningSeconds));
    }
    const ethereum = deed.ethereum && ethereumAt(deed.ethereum);
    step(
      `starting ${servingSigners(deed).length === 1 ? 'one signer' : `${servingSigners(deed).length} co-signers`}${plan.watchtower ? ` and ${deed.watchtowerKeys.length === 1 ? 'a watchtower' : `${deed.watchtowerKeys.length} watchtowers`}` : ''}`,
    );
    await watchAll([
      ...servingSigners(deed).map(({ id }) => startSigner(plan, id)),
      ...(deed.ethereum ? [startRelayer(plan, deed)] : []),
    ]);
    if (plan.watchtower) {
      if (pagerPort !== null) makePagerSecrets(plan, deed);
      await watchAll(
        towerNames(deed.watchtowerKeys.length).map((name) => startWatchtower(plan, deed, name, pagerPort)),
      );
      await untilOpen(plan, deed);
    }
    writeHouseFile(plan, deed);
    if (plan.custody) {
      step('starting custody');
      const server = await postgres;
      writeRunbook(plan);
      prepared = await prepareDatabase(plan, plan.databaseUrl ?? server?.url ?? '');
      const names = plan.secondCustody ? (['custody', 'custody-2'] as const) : (['custody'] as const);
      await watchAll(names.map((name) => startCustody(plan, deed, custodyAs(name, deed))));
      if (plan.desk) {
        await pages;
        await watchAll([startDesk(await deskPlace(plan, prepared.deskUrlFile))]);
      }
    }
    if (pagerPort !== null) {
      // Last, and nobody waits for it: what a watchtower tells is repeated until it is heard.
      paging = watchAll([startPager(plan, deed, pagerPort)]);
      paging.catch((cause: unknown) => breaks(reasonOf(cause)));
    }
    return {
      plan,
      deed,
      people,
      paging,
      nodes,
      litecoin,
      ethereum,
      databaseUrl: prepared?.adminUrl ?? null,
      custodyUrl: plan.custody ? `http://127.0.0.1:${deed.ports.custody}` : null,
      desk: shownDesk(running.get('desk')),
      secondUrl: plan.custody && plan.secondCustody ? `http://127.0.0.1:${secondPort}` : null,
      postgres: () => postgres.catch(() => null),
      running,
      ended: expected,
      broken,
      kill: async (name) => {
        expected.add(name);
        if (name === 'postgres') await (await postgres.catch(() => null))?.kill();
        else await running.get(name)?.kill();
      },
      restart: async (name, { policyFile: file = plan.policyOf(name), dieAt, mayEnd } = {}) => {
        const doomed = dieAt !== undefined || mayEnd === true;
        expected.add(name);
        if (name === 'postgres') {
          // Where its last start failed, there is nothing to stop.
          await (await postgres.catch(() => null))?.stop();
          postgres = startOwnPostgres(plan, port);
          await postgres;
          expected.delete(name);
          void watchPostgres();
          return;
        }
        await running.get(name)?.stop();
        running.delete(name);
        const changed = { ...plan, policyOf: () => file };
        const flags = dieAt === undefined ? [] : [`--die-at=${dieAt}`];
        if (!doomed) expected.delete(name);
        watch(await startOne(changed, deed, name, flags));
        if (plan.watchtower && !doomed && (isTower(name) || name.startsWith('signer-')))
          await untilOpen(plan, deed, expected);
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function shownDesk(desk: Running | undefined): House['desk'] {
  if (!desk) return null;
  const { url, code = null } = desk.ready;
  return { url: String(url), code: typeof code === 'string' ? code : null };
}

function isTower(name: string): name is TowerName {
  return name.startsWith('watchtower');
}

async function startOwnPostgres(plan: HousePlan, port: number): Promise<Postgres> {
  return startPostgres({
    folder: join(plan.folder, 'postgres'),
    port,
    fsync: true,
    ephemeral: plan.ephemeral,
  });
}

/** A watchtower that starts reads its chains anew, which takes a busy machine a while. */
const catchUpMs = 120_000;

/** Signers sign nothing before the watchtower has shown them the journal that it holds. */
async function untilOpen(
  plan: HousePlan,
  deed: Deed,
  stopped: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const { id } of servingSigners(deed)) {
    if (stopped.has(id)) continue;
    await until(`${id} to be open`, async () => {
      const status = await call(whereOf(plan, id), signerRoutes.status, {});
      return status.kind === 'status' && status.open ? true : undefined;
    });
  }
  for (const name of towerNames(deed.watchtowerKeys.length)) {
    if (stopped.has(name)) continue;
    let blind: string | null = null;
    await until(
      () => `${name} to see: ${blind}`,
      async () => {
        const status = await call(whereOf(plan, name), watchtowerRoutes.status, {});
        blind =
          status.kind === 'status'
            ? (status.chains.map((one) => one.blind).find((why) => why !== null) ?? null)
            : JSON.stringify(status);
        return blind === null ? true : undefined;
      },
      catchUpMs,
    );
  }
}
