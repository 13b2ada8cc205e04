/** Who runs with which powers: the table of ARCHITECTURE.md, as Node's permission flags enforce it. */
import { chownSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Where } from '@kuramori/chains/http';
import { ETH, parseAmount } from '@kuramori/core';
import { codeOf, signerRooms } from '@kuramori/program';
import { runProcess, startProcess, type Running } from '../process.ts';
import { ethereumUrls } from '../ethereum/node.ts';
import { assetsOf } from '../ethereum/wallets.ts';
import { credentialsFile, giveCredentials, litecoinUrls, type LitecoinDeed } from '../litecoin/nodes.ts';
import { everySigner, type Deed } from './deed.ts';
import { towerNames, type HousePlan, type Reader, type TowerName } from './plan.ts';
import { makeSocketFolder } from './users.ts';

export type CustodyName = 'custody' | 'custody-2';

/**
 * Sockets live below a short path (a Unix socket's may have 107 bytes), each in a folder that only its process may write,
 * and where rooms have users of their own, only those may enter who ask.
 */
export function socketOf(plan: HousePlan, name: string): string {
  return join(plan.sockets, name, 'socket');
}

/** Where a room is, for the sandbox itself. */
export function whereOf(plan: HousePlan, name: string): Where {
  return plan.tls?.where(name) ?? { socket: socketOf(plan, name) };
}

/** Where a room is, as a configuration names it. */
export function endpointOf(plan: HousePlan, name: string): object {
  return plan.tls?.at(name) ?? { socket: socketOf(plan, name) };
}

export function listeningOf(plan: HousePlan, name: string): object {
  return { ...identityOf(plan, name), listen: plan.tls?.listen(name) ?? { socket: socketOf(plan, name) } };
}

function identityOf(plan: HousePlan, name: string): object {
  return plan.tls ? { identity: plan.tls.identity(name) } : {};
}

/** What a room that listens, or calls, touches for it beside its own folder. */
export function reaches(
  plan: HousePlan,
  listens: string | null,
): { readonly read: readonly string[]; readonly write: readonly string[] } {
  if (plan.tls) return { read: [plan.tls.folder], write: [] };
  if (listens === null) return { read: [], write: [] };
  const folder = dirname(socketOf(plan, listens));
  makeSocketFolder(folder, plan.users?.(listens));
  return { read: [folder], write: [folder] };
}

/** One step of a ceremony in a process without network, inside the folder of whoever uses the keys; as `kuramori signer` does it. */
function ceremony(
  plan: Pick<HousePlan, 'folder' | 'users'>,
  name: string,
  asked:
    | { readonly step: 'create'; readonly on?: On }
    | { readonly step: 'pin'; readonly policy: string; readonly confirm: string },
): Promise<Record<string, unknown>> {
  const folder = join(plan.folder, name);
  const present = ['sandbox operator 1', 'sandbox operator 2'];
  return runProcess({
    user: plan.users?.(name),
    name: `signer ${asked.step}`,
    entry: 'signers/ceremony/main.ts',
    folder,
    args: [JSON.stringify({ ...asked, folder, present })],
    powers: {
      rooms: signerRooms,
      net: false,
      holdsKey: true,
      read: asked.step === 'pin' ? [asked.policy] : [],
    },
  });
}

/** The chain that a key signs for, where it is not NEM. */
interface On {
  readonly chain: string;
  readonly network: 'devnet';
}

/** Makes the keys of a co-signer or a vault. */
export function createKeys(plan: Pick<HousePlan, 'folder' | 'users'>, name: string, on?: On) {
  return ceremony(plan, name, { step: 'create', ...(on ? { on } : {}) });
}

/** Has a co-signer or a vault believe a policy, whose digest its keeper knows. */
export function pinPolicy(
  plan: Pick<HousePlan, 'folder' | 'users'>,
  name: string,
  policy: string,
  confirm: string,
) {
  return ceremony(plan, name, { step: 'pin', policy, confirm });
}

