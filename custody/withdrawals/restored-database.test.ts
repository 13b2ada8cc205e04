/**
 * Yesterday's database: withdrawals that were paid today are unknown to it. Nothing is decided before the signers'
 * journals are read; from them it learns again what it has forgotten, pays nothing a second time, and its books come out
 * as today's.
 */
import { nemNode } from '@kuramori/chains/nem/node';
import { ledgerMigrations, deposit } from '@kuramori/ledger';
import { parseAmount, returnId, withdrawalId, XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, testPasswords, type TestDatabase } from '../../ledger/testing/database.ts';
import { api } from '../api/answer.ts';
import { openCustomer } from '../customer.ts';
import type { Branch } from '../branch.ts';
import { openConvoy } from './convoy.ts';
import { openJournals } from './journals.ts';
import { custodyMigrations, migrateCustody } from '../migrate.ts';
import { round, type ScanState } from '../chain/scan.ts';
import { send, signed } from '../testing/exchange.ts';
import { changed, xem, withNodes } from '../testing/house.ts';
import {
  deadMargin,
  openNeighbourhood,
  rewriteDepth,
  transfer,
  type Neighbourhood,
} from '../testing/neighbourhood.ts';
import { drive, finish, show, type Shown } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';

let n: Neighbourhood;
let yesterday: TestDatabase;
let house: Branch;
let app: ReturnType<typeof api>;
let scanned: ScanState = { height: 0, target: null, stopped: null, complaints: [] };

beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '100');
  yesterday = await testDatabase({
    migrations: [ledgerMigrations, custodyMigrations],
    migrate: (adminUrl) => migrateCustody(adminUrl, testPasswords),
  });
  // A process that starts on the old database: it has read no journal.
  house = changed(n.t.house, {
    pool: yesterday.custody,
    convoy: openConvoy(yesterday.custody),
    journals: openJournals(),
  });
  app = api(house, { states: () => new Map([['nem', scanned]]), [Symbol.asyncDispose]: async () => {} });
  await openCustomer(yesterday.custody, 'alice', 0);
  await give('alice', '100');
});
afterAll(async () => {
  await yesterday[Symbol.asyncDispose]();
  await n[Symbol.asyncDispose]();
});

async function give(customer: string, amount: string): Promise<void> {
  const of = { kind: 'customer', customer } as const;
  const into = { kind: 'hot', wallet: 'hot-xem' } as const;
  const id = `d-${customer}-${amount}`;
  await deposit(yesterday.custody, { id, about: id, asset: XEM, units: parseAmount(amount, XEM), into, of });
}

const request = (idempotencyKey: string, customer = 'alice') =>
  signed({
    path: '/v1/withdrawals',
    body: {
      customer,
      asset: 'nem:xem',
      amount: xem('10'),
      destination: { address: n.people.treasury.address, memo: '' },
      feeCap: xem('1'),
    },
    created: Math.floor(n.t.clock.ms / 1000),
    idempotencyKey,
  });

async function payToday(idempotencyKey: string, customer = 'alice'): Promise<string> {
  const id = withdrawalId('exchange-1', idempotencyKey);
  expect(await send(n.t.app, request(idempotencyKey, customer))).toMatchObject({ status: 201, body: { id } });
  await finish(n, id);
  // Each in a second of its own.
  n.pass(60);
  return id;
}

const created = () => Math.floor(n.t.clock.ms / 1000);
const asked = async (path: string) => (await send(app, signed({ path, created: created() }))).body;
const shown = (id: string) => asked(`/v1/withdrawals/${id}`);
const received = () => n.balance(n.people.treasury.address);
const scanYesterday = async () => (scanned = await round(house));

async function driveYesterday(id: string, to: string): Promise<void> {
  for (let steps = 0; steps < 12 && (await shown(id))['state'] !== to; steps += 1) await advance(house, id);
  expect(await shown(id)).toMatchObject({ state: to });
}
async function accounts(of: TestDatabase) {
  const { rows } = await of.admin.query(
    'select kind, owner, balance::text, held::text from ledger.account where balance <> 0 or held <> 0 order by kind, owner',
  );
  return rows;
}

