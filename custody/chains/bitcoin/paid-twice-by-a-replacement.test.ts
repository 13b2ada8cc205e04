/** One transaction for many, and another that takes its place for a higher fee: each is paid once, whichever of the two a block takes. */
import { randomUUID } from 'node:crypto';
import { ledgerMigrations, verify } from '@kuramori/ledger';
import { readTransaction } from '@kuramori/chains/bitcoin/codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { testDatabase, testPasswords, type TestDatabase } from '../../../ledger/testing/database.ts';
import { api } from '../../api/answer.ts';
import type { Branch } from '../../branch.ts';
import { round, type ScanState } from '../../chain/scan.ts';
import { custodyMigrations, migrateCustody } from '../../migrate.ts';
import { done, send, signed } from '../../testing/exchange.ts';
import { changed } from '../../testing/house.ts';
import { deadDepth, ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { balanceOf, drive, show } from '../../testing/withdrawals.ts';
import { advance } from '../../withdrawal.ts';
import { openConvoy } from '../../withdrawals/convoy.ts';
import { giveUp } from '../../withdrawals/give-up.ts';
import { openJournals } from '../../withdrawals/journals.ts';
import { findWithdrawal } from '../../withdrawals/row.ts';

describe.skipIf(!hasLitecoind())('batches and replacements on litecoind', () => {
  let n: Litecoin;
  let yesterday: Yesterday;
  beforeAll(async () => {
    n = await openLitecoin({ batch: { most: 10, seconds: 0 } });
    const { body } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } });
    for (const units of ['8', '7', '6']) await n.pay({ [String(body['address'])]: units });
    await n.mine(2);
    await n.scan();
    yesterday = await openYesterday(n);
  }, 120_000);
  afterAll(async () => {
    await yesterday.database[Symbol.asyncDispose]();
    await n[Symbol.asyncDispose]();
  });

  async function withdraw(amount: string, feeCap = '0.005'): Promise<string> {
    const body = {
      customer: 'alice',
      asset: 'litecoin:ltc',
      amount: ltc(amount).toString(),
      destination: { address: n.stranger, memo: '' },
      feeCap: ltc(feeCap).toString(),
    };
    return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
  }
  /** Several that have their turn before the first of them is planned. */
  async function several(...amounts: readonly string[]): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const amount of amounts) ids.push(await withdraw(amount));
    for (const id of ids) await advance(n.t.house, id);
    return ids;
  }
  const all = async (
    ids: readonly string[],
    state: Parameters<typeof drive>[2],
    house: Branch = n.t.house,
  ) => {
    // Whoever leads is asked for all: the others wait for it.
    for (let steps = 0; steps < 60; steps += 1) {
      const states = await Promise.all(ids.map(async (id) => (await show(n, id)).state));
      if (states.every((one) => one === state)) return;
      for (const id of ids) if ((await show(n, id)).state !== state) await advance(house, id);
    }
    throw new Error(JSON.stringify(await Promise.all(ids.map((id) => show(n, id)))));
  };
  const txid = async (id: string) => String((await show(n, id)).transaction).split(':')[0] ?? '';
  const plans = async (id: string) =>
    (await show(n, id)).plans.map((one) => one.transaction.split(':')[0] ?? '');
  async function deep(blocks = 2): Promise<void> {
    await n.mine(blocks);
    await n.watched();
    await n.scan();
  }
  /** No miner takes it, as where others pay more; but it stays in the pools. */
  const unwanted = (id: string, by = -100_000_000) => n.nodes[0].call('prioritisetransaction', id, 0, by);
  const pooled = async (id: string) => ((await n.nodes[1].call('getrawmempool')) as string[]).includes(id);
  async function inStep(): Promise<void> {
    const { rows } = await n.t.database.admin.query<{ books: string; coins: string }>(
      `select (select balance from ledger.account where kind = 'hot' and owner = 'hot-ltc' and asset = 'litecoin:ltc')::text as books,
        (select sum(units) from custody.coin where wallet = 'hot-ltc' and spent_by is null)::text as coins`,
    );
    expect(rows[0]?.books).toBe(rows[0]?.coins);
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  }
  /** Everything is final, and each was paid once. */
  async function paidOnce(ids: readonly string[], before: bigint, amount: bigint): Promise<void> {
    await all(ids, 'final');
    expect(await n.balance(n.stranger)).toBe(before + amount);
    await inStep();
  }

  it('three share one transaction, and its fee', async () => {
    const [before, had] = [await n.balance(n.stranger), await balanceOf(n, 'alice')];
    const ids = await several('0.5', '0.6', '0.5');
    // Each is stepped by two at once.
    for (let steps = 0; steps < 6; steps += 1)
      await Promise.all([...ids, ...ids].map((id) => advance(n.t.house, id)));
    await all(ids, 'sent');
    expect(new Set(await Promise.all(ids.map(txid))).size).toBe(1);
    // Two are alike, and each has an output of its own.
    const names = await Promise.all(ids.map(async (id) => (await show(n, id)).transaction));
    expect(new Set(names).size).toBe(3);
    const hex = String(await n.nodes[1].call('getrawtransaction', await txid(ids[0] ?? '')));
    expect(readTransaction(hex)?.outputs).toHaveLength(4);
    await deep();
    await paidOnce(ids, before, ltc('1.6'));
    const fees = await Promise.all(ids.map(async (id) => BigInt((await show(n, id)).fee ?? '0')));
    const total = fees.reduce((sum, fee) => sum + fee, 0n);
    expect(fees.every((fee) => fee > 0n && fee - total / 3n <= 2n)).toBe(true);
    expect(BigInt((await balanceOf(n, 'alice')).balance)).toBe(BigInt(had.balance) - ltc('1.6') - total);
  }, 60_000);

  /** A batch that no miner takes, until its blocks are gone. */
  async function stuck(): Promise<Readonly<{ ids: readonly string[]; first: string; hex: string }>> {
    const ids = await several('0.2', '0.3');
    await all(ids, 'sent');
    const first = await txid(ids[0] ?? '');
    const hex = String(await n.nodes[0].call('getrawtransaction', first));
    await unwanted(first);
    await deep(3);
    return { ids, first, hex };
  }

  it('too cheap for its blocks, another takes its place out of the same coins; the first is dead, and no money came back', async () => {
    const before = await n.balance(n.stranger);
    const { ids, first } = await stuck();
    const held = (await balanceOf(n, 'alice')).held;
    for (const id of ids) await advance(n.t.house, id);
    for (const id of ids) expect(await show(n, id)).toMatchObject({ state: 'planned' });
    expect(await pooled(first)).toBe(true);
    // Refused, the second gives nothing back: the first is signed, and may still pay.
    for (const id of ids) {
      const found = await findWithdrawal(n.t.house.pool, id);
      if (!found) throw new Error(id);
      await giveUp(n.t.house, found, 'refused', 'nobody signs it');
      expect(await show(n, id)).toMatchObject({
        state: 'planned',
        waiting: expect.stringMatching(/may still confirm/),
      });
      await expect(
        n.t.house.pool.query("update custody.withdrawal set state = 'refused' where id = $1", [id]),
      ).rejects.toThrow('has a signed plan that is not proven dead');
    }
    await all(ids, 'sent');
    const [one = '', second = ''] = await plans(ids[0] ?? '');
    expect(one).toBe(first);
    expect([await pooled(first), await pooled(second)]).toEqual([false, true]);
    expect((await balanceOf(n, 'alice')).held).toBe(held);
    await deep();
    await paidOnce(ids, before, ltc('0.5'));
    expect((await show(n, ids[1] ?? '')).chainHash).toBe(second);
  }, 60_000);

  it('a block takes the first while the second is being signed: paid by the first', async () => {
    const before = await n.balance(n.stranger);
    const { ids, first } = await stuck();
    for (const id of ids) await advance(n.t.house, id);
    expect(await show(n, ids[0] ?? '')).toMatchObject({ state: 'planned' });
    await advance(n.t.house, [...ids].sort()[0] ?? '');
    for (const id of ids) expect(await show(n, id)).toMatchObject({ state: 'witnessed' });
    await unwanted(first, 200_000_000);
    await deep();
    await paidOnce(ids, before, ltc('0.5'));
    for (const id of ids) expect(await show(n, id)).toMatchObject({ chainHash: first });
  }, 60_000);

  it('a block with the second is taken back, and one with the first comes instead: paid by the first, once', async () => {
    const before = await n.balance(n.stranger);
    const { ids, first, hex } = await stuck();
    for (const id of ids) await advance(n.t.house, id);
    await all(ids, 'sent');
    const second = await txid(ids[0] ?? '');
    expect(second).not.toBe(first);
    await deep(1);
    await n.takeBack(1, [second]);
    await unwanted(first, 200_000_000);
    await n.nodes[0].call('sendrawtransaction', hex);
    await n.mine(3);
    await n.watched();
    await n.scan();
    await paidOnce(ids, before, ltc('0.5'));
    for (const id of ids) expect(await show(n, id)).toMatchObject({ chainHash: first });
  }, 60_000);

  it('no plan is kept beside one that may still pay, unless both spend one coin', async () => {
    const [id = ''] = await several('0.25');
    await drive(n, id, 'sent');
    const another = (number: number) =>
      `insert into custody.plan (withdrawal, number, plan, digest, transaction, inner_transaction, at)
         select withdrawal, ${number}, plan, 'another', 'another', 'another', at from custody.plan where withdrawal = $1 and number = 1`;
    const custody = n.t.house.pool;
    await expect(custody.query(another(2), [id])).rejects.toThrow('not proven dead');
    // What it spends is what is reserved for its bytes, whatever the row says.
    await custody.query(
      "insert into custody.reservation (chain, outpoint, digest) values ('litecoin', 'a:0', 'another')",
    );
    await expect(custody.query(another(2), [id])).rejects.toThrow('not proven dead');
    await deep();
    await all([id], 'final');
    expect(deadDepth).toBeGreaterThan(2);
  }, 60_000);

  it('a database that has forgotten a batch and what takes its place learns both again, and pays nothing a second time', async () => {
    const before = await n.balance(n.stranger);
    const { ids } = await stuck();
    for (const id of ids) await advance(n.t.house, id);
    await all(ids, 'sent');
    const { database, house, ask } = yesterday;
    for (let rounds = 0; rounds < 4; rounds += 1) {
      await house.journals.read(house);
      await yesterday.scan();
    }
    expect(house.journals.state()).toMatchObject({ read: true, forgotten: 0 });
    for (const id of ids) {
      const learned = await ask(`/v1/withdrawals/${id}`);
      expect(learned['plans']).toHaveLength(2);
      expect(learned['transaction']).toBe((await show(n, id)).transaction);
    }
    const states = () => Promise.all(ids.map(async (id) => (await ask(`/v1/withdrawals/${id}`))['state']));
    const until = async (state: string) => {
      for (let steps = 0; steps < 30 && (await states()).some((one) => one !== state); steps += 1)
        for (const id of ids) await advance(house, id);
      expect(await states()).toEqual(ids.map(() => state));
    };
    await until('sent');
    await deep();
    await yesterday.scan();
    await until('final');
    await paidOnce(ids, before, ltc('0.5'));
    const accounts = async ({ admin }: TestDatabase) =>
      (
        await admin.query(
          'select kind, owner, balance::text, held::text from ledger.account where balance <> 0 or held <> 0 order by kind, owner',
        )
      ).rows;
    // What was paid before was learned as well, and settled by itself.
    const paid = await database.admin.query<{ id: string }>(
      "select id from custody.withdrawal where state <> 'final'",
    );
    for (const { id } of paid.rows) for (let steps = 0; steps < 6; steps += 1) await advance(house, id);
    expect(await accounts(database)).toEqual(await accounts(n.t.database));
  }, 120_000);

  it('a database of when the first was sent, which a block takes before the second is learned, goes on', async () => {
    const before = await n.balance(n.stranger);
    const { ids, first } = await stuck();
    const { house, ask } = yesterday;
    await house.journals.read(house);
    await yesterday.scan();
    const states = () => Promise.all(ids.map(async (id) => (await ask(`/v1/withdrawals/${id}`))['state']));
    const until = async (state: string) => {
      for (let steps = 0; steps < 40 && (await states()).some((one) => one !== state); steps += 1)
        for (const [at, id] of ids.entries()) if ((await states())[at] !== state) await advance(house, id);
      expect(await states()).toEqual([state, state]);
    };
    await until('sent');
    // What it forgets: the second is planned, and every signer has recorded it.
    for (const id of ids) await advance(n.t.house, id);
    await advance(n.t.house, [...ids].sort()[0] ?? '');
    expect((await show(n, ids[0] ?? '')).state).toBe('witnessed');
    await unwanted(first, 200_000_000);
    await deep();
    await yesterday.scan();
    await until('final');
    await house.journals.read(house);
    expect(await house.journals.read(house)).toMatchObject({ read: true, forgotten: 0 });
    await paidOnce(ids, before, ltc('0.5'));
  }, 120_000);
});

interface Yesterday {
  readonly database: TestDatabase;
  readonly house: Branch;
  readonly ask: (path: string, body?: object) => Promise<Readonly<Record<string, unknown>>>;
  readonly scan: () => Promise<void>;
}

/** A process on a database that knows what came until now, and nothing that is asked for from now on. */
async function openYesterday(n: Litecoin): Promise<Yesterday> {
  const database = await testDatabase({
    migrations: [ledgerMigrations, custodyMigrations],
    migrate: (adminUrl) => migrateCustody(adminUrl, testPasswords),
  });
  const house = changed(await n.atRate('10000'), {
    pool: database.custody,
    convoy: openConvoy(database.custody),
    journals: openJournals(),
  });
  let scanned: ScanState = { height: 0, target: null, stopped: null, complaints: [] };
  const app = api(house, {
    states: () => new Map([['litecoin', scanned]]),
    [Symbol.asyncDispose]: async () => {},
  });
  const ask = async (path: string, body?: object) =>
    (await send(app, signed({ path, created: Math.floor(Date.now() / 1000), ...(body ? { body } : {}) })))
      .body;
  const scan = async () => void (scanned = await round(house));
  await ask('/v1/customers', { customer: 'alice' });
  await scan();
  return { database, house, ask, scan };
}
