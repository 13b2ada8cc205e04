/** Dust, empty payments and worthless tokens: seen, and neither credited nor able to slow the scan or fill the books. */
import { multiplierOne, type Transfer } from '@kuramori/chains/nem/codec';
import { inTransaction, verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arrivalsIn } from '../chains/nem/arrivals.ts';
import type { Arrival } from './arrival.ts';
import { bookArrivals } from '../deposit.ts';
import { person } from '../testing/house.ts';
import { openNeighbourhood, plain, transfer, type Neighbourhood } from '../testing/neighbourhood.ts';

let n: Neighbourhood;
let message: string;
beforeAll(async () => {
  n = await openNeighbourhood();
  message = String((await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } })).body['message']);
});
afterAll(() => n[Symbol.asyncDispose]());

const pay = (units: bigint, more: Partial<Transfer> = {}) =>
  n.announce(
    transfer(n, n.people.customer, n.people.hot.address, units, { message: plain(message), ...more }),
    n.people.customer,
  );
const deposits = () => Array.fromAsync(n.t.client.pages('listDeposits', {}));
const count = async (sql: string) =>
  Number((await n.t.database.admin.query(`select count(*) as n from ${sql}`)).rows[0].n);

test('the least that is credited, and one micro-XEM less', async () => {
  await pay(100_000n);
  await pay(99_999n);
  await pay(1n);
  await pay(0n);
  await n.harvest(2);
  expect(await n.scan()).toMatchObject({ stopped: null });
  const states = Object.fromEntries(
    (await deposits()).map(({ units, state, customer }) => [units, `${state} ${customer}`]),
  );
  // What carries nothing is no deposit, whatever it says.
  expect(states).toEqual({ '100000': 'credited alice', '99999': 'dust null', '1': 'dust null' });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('dust is in the books in one sum a block, and can be claimed piece by piece', async () => {
  const before = await count('ledger.transfer');
  for (let speck = 0; speck < 40; speck += 1) await pay(10n + BigInt(speck));
  await n.harvest(2);
  expect(await n.scan()).toMatchObject({ stopped: null });
  expect((await count('ledger.transfer')) - before).toBe(1);
  const speck = (await deposits()).find(({ units }) => units === '49');
  const claimed = await n.t.ask({
    path: '/v1/deposits/claims',
    body: { deposit: speck?.id, customer: 'alice', why: 'sent less by mistake, ticket 7' },
  });
  expect(claimed).toMatchObject({ status: 200, body: { state: 'credited', units: '49' } });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('XEM as a mosaic, a multiple of it, none of it', async () => {
  const xem = (quantity: bigint) => [{ id: { namespaceId: 'nem', name: 'xem' }, quantity }];
  await pay(multiplierOne * 3n, { mosaics: xem(1_000_000n) });
  await pay(0n, { mosaics: xem(1_000_000n) });
  await n.harvest(2);
  expect(await n.scan()).toMatchObject({ stopped: null });
  const mosaics = (await deposits()).filter(({ units }) => Number(units) >= 1_000_000);
  expect(mosaics).toMatchObject([{ units: '3000000', state: 'credited', customer: 'alice' }]);
});

/** As a node shows it, of mosaics that this devnet has no definition of. */
const unlisted = (index: number): Arrival => {
  const mosaics = Array.from({ length: 10 }, (_, at) => ({
    id: { namespaceId: 'worthless', name: `token${at}` },
    quantity: 1n,
  }));
  const transaction = transfer(n, person(), n.people.hot.address, multiplierOne, {
    message: plain(message),
    mosaics,
  });
  const hash = index.toString(16).padStart(64, '0');
  const block = { height: 1_000, hash: 'b'.repeat(64), previous: 'a'.repeat(64), time: 1, unread: [] };
  const all = arrivalsIn(
    n.t.house,
    { ...block, transactions: [{ hash, transaction, signature: '', cosignatures: [] }] },
    null,
  );
  return all[index % 10] as Arrival;
};

test('tokens that nobody listed are kept in view, and are not in the books', async () => {
  const before = await count('ledger.transfer');
  const arrivals = Array.from({ length: 30 }, (_, index) => unlisted(index));
  await inTransaction(n.t.house.pool, (client) => bookArrivals(n.t.house, client, arrivals));
  const held = (await deposits()).filter(({ asset }) => asset.startsWith('worthless:'));
  expect(held).toHaveLength(30);
  for (const one of held) expect(one).toMatchObject({ state: 'held', why: 'unknown-asset', customer: null });
  expect(await count('ledger.transfer')).toBe(before);
  const claim = { deposit: held[0]?.id, customer: 'alice', why: 'they want it' };
  expect(await n.t.ask({ path: '/v1/deposits/claims', body: claim })).toMatchObject({ status: 400 });
});

test('a flood of dust costs the books two entries a block', async () => {
  const make = (units: bigint, from: number) =>
    Array.from({ length: 1_200 }, (_, index): Arrival => {
      const transaction = (from + index).toString(16).padStart(64, '0');
      const block = String(Math.floor(index / 120) + from).padStart(64, 'c');
      const height = 2_000 + Math.floor(index / 120);
      return { ...unlisted(0), id: `${transaction}:0`, transaction, asset: 'nem:xem', units, height, block };
    });
  const book = (arrivals: readonly Arrival[]) =>
    inTransaction(n.t.house.pool, (client) => bookArrivals(n.t.house, client, arrivals));
  const before = await count('ledger.entry');
  await book(make(7n, 10_000_000));
  expect((await count('ledger.entry')) - before).toBe(10 * 2);
  await book(make(1_000_000n, 20_000_000));
  expect((await count('ledger.entry')) - before).toBe(10 * 2 + 1_200 * 2);
});
