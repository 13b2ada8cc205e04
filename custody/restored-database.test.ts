/** Yesterday's database: a withdrawal that was paid is unknown to it, and is not paid again, nor is its money given back. */
import { ledgerMigrations, deposit } from '@kuramori/ledger';
import { parseAmount, withdrawalId, XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, testPasswords, type TestDatabase } from '../ledger/testing/database.ts';
import { api } from './api.ts';
import { openCustomer } from './customer.ts';
import type { House } from './house.ts';
import { openJournals } from './journals.ts';
import { custodyMigrations, migrateCustody } from './migrate.ts';
import { send, signed } from './testing/exchange.ts';
import { xem } from './testing/house.ts';
import { openNeighbourhood, type Neighbourhood } from './testing/neighbourhood.ts';
import { drive } from './testing/withdrawals.ts';
import { advance } from './withdrawal.ts';

let n: Neighbourhood;
let yesterday: TestDatabase;
let house: House;
let app: ReturnType<typeof api>;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '100');
  yesterday = await testDatabase({
    migrations: [ledgerMigrations, custodyMigrations],
    migrate: (adminUrl) => migrateCustody(adminUrl, testPasswords),
  });
  house = { ...n.t.house, pool: yesterday.custody };
  const idle = {
    state: () => ({ height: 1, target: 1, stopped: null, complaints: [] }),
    [Symbol.asyncDispose]: async () => {},
  };
  app = api(house, idle);
  await openCustomer(yesterday.custody, 'alice', 0);
  const of = { kind: 'customer', customer: 'alice' } as const;
  const into = { kind: 'hot', wallet: 'hot-xem' } as const;
  await deposit(yesterday.custody, {
    id: 'd',
    about: 'd',
    asset: XEM,
    units: parseAmount('100', XEM),
    into,
    of,
  });
});
afterAll(async () => {
  await yesterday[Symbol.asyncDispose]();
  await n[Symbol.asyncDispose]();
});

const request = (idempotencyKey: string) =>
  signed({
    path: '/v1/withdrawals',
    body: {
      customer: 'alice',
      asset: 'nem:xem',
      amount: xem('10'),
      destination: { address: n.people.treasury.address, memo: '' },
      feeCap: xem('1'),
    },
    created: Math.floor(n.t.clock.ms / 1000),
    idempotencyKey,
  });

async function payToday(idempotencyKey: string): Promise<string> {
  const id = withdrawalId('exchange-1', idempotencyKey);
  expect(await send(n.t.app, request(idempotencyKey))).toMatchObject({ status: 201, body: { id } });
  await drive(n, id, 'sent');
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'settled');
  return id;
}

const shownYesterday = async (id: string) => {
  const created = Math.floor(n.t.clock.ms / 1000);
  return (await send(app, signed({ path: `/v1/withdrawals/${id}`, created }))).body;
};
const heldYesterday = async () => {
  const sql = "select held::text from ledger.account where kind = 'customer'";
  return (await yesterday.admin.query<{ held: string }>(sql)).rows[0]?.held;
};

test('asked again what was paid today: disputed, not paid again, and the money stays held', async () => {
  const before = await n.balance(n.people.treasury.address);
  const id = await payToday('payout-1');
  n.pass(120);
  expect(await send(app, request('payout-1'))).toMatchObject({ status: 201, body: { id } });
  for (let step = 0; step < 5; step += 1) await advance(house, id);
  expect(await shownYesterday(id)).toMatchObject({ state: 'disputed', announcements: [] });
  await n.harvest(2);
  expect((await n.balance(n.people.treasury.address)) - before).toBe(parseAmount('10', XEM));
  expect(await heldYesterday()).toBe(xem('11'));
});

test('accepted yesterday, paid today, and too late tomorrow: not given back', async () => {
  expect(await send(app, request('payout-2'))).toMatchObject({ status: 201 });
  const id = await payToday('payout-2');
  n.pass(25 * 3600);
  await advance(house, id);
  expect(await shownYesterday(id)).toMatchObject({ state: 'disputed' });
  expect(await heldYesterday()).toBe(xem('22'));
});

test('signers that cannot be asked: not given back either', async () => {
  expect(await send(app, request('payout-3'))).toMatchObject({ status: 201 });
  const id = withdrawalId('exchange-1', 'payout-3');
  n.pass(25 * 3600);
  const nobody = new Map([...house.signers.keys()].map((name) => [name, '/nonexistent']));
  await advance({ ...house, journals: openJournals(nobody) }, id);
  expect(await shownYesterday(id)).toMatchObject({
    state: 'requested',
    waiting: expect.stringMatching(/cannot be asked/),
  });
  await advance(house, id);
  expect(await shownYesterday(id)).toMatchObject({ state: 'expired' });
  expect(await heldYesterday()).toBe(xem('22'));
});
