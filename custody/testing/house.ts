/** A house for tests: a database of its own, a policy, and neighbours that the test brings or that are silent. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addressOf,
  privateKeyOf,
  publicKeyOf,
  type Address,
  type PrivateKey,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import { nemNode, type NemNode } from '@kuramori/chains/nem/node';
import {
  generateSigningKey,
  parseAmount,
  policyDigest,
  XEM,
  watchtowerRoutes,
  type PlaceOf,
  type Policy,
  type SigningKey,
} from '@kuramori/core';
import type { Client } from '@kuramori/client';
import { claim, deposit, ledgerMigrations, openWriter } from '@kuramori/ledger';
import type { z } from 'zod';
import { testDatabase, testPasswords, type TestDatabase } from '../../ledger/testing/database.ts';
import { keyOf } from '../../core/testing/house.ts';
import { serveRoutes } from '@kuramori/program';
import { vouch } from '../../watchtower/vouch.ts';
import { api } from '../api/answer.ts';
import { openStatements } from '../books/statement.ts';
import { openRates } from '../api/rate.ts';
import { openCustomer } from '../customer.ts';
import { openHouse, type Branch, type Counter } from '../branch.ts';
import { anyChain } from '../chains/chain.ts';
import { nemChain } from '../chains/nem/chain.ts';
import type { MessageKey } from '../chains/nem/message-key.ts';
import type { House } from '../house.ts';
import { openConvoy } from '../withdrawals/convoy.ts';
import { openLines } from '../withdrawals/lines.ts';
import { openJournals, type Journals } from '../withdrawals/journals.ts';
import { custodyMigrations, migrateCustody } from '../migrate.ts';
import { LoginsConfig } from '../logins.ts';
import { Rules } from '../rules.ts';
import { TreasuryConfig } from '../treasury/config.ts';
import type { Scans } from '../chain/scan.ts';
import { openRoom } from '../withdrawals/room.ts';
import type { Board } from '../services/board.ts';
import { usualRunbook } from '../services/runbook.ts';
import { listScreen } from '../withdrawals/screen.ts';
import {
  clientOf,
  exchangeKey,
  keyId,
  secondKey,
  send,
  signed,
  type Answer,
  type Given,
} from './exchange.ts';

export interface Person {
  readonly privateKey: PrivateKey;
  readonly publicKey: PublicKey;
  readonly address: Address;
}

export function person(): Person {
  const privateKey = privateKeyOf(randomBytes(32));
  const publicKey = publicKeyOf(privateKey);
  return { privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
}

export interface People {
  readonly hot: Person;
  readonly cold: Person;
  /** Two online, one in the vault. */
  readonly cosigners: readonly [Person, Person, Person];
  readonly customer: Person;
  readonly treasury: Person;
}

export interface TestHouse extends AsyncDisposable {
  /** The house, at its one branch. */
  readonly house: Branch;
  readonly nodes: readonly NemNode[];
  readonly people: People;
  readonly records: readonly [SigningKey, SigningKey];
  readonly tower: SigningKey;
  /** Signs the totals. */
  readonly books: SigningKey;
  readonly database: TestDatabase;
  /** Where the test's sockets and files are. */
  readonly folder: string;
  readonly app: ReturnType<typeof api>;
  /** Milliseconds of Unix time; the test sets it. */
  readonly clock: { ms: number };
  /** The exchange's client, with its first key. */
  readonly client: Client;
  readonly ask: (given: Omit<Given, 'created'> & { readonly created?: number }) => Promise<Answer>;
  /** A customer with coins in the books. */
  readonly rich: (customer: string, xem: string) => Promise<void>;
}

export const xem = (text: string) => parseAmount(text, XEM).toString();

export const idleScans: Scans = {
  states: () => new Map([['nem', { height: 1, target: 1, stopped: null, complaints: [] }]]),
  [Symbol.asyncDispose]: async () => {},
};

/** Where nobody runs a signer, nobody can have recorded anything: there is nothing to read. */
const noJournals: Journals = {
  state: () => ({ read: true, journals: [], forgotten: 0 }),
  read: async () => ({ read: true, journals: [], forgotten: 0 }),
  of: async () => ({ plans: [], silent: [] }),
};

