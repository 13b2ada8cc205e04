/** A policy exchanges the wallet that customers' addresses are of: custody would look at the new ones, and credit nothing that comes to the old. */
import { inTransaction } from '@kuramori/ledger';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testHouse, type TestHouse } from '../testing/house.ts';
import { litecoinWallets } from '../testing/litecoin.ts';
import { heldWallet } from '../../chains/bitcoin/codec/testing/wallet.ts';
import { keepPlaces, openDeposits, placeOf } from './place.ts';

let t: TestHouse;
beforeEach(async () => {
  t = await testHouse();
});
afterEach(() => t[Symbol.asyncDispose]());

const { hot } = litecoinWallets();
const other = { ...hot.wallet, descriptor: heldWallet(2, [1, 2, 8]).wallet.descriptor };

it('is told at the start, with what to do; by the first place that was given as by the last', async () => {
  const [nem] = t.house.branches;
  if (!nem) throw new Error('a branch');
  const on = (wallet: typeof hot.wallet) => {
    const branch = { ...nem, hot: wallet };
    return { branch, house: { ...t.house, branches: [nem, branch] } };
  };
  await expect(keepPlaces(on(other).house)).resolves.toBeUndefined();
  const give = async (customer: string, number: number, wallet: typeof hot.wallet) => {
    await t.house.pool.query('insert into custody.customer (id, at) values ($1, 0) on conflict do nothing', [
      customer,
    ]);
    const { address } = placeOf(on(wallet).branch, customer, number);
    await t.house.pool.query(
      "insert into custody.place (chain, customer, number, mark, at) values ('litecoin', $1, $2, $3, 0)",
      [customer, number, address],
    );
    return address;
  };
  const first = await give('alice', 1, hot.wallet);
  await expect(keepPlaces(on(hot.wallet).house)).resolves.toBeUndefined();
  const why = new RegExp(
    `wallets: hot-ltc: customers were shown places that it does not have .alice: ${first}.*put back`,
  );
  await expect(keepPlaces(on(other).house)).rejects.toThrow(why);
  await give('bob', 2, other);
  await expect(keepPlaces(on(other).house)).rejects.toThrow(why);
  await expect(keepPlaces(on(hot.wallet).house)).rejects.toThrow('(bob: ');
});

it('places from before wallets had names in them are given no wallet that has not just these', async () => {
  const [nem] = t.house.branches;
  if (!nem) throw new Error('a branch');
  const on = (wallet: typeof hot.wallet) => ({ ...t.house, branches: [{ ...nem, hot: wallet }] });
  const { pool } = t.house;
  await pool.query("insert into custody.customer (id, at) values ('alice', 0)");
  const { address } = placeOf({ ...nem, hot: hot.wallet }, 'alice', 1);
  await pool.query(
    "insert into custody.place (chain, customer, number, mark, at) values ('litecoin', 'alice', 1, $1, 0)",
    [address],
  );
  const named = async () =>
    (await pool.query<{ wallet: string }>("select wallet from custody.place where chain = 'litecoin'")).rows;
  await expect(keepPlaces(on(other))).rejects.toThrow('customers were shown places that it does not have');
  expect(await named()).toEqual([{ wallet: '' }]);
  await expect(keepPlaces(on(hot.wallet))).resolves.toBeUndefined();
  expect(await named()).toEqual([{ wallet: 'hot-ltc' }]);
});

it('of NEM nothing is said: its places are messages, and stand for the customer whatever the account is', async () => {
  await inTransaction(t.house.pool, (client) => openDeposits(t.house, client, { customer: 'alice' }));
  await expect(keepPlaces(t.house)).resolves.toBeUndefined();
});
