/** Yesterday's database sweeps again what was swept today? It learns the sweep from the signers' journals, and its number is used. */
import { parseAmount, XEM, type Policy } from '@kuramori/core';
import { deposit, ledgerMigrations, verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, testPasswords, type TestDatabase } from '../../ledger/testing/database.ts';
import { round } from '../chain/scan.ts';
import { openCustomer } from '../customer.ts';
import type { Branch } from '../branch.ts';
import { custodyMigrations, migrateCustody } from '../migrate.ts';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { changed, bookOwnFunds } from '../testing/house.ts';
import { finish } from '../testing/withdrawals.ts';
import { tendTreasury } from '../treasury.ts';
import { advance } from '../withdrawal.ts';
import { openConvoy } from '../withdrawals/convoy.ts';
import { openJournals } from '../withdrawals/journals.ts';
import { findWithdrawal } from '../withdrawals/row.ts';

const xem = (text: string) => parseAmount(text, XEM);
const sweep = { to: ['cold-xem'], perDay: { count: 9, fees: xem('10') }, leave: xem('50') };

let n: Neighbourhood;
let yesterday: TestDatabase;
let house: Branch;
beforeAll(async () => {
  n = await openNeighbourhood({
    policy: (policy: Policy) => ({ ...policy, rules: policy.rules.map((rule) => ({ ...rule, sweep })) }),
  });
  yesterday = await testDatabase({
    migrations: [ledgerMigrations, custodyMigrations],
    migrate: (adminUrl) => migrateCustody(adminUrl, testPasswords),
  });
  const { custody: pool } = yesterday;
  house = changed(n.t.house, { pool, convoy: openConvoy(pool), journals: openJournals() });
  await n.t.rich('alice', '10000');
  for (const { custody } of [n.t.database, yesterday]) await bookOwnFunds(custody, '10');
  await openCustomer(yesterday.custody, 'alice', 0);
  const into = { kind: 'hot', wallet: 'hot-xem' } as const;
  const of = { kind: 'customer', customer: 'alice' } as const;
  await deposit(yesterday.custody, { id: 'd', about: 'd', asset: XEM, units: xem('10000'), into, of });
});
afterAll(async () => {
  await yesterday[Symbol.asyncDispose]();
  await n[Symbol.asyncDispose]();
});

async function sweeps(of: TestDatabase) {
  const { rows } = await of.admin.query<{ id: string; number: string; state: string; amount: string }>(
    "select id, number, state, amount::text from custody.withdrawal where reason = 'sweep' order by number",
  );
  return rows;
}
async function accounts(of: TestDatabase) {
  const { rows } = await of.admin.query<{ kind: string; owner: string; balance: string; held: string }>(
    'select kind, owner, balance::text, held::text from ledger.account where balance <> 0 order by kind, owner',
  );
  return rows;
}

test('nothing is swept before the journals are read; then the sweep is the same one, and moved once', async () => {
  await tendTreasury(n.t.house);
  const [made] = await sweeps(n.t.database);
  const id = made?.id ?? '';
  await finish(n, id);

  // As long as the signers cannot be asked, nothing is decided, and no spend is booked without its reason.
  const nobody = new Map([...house.signers.keys()].map((name) => [name, { socket: '/nonexistent' }]));
  const deaf = changed(house, { signers: nobody, journals: openJournals() });
  await tendTreasury(deaf);
  expect(await sweeps(yesterday)).toEqual([]);
  await expect(round(deaf)).rejects.toThrow(/journals must be read/);
  // It reads before it decides: the sweep is learned, and no other is made while it is under way.
  await tendTreasury(house);
  expect(await sweeps(yesterday)).toMatchObject([
    { id, number: '1', state: 'planned', amount: made?.amount },
  ]);
  await tendTreasury(house);
  expect(await sweeps(yesterday)).toHaveLength(1);
  await round(house);
  for (let steps = 0; steps < 8; steps += 1) await advance(house, id);
  expect(await findWithdrawal(yesterday.custody, id)).toMatchObject({ state: 'final' });
  expect(await accounts(yesterday)).toEqual(await accounts(n.t.database));
  await tendTreasury(house);
  expect(await sweeps(yesterday)).toHaveLength(1);
  expect(await n.balance(n.people.cold.address)).toBe(BigInt(made?.amount ?? 0));
});

test('a block with a sweep is taken back, and the sweep with it: its coins are hot again in the books, and swept anew', async () => {
  await n.t.rich('bob', '1000');
  n.pass(60);
  await tendTreasury(n.t.house);
  const made = (await sweeps(n.t.database)).at(-1);
  const id = made?.id ?? '';
  await finish(n, id);
  const { rows } = await n.t.database.admin.query<{ transaction: string }>(
    'select transaction from custody.outgoing where withdrawal = $1',
    [id],
  );
  const cold = await n.balance(n.people.cold.address);
  await n.fork({ depth: 2, drop: rows.map(({ transaction }) => transaction), dropped: 'forgotten' });
  await n.harvest(2);
  await n.watched();
  await n.scan();
  const gone = Object.fromEntries(
    (await accounts(n.t.database)).map(({ kind, balance }) => [kind, BigInt(balance)]),
  );
  expect(gone).toMatchObject({ hot: xem('1050'), cold: cold - BigInt(made?.amount ?? 0) });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  n.pass(60);
  await tendTreasury(n.t.house);
  const again = (await sweeps(n.t.database)).at(-1);
  expect(Number(again?.number)).toBe(Number(made?.number) + 1);
  await finish(n, again?.id ?? '');
  expect(await n.balance(n.people.cold.address)).toBe(cold);
});