/** Where nobody freezes, everything is open. */
const openOnly: Board = { whyStopped: () => null, isKnown: () => true, write: () => {} };

export interface Options {
  /** Whether signers run, whose journals are to be read. */
  readonly signers?: boolean;
  readonly rules?: z.input<typeof Rules>;
  readonly treasury?: z.input<typeof TreasuryConfig>;
  /** Changes to the usual policy. */
  readonly policy?: (usual: Policy) => Policy;
  readonly nodes?: readonly string[];
  readonly clock?: { ms: number };
  readonly people?: People;
  readonly confirmations?: number;
  readonly scanFrom?: number;
  /** The counters of the house, the first in place of NEM's. */
  readonly counters?: (policy: Policy) => readonly Counter[];
  /** What is other than usual; it is given the test's folder. */
  readonly house?: (folder: string) => Partial<Branch>;
  /** A whole watchtower comes to its socket; else one that vouches and does nothing else. */
  readonly wholeTower?: boolean;
}

/** The branch with something else than usual, as the one branch of its house. */
export function changed(branch: Branch, changes: Partial<Branch>): Branch {
  const branches: Branch[] = [];
  const made: Branch = { ...branch, ...changes, branches };
  branches.push(made);
  return made;
}

/** The branch with other nodes, and the key that reads messages, where there is one. */
export function withNodes(
  branch: Branch,
  nodes: readonly NemNode[],
  messageKey: MessageKey | null = null,
): Branch {
  return changed(branch, { chain: anyChain(nemChain({ nodes, hot: branch.hot, messageKey })) });
}

export function newPeople(): People {
  return {
    hot: person(),
    cold: person(),
    cosigners: [person(), person(), person()],
    customer: person(),
    treasury: person(),
  };
}