/** A vault's program: offline by Node's own flags. */
export function vault(
  plan: HousePlan,
  name: string,
  command: 'convert' | 'rotate' | 'sign' | 'journal',
  request: string,
  /** What people would type there, one after another. */
  ...answers: readonly (string | undefined)[]
): Promise<Record<string, unknown>> {
  const folder = join(plan.folder, name);
  const confirm = answers.filter((one) => one !== undefined);
  return runProcess({
    user: plan.users?.(name),
    name: `vault ${command}`,
    entry: 'signers/vault/main.ts',
    folder,
    args: [
      command,
      folder,
      request,
      JSON.stringify({ present: ['operator', 'witness'], ...(confirm.length === 0 ? {} : { confirm }) }),
    ],
    powers: { rooms: signerRooms, net: false, holdsKey: true },
  });
}

export function startNode(
  plan: HousePlan,
  deed: Deed,
  which: 1 | 2,
  harvester: { readonly publicKey: string; readonly privateKey: string },
  balances: readonly { address: string; amount: string }[],
  flags: readonly string[] = [],
): Promise<Running> {
  const folder = join(plan.folder, `node${which}`);
  const clockFile = plan.clockOf(`node${which}`);
  const port = which === 1 ? deed.ports.node1 : deed.ports.node2;
  const peer = which === 1 ? deed.ports.node2 : deed.ports.node1;
  return startProcess({
    flags: flagsOf(plan, flags),
    user: plan.users?.(`node${which}`),
    name: `node${which}`,
    entry: 'sandbox/devnet/main.ts',
    folder,
    config: {
      port,
      name: `node${which}`,
      dataFolder: join(folder, 'chain'),
      genesis: {
        network: 'testnet',
        timestamp: deed.genesisTime,
        harvester: harvester.publicKey,
        balances,
        ...(plan.load ? { maxTransactionsPerBlock: plan.load.transactionsPerBlock } : {}),
      },
      ...(which === 1
        ? { harvest: { privateKey: harvester.privateKey, intervalSeconds: plan.blockSeconds } }
        : {}),
      peers: [`http://127.0.0.1:${peer}`],
      ...(clockFile === null ? {} : { clockFile }),
      broadcastMs: plan.gossipMs,
      // Blocks travel faster than on a real network, so that a drill does not wait for them; transactions do not.
      // Nothing jumps under load: then as NIS does it, which looks through the whole pool at each comparison.
      syncMs: plan.load ? 3_000 : 100,
      exitWithParent: true,
    },
    powers: {
      rooms: ['core', 'program', 'chains', 'sandbox'],
      net: true,
      read: clockFile === null ? [] : [clockFile],
    },
  });
}

export function startSigner(plan: HousePlan, id: string, flags: readonly string[] = []): Promise<Running> {
  const folder = join(plan.folder, id);
  const clockFile = plan.clockOf(id);
  const reach = reaches(plan, id);
  return startProcess({
    flags: flagsOf(plan, flags),
    user: plan.users?.(id),
    name: id,
    entry: 'signers/cosigner/main.ts',
    tree: plan.treeOf(id),
    folder,
    config: {
      id,
      ...listeningOf(plan, id),
      keystore: join(folder, 'keystore.json'),
      passphrase: join(folder, 'passphrase'),
      journal: join(folder, 'journal.jsonl'),
      tiles: join(folder, 'tiles'),
      policy: plan.policyOf(id),
      clock: clockConfig(clockFile),
    },
    powers: {
      rooms: codeOf.cosigner,
      net: true,
      holdsKey: true,
      read: [plan.policyOf(id), ...reach.read, ...(clockFile === null ? [] : [clockFile])],
      write: reach.write,
    },
  });
}

export function towersOf(plan: HousePlan, deed: Deed) {
  return towerNames(deed.watchtowerKeys.length).map((name, index) => ({
    name,
    key: deed.watchtowerKeys[index] ?? '',
    at: endpointOf(plan, name),
  }));
}