test('three paid today: nothing is taken, planned or scanned as a loss before they are learned again', async () => {
  const before = await received();
  const first = await payToday('payout-1');
  // One that yesterday had taken already.
  expect(await send(app, request('payout-2'))).toMatchObject({ status: 503, body: { field: null } });
  const accepted = changed(house, { journals: n.t.house.journals });
  const earlier = api(accepted, {
    states: () => new Map([['nem', scanned]]),
    [Symbol.asyncDispose]: async () => {},
  });
  expect(await send(earlier, request('payout-2'))).toMatchObject({ status: 201 });
  const second = await payToday('payout-2');
  const third = await payToday('payout-3');
  expect((await received()) - before).toBe(parseAmount('30', XEM));

  expect(await send(app, request('payout-4'))).toMatchObject({
    status: 503,
    body: {
      type: 'urn:kuramori:problem:catching-up',
      detail: expect.stringMatching(/nothing is paid twice/),
    },
  });
  await advance(house, second);
  await advance(house, second);
  await advance(house, second);
  expect(await shown(second)).toMatchObject({
    state: 'screened',
    waiting: expect.stringMatching(/journals/),
  });
  // A spend that nobody here knows of is not booked as a loss.
  await expect(scanYesterday()).rejects.toThrow(/the signers' journals must be read/);

  const state = await house.journals.read(house);
  expect(state).toMatchObject({ read: true, forgotten: 0 });
  for (const id of [first, second, third]) expect(await shown(id)).toMatchObject({ state: 'planned' });
  await scanYesterday();
  for (const id of [first, second, third]) await driveYesterday(id, 'final');
  await n.harvest(3);
  expect((await received()) - before).toBe(parseAmount('30', XEM));
  expect(await accounts(yesterday)).toEqual(await accounts(n.t.database));
  // Three whole payments and all that is asked between: on a machine that others share it has taken half a minute.
}, 90_000);

test('asked again what was paid today: the same withdrawal, and another body under its key is refused', async () => {
  const id = withdrawalId('exchange-1', 'payout-1');
  expect(await send(app, request('payout-1'))).toMatchObject({ status: 201, body: { id, state: 'final' } });
  expect(await send(app, request('payout-1', 'bob'))).toMatchObject({ status: 409 });
  expect(await accounts(yesterday)).toEqual(await accounts(n.t.database));
});

test('signers that cannot be asked: too late, and yet not given back', async () => {
  const taken = await send(app, request('payout-5'));
  expect(taken).toMatchObject({ status: 201 });
  const id = withdrawalId('exchange-1', 'payout-5');
  n.pass(25 * 3600);
  const nobody = new Map([...house.signers.keys()].map((name) => [name, { socket: '/nonexistent' }]));
  await advance(changed(house, { signers: nobody, journals: openJournals() }), id);
  expect(await shown(id)).toMatchObject({ state: 'held', waiting: expect.stringMatching(/cannot be asked/) });
  await advance(house, id);
  expect(await shown(id)).toMatchObject({ state: 'returned' });
  // The chain has gone on meanwhile.
  await n.harvest(2);
  await n.watched();
});

test('a customer whose deposit is forgotten, too: told what is missing, and learned when it is booked', async () => {
  await n.t.rich('bob', '50');
  const before = await received();
  const id = await payToday('payout-6', 'bob');
  expect(await house.journals.read(house)).toMatchObject({ read: false, forgotten: 1 });
  const { catchingUp } = await asked('/v1/status');
  expect(catchingUp).toMatchObject({
    done: false,
    forgotten: [
      { intent: id, why: expect.stringMatching(/^bob: .*11000000 must be available.*book what is missing/) },
    ],
    disputed: [],
    journals: [
      { signer: 'signer-1', unread: 0, why: null },
      { signer: 'signer-2', unread: 0, why: null },
    ],
  });
  expect(await send(app, request('payout-7'))).toMatchObject({
    status: 503,
    body: { detail: expect.stringMatching(/1 payments must be learned again/) },
  });
  await expect(scanYesterday()).rejects.toThrow(/journals must be read/);
  await give('bob', '50');
  expect(await house.journals.read(house)).toMatchObject({ read: true, forgotten: 0 });
  await scanYesterday();
  await driveYesterday(id, 'final');
  expect((await received()) - before).toBe(parseAmount('10', XEM));
  expect(await asked('/v1/status')).toMatchObject({ catchingUp: { done: true, forgotten: [], blocks: 0 } });
  expect(await accounts(yesterday)).toEqual(await accounts(n.t.database));
});

test('a journal that is shorter than what was read, and one of another story, are not believed', async () => {
  const { rows } = await yesterday.admin.query<{ seq: number; head: string }>(
    "select seq, head from custody.journal where signer = 'signer-1'",
  );
  const [row] = rows;
  const set = (seq: number, head: string) =>
    yesterday.admin.query("update custody.journal set seq = $1, head = $2 where signer = 'signer-1'", [
      seq,
      head,
    ]);
  await set((row?.seq ?? 0) + 5, 'f'.repeat(64));
  expect((await house.journals.read(house)).journals[0]?.why).toMatch(/of which we have read/);
  await set((row?.seq ?? 0) - 1, 'f'.repeat(64));
  expect((await house.journals.read(house)).journals[0]?.why).toMatch(/does not follow/);
  await set(row?.seq ?? 0, row?.head ?? '');
  expect(await house.journals.read(house)).toMatchObject({ read: true });
});

test('a held deposit that went back today does not go back again', async () => {
  const sent = transfer(n, n.people.customer, n.people.hot.address, parseAmount('20', XEM));
  const hash = await n.announce(sent, n.people.customer);
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await scanYesterday();
  const body = {
    deposit: `${hash}:0`,
    asset: 'nem:xem',
    amount: xem('19.6'),
    destination: { address: n.people.customer.address, memo: '' },
    feeCap: xem('0.4'),
  };
  const ask = (idempotencyKey: string) =>
    signed({ path: '/v1/returns', body, created: created(), idempotencyKey });
  const before = await n.balance(n.people.customer.address);
  expect(await send(n.t.app, ask('return-1'))).toMatchObject({ status: 201 });
  const id = returnId('exchange-1', `${hash}:0`, 1);
  await finish(n, id);
  n.pass(60);
  // The database that forgot it is asked by a request of its own: the same deposit is the same intent.
  expect(await send(app, ask('return-2'))).toMatchObject({ status: 201, body: { id, state: 'held' } });
  await house.journals.read(house);
  await scanYesterday();
  await driveYesterday(id, 'final');
  await n.harvest(2);
  expect((await n.balance(n.people.customer.address)) - before).toBe(parseAmount('19.6', XEM));
  expect(await accounts(yesterday)).toEqual(await accounts(n.t.database));
});

test('one whose first plan died today, paid by its second: both are learned, in their order', async () => {
  const before = await received();
  const id = withdrawalId('exchange-1', 'payout-8');
  expect(await send(n.t.app, request('payout-8'))).toMatchObject({ status: 201, body: { id } });
  const cutOff = withNodes(
    n.t.house,
    ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((url) => nemNode(url, 'testnet')),
  );
  await drive(n, id, 'unknown', cutOff);
  n.pass(2 * 3600 + deadMargin + 1);
  await n.harvest(rewriteDepth + 1);
  await n.watched();
  await n.scan();
  await finish(n, id);
  expect(await house.journals.read(house)).toMatchObject({ read: true, forgotten: 0 });
  await scanYesterday();
  await driveYesterday(id, 'final');
  const { history, plans } = (await shown(id)) as unknown as Shown;
  expect(history.map(({ state }) => state)).toEqual(
    expect.arrayContaining(['requested', 'held', 'planned', 'expired', 'planned', 'final']),
  );
  expect(plans).toEqual((await show(n, id)).plans);
  await n.harvest(2);
  expect((await received()) - before).toBe(parseAmount('10', XEM));
  expect(await accounts(yesterday)).toEqual(await accounts(n.t.database));
});
