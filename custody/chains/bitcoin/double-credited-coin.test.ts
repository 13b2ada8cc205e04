/** On a real chain of coins: each customer an address of their own, each output credited once, and taken out again where the chain takes it back. */
import { Pool } from 'pg';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { changed } from '../../testing/house.ts';
import { ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { round } from '../../chain/scan.ts';
import { openConvoy } from '../../withdrawals/convoy.ts';

describe.skipIf(!hasLitecoind())('deposits on litecoind', () => {
  let n: Litecoin;
  beforeAll(async () => {
    n = await openLitecoin();
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  const open = async (customer: string) =>
    (await n.t.ask({ path: '/v1/customers', body: { customer } })).body;
  const addressOf = async (customer: string) => String((await open(customer))['address']);
  const available = async (customer: string) => {
    const { body } = await n.t.ask({ path: `/v1/customers/${customer}/balances` });
    const [first] = body['balances'] as { balance: string }[];
    return BigInt(first?.balance ?? '0');
  };
  const deposits = () => Array.fromAsync(n.t.client.pages('listDeposits', {}));
  const of = async (transaction: string) =>
    (await deposits()).filter((one) => one.transaction === transaction);

  it('each customer has an address of their own, the same at each call, and never the wallet’s first', async () => {
    const alice = await open('alice');
    expect(alice).toMatchObject({
      asset: 'litecoin:ltc',
      message: '',
      number: 1,
      address: n.at(n.hot, 0, 1),
    });
    expect(await open('alice')).toMatchObject({ number: 1 });
    const others = await Promise.all(['bob', 'carol', 'dave'].map(open));
    expect(others.map(({ number }) => String(number)).sort()).toEqual(['2', '3', '4']);
    const addresses = [alice, ...others].map(({ address }) => address);
    expect(new Set(addresses).size).toBe(4);
    expect(addresses).not.toContain(n.hot.wallet.address);
  });

  it('several customers in one transaction: each output is its customer’s, once it is two blocks deep', async () => {
    const [alice, bob] = [await addressOf('alice'), await addressOf('bob')];
    const id = await n.pay({ [alice]: '1.5', [bob]: '0.25' });
    await n.mine();
    expect(await n.scan()).toMatchObject({ stopped: null });
    expect(await of(id)).toEqual([]);
    await n.mine();
    expect(await n.scan()).toMatchObject({ stopped: null });
    expect(await of(id)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ customer: 'alice', state: 'credited', units: ltc('1.5').toString() }),
        expect.objectContaining({ customer: 'bob', state: 'credited', units: ltc('0.25').toString() }),
      ]),
    );
    expect([await available('alice'), await available('bob')]).toEqual([ltc('1.5'), ltc('0.25')]);
  });

  it('what no customer was told is nobody’s: our own address, change, a cold wallet, an address not yet given; and dust', async () => {
    const id = await n.pay({
      [n.hot.wallet.address]: '0.1',
      [n.at(n.hot, 1, 3)]: '0.2',
      [n.cold.wallet.address]: '0.3',
      [n.at(n.hot, 0, 50)]: '0.4',
      [await addressOf('carol')]: '0.00009',
    });
    await n.mine(2);
    expect(await n.scan()).toMatchObject({ stopped: null });
    const found = Object.fromEntries(
      (await of(id)).map(({ units, state, why, customer }) => [units, `${state} ${why} ${customer}`]),
    );
    expect(found).toEqual({
      [ltc('0.1').toString()]: 'held unknown-address null',
      [ltc('0.2').toString()]: 'held unknown-address null',
      [ltc('0.3').toString()]: 'held to-cold null',
      [ltc('0.4').toString()]: 'held unknown-address null',
      '9000': 'dust dust null',
    });
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
    // No one is given later what came before it was theirs.
    for (let at = 0; at < 3; at += 1) await open(`later-${at}`);
    expect(await available('later-0')).toBe(0n);
  });

  it('the same blocks forty times, by two custodies over one database', async () => {
    const before = await available('alice');
    const alice = await addressOf('alice');
    for (let paid = 1; paid <= 3; paid += 1) await n.pay({ [alice]: `0.0${paid}` });
    await n.mine(2);
    const second = new Pool({ connectionString: n.t.database.custodyUrl, max: 16 });
    const other = changed(n.t.house, { pool: second, convoy: openConvoy(second) });
    // A node answers sixteen at once.
    for (let times = 0; times < 10; times += 1) {
      const states = await Promise.all([n.t.house, other, n.t.house, other].map((house) => round(house)));
      expect(states.flatMap(({ stopped }) => stopped ?? [])).toEqual([]);
    }
    await second.end();
    expect(await available('alice')).toBe(before + ltc('0.06'));
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  }, 60_000);

  it.each([1, 2, 3, 6])(
    '%i blocks are taken back: found again in the new chain it is not credited twice',
    async (depth) => {
      const alice = await addressOf('alice');
      const before = await available('alice');
      const id = await n.pay({ [alice]: '0.5' });
      await n.mine(3);
      await n.scan();
      expect(await available('alice')).toBe(before + ltc('0.5'));
      await n.takeBack(depth);
      await n.mine(depth + 1);
      expect(await n.scan()).toMatchObject({ stopped: null });
      expect(await of(id)).toMatchObject([{ state: 'credited', customer: 'alice', orphaned: false }]);
      expect(await available('alice')).toBe(before + ltc('0.5'));
    },
    60_000,
  );

  it('it is not found again: taken out of the books, and its customer may withdraw nothing until somebody has looked', async () => {
    const dave = await addressOf('dave');
    const id = await n.pay({ [dave]: '0.7' });
    await n.mine(2);
    await n.scan();
    expect(await available('dave')).toBe(ltc('0.7'));
    await n.takeBack(2, [id]);
    await n.mine(3);
    expect(await n.scan()).toMatchObject({ stopped: null });
    expect(await of(id)).toMatchObject([{ state: 'reversed' }]);
    expect(await available('dave')).toBe(0n);
    const { body } = await n.t.ask({ path: '/v1/customers/dave/balances' });
    expect(String(body['held'])).toMatch(/was reversed/);
    const { rows } = await n.t.database.admin.query(
      "select from custody.coin where outpoint like $1 || ':%'",
      [id],
    );
    expect(rows).toEqual([]);
    // A miner takes it after all.
    await n.nodes[0].call('prioritisetransaction', id, 0, 100_000_000);
    await n.mine(2);
    expect(await n.scan()).toMatchObject({ stopped: null });
    expect(await of(id)).toMatchObject([{ state: 'credited', customer: 'dave' }]);
    expect(await available('dave')).toBe(ltc('0.7'));
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  }, 60_000);
});