export async function startWatchtower(
  plan: HousePlan,
  deed: Deed,
  name: TowerName,
  /** The pager's port for what happened; null where there is none. */
  pagerPort: number | null,
  flags: readonly string[] = [],
): Promise<Running> {
  const folder = join(plan.folder, name);
  const clockFile = plan.clockOf(name);
  const user = plan.users?.(name);
  const reach = reaches(plan, name);
  // A secret that others may read is refused, so it must be the watchtower's own.
  if (user) for (const { secretFile } of plan.webhooks) chownSync(secretFile, user.uid, user.gid);
  const pager = {
    url: `http://127.0.0.1:${pagerPort}/hook/${name}`,
    secretFile: pagerSecretFile(plan, name, name),
  };
  return startProcess({
    flags: flagsOf(plan, flags),
    user,
    name,
    entry: 'watchtower/main.ts',
    tree: plan.treeOf(name),
    folder,
    config: {
      ...listeningOf(plan, name),
      key: join(folder, 'seed'),
      archive: join(folder, 'archive.jsonl'),
      frozen: join(folder, 'frozen.json'),
      incident: join(folder, 'incident.jsonl'),
      policy: plan.policyOf(name),
      keepers: plan.keepers,
      chains: {
        nem: {
          nodes: lineOf(plan, 'watchtower', nodeUrls(deed)),
          watchFrom: deed.watchFrom,
          // Ten looks a second at two nodes of the same machine are a fifth of its work; blocks come once a second.
          pollMs: plan.load ? 500 : 100,
          tipAgeSeconds: 1_800,
          deadMarginSeconds: 6 * 3_600,
          canaries: deed.canaries,
        },
        ...(deed.litecoin
          ? {
              litecoin: {
                ...litecoinLines(plan, deed.litecoin, name),
                watchFrom: deed.litecoin.watchFrom,
                pollMs: 200,
              },
            }
          : {}),
        ...(deed.ethereum
          ? {
              ethereum: {
                nodes: lineOf(plan, 'watchtower', ethereumUrls(deed.ethereum)),
                relayers: [endpointOf(plan, 'relayer')],
                watchFrom: deed.ethereum.watchFrom,
                safes: deed.ethereum.made,
                pollMs: 200,
              },
            }
          : {}),
      },
      signers: everySigner(deed).map(({ id }) => ({ id, at: endpointOf(plan, id) })),
      peers: towersOf(plan, deed)
        .filter(({ name: other }) => other !== name)
        .map(({ key, at }) => ({ key, at })),
      clock: clockConfig(clockFile),
      silenceMs: 5_000,
      evacuates: plan.evacuates,
      // Whoever tries a sandbox does so at any hour.
      signs: { oddHours: { from: '00:00', to: '24:00' } },
      release: await plan.release,
      // Where nobody keeps books, nobody is silent about them.
      // With a block a second the usual thirty are over before custody on three chains has said its first word.
      books: plan.custody
        ? { behindBlocks: Math.max(30, Math.ceil(120 / plan.blockSeconds)) }
        : { silenceSeconds: 366 * 86_400 },
      webhooks: [...(pagerPort === null ? [] : [pager]), ...plan.webhooks],
      ...(pagerPort === null ? {} : { pager: { at: endpointOf(plan, 'pager'), silenceSeconds: 30 } }),
    },
    powers: {
      rooms: codeOf.watchtower,
      net: true,
      holdsKey: true,
      read: [
        plan.policyOf(name),
        ...reach.read,
        ...(clockFile === null ? [] : [clockFile]),
        ...plan.webhooks.map(({ secretFile }) => secretFile),
      ],
      write: reach.write,
    },
  });
}

/** By what a watchtower signs what it tells the pager: the same in the folder of each. */
export function pagerSecretFile(plan: HousePlan, tower: TowerName, of: TowerName | 'pager'): string {
  return join(plan.folder, of, `pager-secret-${tower}`);
}

/** The seed of the key that signs the books' totals: custody's, since the ledger's room runs in its process. */
export function booksKeyFile(plan: HousePlan): string {
  return join(plan.folder, 'custody', 'books.seed');
}

/** The hot account's own key, which reads and no longer moves anything; a single-key wallet has none to spare. */
export function messageKeyFile(plan: HousePlan): string {
  return join(plan.folder, 'custody', 'message-key');
}

/** The nodes on Litecoin, as a reader of them is told. */
function litecoinLines(plan: HousePlan, deed: LitecoinDeed, name: CustodyName | TowerName): object {
  giveCredentials(plan, name);
  const file = credentialsFile(plan, name);
  const reader = name.startsWith('custody') ? 'custody' : 'watchtower';
  return {
    nodes: lineOf(plan, reader, litecoinUrls(deed)).map((url) => ({ url, credentialsFile: file })),
  };
}

