/** Coins that leave without a withdrawal are never silently ignored: seen, shown, and booked as what they are. */
import type { Address, Transfer } from '@kuramori/chains/nem/codec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { person } from '../testing/house.ts';
import { openNeighbourhood, plain, transfer, type Neighbourhood } from '../testing/neighbourhood.ts';
import { announceTheft, theft } from '../testing/theft.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '1000');
});
afterAll(() => n[Symbol.asyncDispose]());

/** Two stolen keys: whatever they want. */
async function steal(inner: Transfer): Promise<string> {
  const hash = await announceTheft(n, theft(n, inner));
  await n.harvest(2);
  await n.scan();
  return hash;
}

const status = async () => (await n.t.ask({ path: '/v1/status' })).body;
const from = (to: Address, units: bigint, memo = '') =>
  transfer(n, n.people.hot, to, units, memo === '' ? {} : { message: plain(memo) });

test('a theft is in the status, and is the house’s loss', async () => {
  const thief = person();
  const hash = await steal(from(thief.address, 7_000_000n));
  const { otherSpends, totals, accounts } = await status();
  expect(otherSpends).toMatchObject([
    {
      transaction: hash,
      kind: 'unexplained',
      wallet: 'hot-xem',
      recipient: thief.address,
      units: '7000000',
      fee: '350000',
    },
  ]);
  expect(totals).toEqual({ 'nem:xem': { claims: '1000000000', holdings: '992650000' } });
  expect(accounts).toContainEqual({ kind: 'own-funds', owner: '', asset: 'nem:xem', balance: '-7350000' });
});

test('coins that go home to cold are a move, and no customer’s deposit', async () => {
  const opened = await n.t.ask({ path: '/v1/customers', body: { customer: 'mallory' } });
  const hash = await steal(from(n.people.cold.address, 9_000_000n, String(opened.body['message'])));
  const { otherSpends, accounts, heldDeposits } = await status();
  expect(otherSpends).toContainEqual(
    expect.objectContaining({ transaction: hash, kind: 'move', units: '9000000' }),
  );
  expect(accounts).toContainEqual({ kind: 'cold', owner: 'cold-xem', asset: 'nem:xem', balance: '9000000' });
  expect(heldDeposits).toBe(0);
});

test('coins to itself cost a fee, and are no deposit even with a customer’s message', async () => {
  const opened = await n.t.ask({ path: '/v1/customers', body: { customer: 'mallory' } });
  await steal(from(n.people.hot.address, 9_000_000n, String(opened.body['message'])));
  const balances = await n.t.ask({ path: '/v1/customers/mallory/balances' });
  expect(balances.body).toMatchObject({ balances: [] });
  const { accounts } = await status();
  expect(accounts).toContainEqual({
    kind: 'own-funds',
    owner: '',
    asset: 'nem:xem',
    balance: String(-7_350_000 - 400_000 - 400_000),
  });
});