export async function testHouse(options: Options = {}): Promise<TestHouse> {
  const database = await testDatabase({
    migrations: [ledgerMigrations, custodyMigrations],
    migrate: (adminUrl) => migrateCustody(adminUrl, testPasswords),
  });
  const people = options.people ?? newPeople();
  const records = [generateSigningKey(), generateSigningKey()] as const;
  const [tower, books] = [generateSigningKey(), generateSigningKey()];
  const usual = policyOf(people, records, tower, books);
  const policy = options.policy?.(usual) ?? usual;
  const rules = Rules.parse(options.rules ?? {});
  const [exchange] = policy.exchanges;
  const [hot] = policy.wallets;
  if (!exchange || !hot) throw new Error('the test policy has an exchange and a hot wallet');
  const clock = options.clock ?? { ms: Date.now() };
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-custody-'));
  const nodes: readonly NemNode[] = (options.nodes ?? []).map((url) => nemNode(url, 'testnet'));
  const signers = new Map(policy.signers.map(({ id }) => [id, { socket: join(folder, id) }]));
  const shared: Omit<House, 'branches' | 'retired'> = {
    policy,
    policyDigest: policyDigest(policy),
    exchange,
    pool: database.custody,
    writer: openWriter(database.custody),
    statements: openStatements(books, null),
    convoy: openConvoy(database.custody),
    lines: openLines(),
    signers,
    journals: options.signers === true ? openJournals() : noJournals,
    watchtowers: [{ key: tower.publicKey, at: { socket: join(folder, 'tower') } }],
    rules,
    screen: listScreen(rules.screening),
    pollMs: 20,
    clock: { now: () => clock.ms },
    callerAddress: { kind: 'connection' },
    rates: openRates({ perSecond: 1_000_000, burst: 1_000_000, keys: {} }, () => 0),
    webhooks: [],
    treasury: TreasuryConfig.parse(options.treasury ?? {}),
    logins: LoginsConfig.parse({}),
    runbook: usualRunbook,
    board: openOnly,
  };
  const counters: readonly Counter[] = options.counters?.(policy) ?? [
    {
      hot,
      chain: anyChain(nemChain({ nodes, hot, messageKey: null })),
      confirmations: options.confirmations ?? 2,
      scanFrom: options.scanFrom ?? 1,
      minimumDeposit: 100_000n,
      room: openRoom(),
    },
  ];
  const [usualBranch] = openHouse(shared, counters).branches;
  if (!usualBranch) throw new Error('the house has a branch');
  const house = changed(usualBranch, options.house?.(folder) ?? {});
  const voucher =
    options.wholeTower === true
      ? null
      : await serveRoutes(
          { socket: join(folder, 'tower') },
          { vouch: watchtowerRoutes.vouch },
          {
            vouch: (asked: PlaceOf) =>
              vouch(
                {
                  policy,
                  digest: house.policyDigest,
                  standing: [policy],
                  key: tower,
                  frozen: () => false,
                  now: house.clock.now,
                  lookAt: () => null,
                },
                asked,
              ),
          },
        );
  const app = api(house, idleScans);
  return {
    house,
    nodes,
    people,
    records,
    tower,
    books,
    database,
    folder,
    app,
    clock,
    client: clientOf(app, clock),
    ask: (given) => send(app, signed({ created: Math.floor(clock.ms / 1000), ...given })),
    async rich(customer, amount) {
      await openCustomer(database.custody, customer, clock.ms);
      const id = randomBytes(8).toString('hex');
      const of = { kind: 'customer', customer } as const;
      const into = { kind: 'hot', wallet: hot.id } as const;
      await deposit(database.custody, {
        id,
        about: id,
        asset: house.coin,
        units: parseAmount(amount, house.coin),
        into,
        of,
      });
    },
    async [Symbol.asyncDispose]() {
      await voucher?.close();
      await database[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function policyOf(
  people: People,
  records: readonly [SigningKey, SigningKey],
  tower: SigningKey,
  books: SigningKey,
): Policy {
  const [a, b, c] = people.cosigners;
  return {
    v: 1,
    version: 1,
    prev: null,
    keepers: { quorum: 1, people: [{ name: 'keeper', key: generateSigningKey().publicKey }] },
    loosening: { delay: 0, objection: 0 },
    operators: [],
    thaw: { delay: 0 },
    issued: 1,
    network: 'devnet',
    exchanges: [
      {
        id: 'exchange-1',
        keys: [keyOf(keyId, exchangeKey.publicKey), keyOf('key-2', secondKey.publicKey)],
      },
    ],
    keyDelay: 86_400,
    watchtowers: { quorum: 1, keys: [tower.publicKey] },
    books: { key: books.publicKey },
    signers: [
      { id: 'signer-1', recordKey: records[0].publicKey },
      { id: 'signer-2', recordKey: records[1].publicKey },
    ],
    wallets: [
      {
        id: 'hot-xem',
        role: 'hot',
        chain: 'nem',
        address: people.hot.address,
        publicKey: people.hot.publicKey,
        threshold: 2,
        cosigners: [
          { publicKey: a.publicKey, signer: 'signer-1' },
          { publicKey: b.publicKey, signer: 'signer-2' },
          { publicKey: c.publicKey, signer: null },
        ],
        evacuateTo: 'cold-xem',
      },
      {
        id: 'cold-xem',
        role: 'cold',
        chain: 'nem',
        address: people.cold.address,
        publicKey: people.cold.publicKey,
        threshold: 2,
        cosigners: [person(), person(), person()].map(({ publicKey }) => ({ publicKey, signer: null })),
        evacuateTo: null,
      },
    ],
    rules: [
      {
        wallet: 'hot-xem',
        asset: XEM,
        perPayment: parseAmount('5000', XEM),
        rolling: { hours: 24, units: parseAmount('20000', XEM) },
        firstSeen: { hours: 24, shareBps: 1000 },
        feeCap: parseAmount('5', XEM),
      },
    ],
    denials: [],
    lists: [],
    groups: [],
    values: [],
    hotShareBps: 500,
  };
}

/** Coins of the house's own in the hot wallet, by the books: fees are its to bear. */
export async function bookOwnFunds(client: TestDatabase['custody'], amount: string): Promise<void> {
  const own = { id: 'own', about: 'own', asset: XEM, units: parseAmount(amount, XEM) };
  const into = { kind: 'hot', wallet: 'hot-xem' } as const;
  await deposit(client, { ...own, into, of: { kind: 'unclaimed' } });
  await claim(client, { ...own, id: 'own-claim', deposit: 'own', by: { kind: 'own-funds' } });
}