export interface CustodyPlace {
  readonly name: CustodyName;
  readonly port: number;
  readonly databaseUrlFile: string;
  /** The database's: in a sandbox it comes and goes at each start. */
  readonly administrator: string;
}

/** In which order services are stopped and reopened; one for both custodies. */
export function runbookFile(plan: HousePlan): string {
  return join(plan.folder, 'custody', 'runbook.json');
}

export function startCustody(
  plan: HousePlan,
  deed: Deed,
  { name, port, databaseUrlFile, administrator }: CustodyPlace,
  flags: readonly string[] = [],
): Promise<Running> {
  const clockFile = plan.clockOf(name);
  const messageKey = existsSync(messageKeyFile(plan)) ? [messageKeyFile(plan)] : [];
  return startProcess({
    flags: flagsOf(plan, flags),
    user: plan.users?.(name),
    name,
    entry: 'custody/main.ts',
    tree: plan.treeOf(name),
    folder: join(plan.folder, name),
    config: {
      ...identityOf(plan, name),
      network: 'devnet',
      listen: { host: '127.0.0.1', port },
      databaseUrlFile,
      policy: plan.policyOf('custody'),
      keepers: plan.keepers,
      exchange: 'exchange-1',
      chains: {
        nem: {
          nodes: lineOf(plan, 'custody', nodeUrls(deed)),
          confirmations: plan.confirmations,
          scanFrom: deed.watchFrom,
          ...(messageKey[0] === undefined ? {} : { messageKeyFile: messageKey[0] }),
        },
        ...(deed.litecoin
          ? {
              litecoin: {
                ...litecoinLines(plan, deed.litecoin, name),
                confirmations: plan.confirmations,
                scanFrom: deed.litecoin.watchFrom,
                batch: { seconds: 1 },
              },
            }
          : {}),
        ...(deed.ethereum
          ? {
              ethereum: {
                nodes: lineOf(plan, 'custody', ethereumUrls(deed.ethereum)),
                relayers: [endpointOf(plan, 'relayer')],
                scanFrom: deed.ethereum.watchFrom,
                sendOn: Object.fromEntries(
                  assetsOf(deed.ethereum).map((asset) => [asset, parseAmount('0.01', ETH).toString()]),
                ),
              },
            }
          : {}),
      },
      signers: everySigner(deed).map(({ id }) => ({ id, at: endpointOf(plan, id) })),
      watchtowers: towersOf(plan, deed).map(({ key, at }) => ({ key, at })),
      booksKeyFile: booksKeyFile(plan),
      pollMs: 200,
      treasury: plan.treasury,
      logins: { hours: { from: '00:00', to: '24:00' }, expected: [{ role: administrator }] },
      runbook: runbookFile(plan),
      rules: { pace: { blockSeconds: plan.blockSeconds, inFlight: plan.load?.inFlight ?? null } },
      ...(plan.load
        ? { rate: { perSecond: plan.load.requestsPerSecond, burst: plan.load.requestsPerSecond } }
        : {}),
      clock: clockConfig(clockFile),
    },
    powers: {
      rooms: codeOf.custody,
      net: true,
      holdsKey: true,
      // The secrets of both stand in the first one's folder.
      read: [
        plan.policyOf('custody'),
        databaseUrlFile,
        booksKeyFile(plan),
        runbookFile(plan),
        ...messageKey,
        ...reaches(plan, null).read,
        ...(clockFile === null ? [] : [clockFile]),
      ],
    },
  });
}

/** A reader's ways to nodes: straight to each, or by a line that can be bent. */
export function lineOf(plan: HousePlan, reader: Reader, urls: readonly string[]): readonly string[] {
  return urls.map((url) => plan.lineTo?.(reader, url) ?? url);
}

export function nodeUrls({ ports }: Deed): readonly string[] {
  return [`http://127.0.0.1:${ports.node1}`, `http://127.0.0.1:${ports.node2}`];
}

/** Under load every process counts its signatures. */
export function flagsOf(plan: HousePlan, flags: readonly string[]): readonly string[] {
  return plan.load ? ['--count', ...flags] : flags;
}

export function clockConfig(file: string | null) {
  return file === null ? { kind: 'system' } : { kind: 'driven', file };
}
