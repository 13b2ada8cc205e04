/** Withdrawals on a real chain of coins: paid once, out of coins that no other payment takes, whatever the chain does meanwhile. */
import { randomUUID } from 'node:crypto';
import { inTransaction, verify } from '@kuramori/ledger';
import {
  descriptorOf,
  planPayments,
  readPlan,
  readTransaction,
  type Coin,
} from '@kuramori/chains/bitcoin/codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustPlan, signedBy } from '../../../chains/bitcoin/codec/testing/signed.ts';
import { meansOf } from '../../../chains/bitcoin/testing/scene.ts';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { done } from '../../testing/exchange.ts';
import { deadDepth, ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { balanceOf, drive, show } from '../../testing/withdrawals.ts';
import { advance } from '../../withdrawal.ts';
import { freeMoney } from '../../withdrawals/give-up.ts';
import { findWithdrawal } from '../../withdrawals/row.ts';

describe.skipIf(!hasLitecoind())('withdrawals on litecoind', () => {
  let n: Litecoin;
  beforeAll(async () => {
    n = await openLitecoin();
    const { body } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } });
    for (const units of ['5', '4', '3', '2']) await n.pay({ [String(body['address'])]: units });
    await n.mine(2);
    await n.scan();
    expect(await balanceOf(n, 'alice')).toMatchObject({ available: ltc('14').toString() });
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  async function withdraw(amount: string, to: string, feeCap = '0.001'): Promise<string> {
    const body = {
      customer: 'alice',
      asset: 'litecoin:ltc',
      amount: ltc(amount).toString(),
      destination: { address: to, memo: '' },
      feeCap: ltc(feeCap).toString(),
    };
    return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
  }
  async function settle(id: string) {
    await n.mine(2);
    await n.watched();
    await n.scan();
    return drive(n, id, 'final');
  }
  /** What the books hold of the hot wallet, and what is there. */
  async function inStep(proof: 'verified' | 'refuted' = 'verified'): Promise<void> {
    const { rows } = await n.t.database.admin.query<{ books: string; coins: string }>(
      `select (select balance from ledger.account where kind = 'hot' and owner = 'hot-ltc' and asset = 'litecoin:ltc')::text as books,
        (select sum(units) from custody.coin where wallet = 'hot-ltc' and spent_by is null)::text as coins`,
    );
    expect(rows[0]?.books).toBe(rows[0]?.coins);
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: proof });
  }
  async function rowsOf<R extends object>(sql: string, values: readonly unknown[]): Promise<readonly R[]> {
    return (await n.t.database.admin.query<R & Record<string, unknown>>(sql, [...values])).rows;
  }
  const spentBy = async (id: string) => {
    const rows = await rowsOf<{ outpoint: string }>(
      `select r.outpoint from custody.reservation r join custody.plan p on p.digest = r.digest
         where p.withdrawal = $1 order by p.number, r.outpoint`,
      [id],
    );
    return rows.map(({ outpoint }) => outpoint);
  };

  it('goes the whole way: the stranger gets the amount, the customer pays it and the fee, the rest comes back', async () => {
    const before = BigInt((await balanceOf(n, 'alice')).balance);
    const id = await withdraw('1', n.stranger);
    const sent = await drive(n, id, 'sent');
    expect(sent.transaction).toMatch(/^[0-9a-f]{64}:[0-9]+$/);
    expect(sent.validUntil).toBeNull();
    expect(sent.signers).toHaveLength(2);
    const final = await settle(id);
    const fee = BigInt(final.fee ?? '0');
    expect(fee).toBeGreaterThan(0n);
    expect(fee).toBeLessThanOrEqual(ltc('0.001'));
    expect(await n.balance(n.stranger)).toBe(ltc('1'));
    expect(BigInt((await balanceOf(n, 'alice')).balance)).toBe(before - ltc('1') - fee);
    await inStep();
  }, 60_000);

  it('a customer’s address of ours is refused: nothing would leave, and it would never be final', async () => {
    const { body: told } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } });
    for (const address of [String(told['address']), n.at(n.hot, 1, 0)]) {
      const body = {
        customer: 'alice',
        asset: 'litecoin:ltc',
        amount: ltc('0.1').toString(),
        destination: { address, memo: '' },
        feeCap: ltc('0.001').toString(),
      };
      const answer = await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() });
      expect(answer).toMatchObject({
        kind: 'problem',
        problem: { status: 400, field: 'destination.address' },
      });
    }
  });

  it('several at once share no coin, and each is paid', async () => {
    const before = await n.balance(n.stranger);
    const ids = await Promise.all(['0.5', '0.6', '0.7'].map((amount) => withdraw(amount, n.stranger)));
    await Promise.all(ids.map((id) => drive(n, id, 'sent')));
    const spends = await Promise.all(ids.map(spentBy));
    expect(new Set(spends.flat()).size).toBe(spends.flat().length);
    for (const id of ids) await settle(id);
    expect(await n.balance(n.stranger)).toBe(before + ltc('1.8'));
    await inStep();
  }, 60_000);

  it('where every coin is taken it waits, and goes on when one comes back', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push(await withdraw('0.3', n.stranger));
    const waits = async (id: string) => (await show(n, id)).waiting;
    for (let steps = 0; steps < 8; steps += 1) await Promise.all(ids.map((id) => advance(n.t.house, id)));
    const waiting = await Promise.all(ids.map(waits));
    const spends = await Promise.all(ids.map(spentBy));
    // Four coins for six; a payment takes two where one is what an earlier payment left over, worth less than this one.
    const without = spends.flatMap((spent, index) => (spent.length === 0 ? [waiting[index]] : []));
    expect(without.length).toBeGreaterThanOrEqual(2);
    for (const why of without) expect(why).toMatch(/^coins of the wallet/);
    expect(new Set(spends.flat()).size).toBe(spends.flat().length);
    const [left] = await rowsOf<{ units: string }>(
      `select coalesce(max(units), 0)::text as units from custody.coin
         where wallet = 'hot-ltc' and spent_by is null and outpoint <> all($1)`,
      [spends.flat()],
    );
    expect(BigInt(left?.units ?? -1)).toBeLessThan(ltc('0.31'));
    await n.mine(2);
    await n.watched();
    await n.scan();
    for (const id of ids) {
      await drive(n, id, (await show(n, id)).state === 'sent' ? 'final' : 'sent');
    }
    for (const id of ids) await settle(id);
    await inStep();
  }, 60_000);

  it('the network takes more than it may cost: it waits for lower fees and is not refused, and then is paid', async () => {
    const dear = await n.atRate('400000');
    const id = await withdraw('0.1', n.stranger, '0.0001');
    for (let steps = 0; steps < 4; steps += 1) await advance(dear, id);
    expect(await show(n, id)).toMatchObject({ state: 'screened' });
    expect((await show(n, id)).waiting).toMatch(/the network takes [0-9]+ of at most 10000: for lower fees/);
    await drive(n, id, 'sent');
    expect(BigInt((await settle(id)).fee ?? '0')).toBeLessThanOrEqual(10_000n);
  }, 60_000);

  it('given up before anybody could sign it, its coins are free again', async () => {
    const id = await withdraw('0.15', n.stranger);
    await drive(n, id, 'planned', n.t.house, 1);
    expect(await spentBy(id)).not.toEqual([]);
    const found = await findWithdrawal(n.t.house.pool, id);
    if (!found) throw new Error('it is there');
    await inTransaction(n.t.house.pool, (client) =>
      freeMoney(n.t.house, client, found, 'refused', 'every signer refuses it'),
    );
    expect(await spentBy(id)).toEqual([]);
    await inStep();
  }, 60_000);

  it('its block is taken back after it was final: sent again, paid once', async () => {
    const before = await n.balance(n.stranger);
    const id = await withdraw('0.2', n.stranger);
    await drive(n, id, 'sent');
    await settle(id);
    await n.takeBack(2);
    await n.mine(3);
    await n.watched();
    expect(await n.scan()).toMatchObject({ stopped: null });
    expect(await n.balance(n.stranger)).toBe(before + ltc('0.2'));
    expect(await show(n, id)).toMatchObject({ state: 'final' });
    await inStep();
  }, 60_000);

  it('what left is what the plan said, to the unit, and its change is ours', async () => {
    const id = await withdraw('0.123', n.stranger);
    const { transaction } = await drive(n, id, 'sent');
    const [txid, vout] = String(transaction).split(':');
    const hex = String(await n.nodes[1].call('getrawtransaction', txid));
    const seen = readTransaction(hex);
    expect(seen?.outputs[Number(vout)]?.units).toBe(ltc('0.123'));
    expect(seen?.outputs).toHaveLength(2);
    await settle(id);
    await inStep();
  }, 60_000);

  it('a thief with two keys outbids it: dead only once his spend is deep, its coins are free, its money is held, and nobody signs another', async () => {
    const id = await withdraw('0.4', n.stranger);
    const before = await n.balance(n.stranger);
    await drive(n, id, 'sent');
    const [{ plan } = {}] = await rowsOf<{ plan: { plan: string } }>(
      'select plan from custody.plan where withdrawal = $1',
      [id],
    );
    const coins = readCoins(n, plan?.plan ?? '');
    const theft = mustPlan(
      planPayments({
        ...meansOf(n.hot, coins, 'theft'),
        feeRate: 100_000n,
        payments: [
          { address: n.at(n.cold, 1, 9), units: coins.reduce((sum, { units }) => sum + units, 0n) / 2n },
        ],
      }),
    );
    await n.nodes[0].call('sendrawtransaction', signedBy(n.hot, theft, [0, 1]));
    await n.mine(2);
    await n.watched();
    await n.scan();
    await advance(n.t.house, id);
    // Two blocks can be taken back, and then it is paid after all.
    expect(await show(n, id)).toMatchObject({ state: 'sent' });
    expect(await spentBy(id)).not.toEqual([]);
    await n.mine(deadDepth);
    await n.watched();
    await n.scan();
    for (let steps = 0; steps < 3; steps += 1) await advance(n.t.house, id);
    expect(await show(n, id)).toMatchObject({ state: 'expired' });
    expect(await spentBy(id)).toEqual([]);
    expect(await balanceOf(n, 'alice')).toMatchObject({ held: (ltc('0.4') + ltc('0.001')).toString() });
    expect(await n.balance(n.stranger)).toBe(before);
    expect(n.tower.status().frozen).not.toBeNull();
    await advance(n.t.house, id);
    expect((await show(n, id)).waiting).toMatch(/frozen/);
    // What he took is the house's loss, which has no own funds here: books and coins are one, and the proof says what lacks.
    await inStep('refuted');
  }, 120_000);
});

/** What a plan of the hot wallet spends. */
function readCoins({ hot }: Litecoin, plan: string): readonly Coin[] {
  const read = readPlan(descriptorOf(hot.wallet), plan);
  if (read.kind === 'refused') throw new Error(read.why);
  return read.draft.inputs;
}
