/** Whoever asks for what signers refuse must not hold up those who travel with it: a batch that is refused goes apart. */
import { randomUUID } from 'node:crypto';
import { addressAt } from '@kuramori/chains/bitcoin/codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldWallet } from '../../../chains/bitcoin/codec/testing/wallet.ts';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { done } from '../../testing/exchange.ts';
import { deadDepth, ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { balanceOf, show } from '../../testing/withdrawals.ts';
import { advance } from '../../withdrawal.ts';

describe.skipIf(!hasLitecoind())('a batch with one that every signer refuses (litecoind)', () => {
  let n: Litecoin;
  beforeAll(async () => {
    n = await openLitecoin({
      batch: { most: 64, seconds: 0 },
      // Whoever is new gets a twentieth at the most, which custody leaves to the signers to count.
      policy: (usual) => ({
        ...usual,
        rules: usual.rules.map((rule) => ({ ...rule, firstSeen: { hours: 24, shareBps: 500 } })),
      }),
    });
    for (const customer of ['alice', 'mallory']) {
      const { body } = await n.t.ask({ path: '/v1/customers', body: { customer } });
      await n.pay({ [String(body['address'])]: '9' });
    }
    await n.mine(2);
    await n.scan();
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  const somebody = (index: number) => addressAt(heldWallet(1, [9]).wallet, n.hot.network, 0, index);
  async function withdraw(customer: string, amount: string, to: string): Promise<string> {
    const body = {
      customer,
      asset: 'litecoin:ltc',
      amount: ltc(amount).toString(),
      destination: { address: to, memo: '' },
      feeCap: ltc('0.005').toString(),
    };
    return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
  }
  const states = async (ids: readonly string[]) =>
    Promise.all(ids.map(async (id) => (await show(n, id)).state));
  const round = async (ids: readonly string[]) => {
    for (const id of ids) await advance(n.t.house, id);
  };
  async function deep(blocks: number): Promise<void> {
    await n.mine(blocks);
    await n.watched();
    await n.scan();
  }

  it('the others are paid, its own money comes back, and nobody is paid twice', async () => {
    const before = await Promise.all(['alice', 'mallory'].map((one) => balanceOf(n, one)));
    const bad = await withdraw('mallory', '2', somebody(20));
    const good = [
      await withdraw('alice', '0.1', somebody(21)),
      await withdraw('alice', '0.2', somebody(22)),
      await withdraw('alice', '0.3', somebody(23)),
    ];
    const ids = [bad, ...good];
    await round(ids);
    await round(ids);
    // One transaction for all four, which nobody signs.
    const names = await Promise.all(
      ids.map(async (id) => (await show(n, id)).plans.map(({ number }) => number)),
    );
    expect(names.every((numbers) => numbers[0] === 1)).toBe(true);
    const { rows } = await n.t.database.admin.query<{ pays: number; count: string }>(
      `select (plan ->> 'pays')::int as pays, count(distinct digest)::text as count from custody.plan where number = 1 group by 1`,
    );
    expect(rows).toEqual([{ pays: 4, count: '1' }]);
    for (let turn = 0; turn < 12; turn += 1) await round(ids);
    // With the batch’s one coin one of them goes at once; the others when the batch is dead by it.
    expect((await states(good)).filter((state) => state === 'sent')).toHaveLength(1);
    const isOver = async () => (await states(ids)).every((state) => state === 'final' || state === 'refused');
    for (let blocks = 0; blocks < 4 && !(await isOver()); blocks += 1) {
      await deep(deadDepth + 1);
      for (let turn = 0; turn < 8; turn += 1) await round(ids);
    }
    expect(await states(ids)).toEqual(['refused', 'final', 'final', 'final']);
    for (const [index, amount] of ['0.1', '0.2', '0.3'].entries())
      expect(await n.balance(somebody(21 + index))).toBe(ltc(amount));
    expect(await n.balance(somebody(20))).toBe(0n);
    const [alice, mallory] = await Promise.all(['alice', 'mallory'].map((one) => balanceOf(n, one)));
    expect(mallory).toEqual(before[1]);
    expect(alice?.held).toBe('0');
    // Who was in a batch that did not come through is in no other.
    const later = await n.t.database.admin.query<{ pays: number | null }>(
      `select (plan ->> 'pays')::int as pays from custody.plan where number > 1`,
    );
    expect(later.rows.every(({ pays }) => pays === null)).toBe(true);
  }, 120_000);

  it('three that are alike and refused are refused one after the other, and keep nobody busy', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => withdraw('mallory', '2', somebody(20))));
    for (let turn = 0; turn < 3; turn += 1) await round(ids);
    // As a job does it: on and on, until it rests.
    const job = async (id: string) => {
      let steps = 1;
      while (steps < 30 && (await advance(n.t.house, id)) === 'on') steps += 1;
      return steps;
    };
    for (
      let blocks = 0;
      blocks < 8 && (await states(ids)).some((state) => state !== 'refused');
      blocks += 1
    ) {
      for (const id of ids) expect(await job(id)).toBeLessThan(30);
      await deep(1);
    }
    expect(await states(ids)).toEqual(['refused', 'refused', 'refused']);
    const { rows } = await n.t.database.admin.query(
      'select r.outpoint from custody.reservation r join custody.plan p on p.digest = r.digest where p.withdrawal = any($1)',
      [ids],
    );
    expect(rows).toEqual([]);
  }, 120_000);

  it('of forty so many share a transaction as a signer’s record holds', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 40; count += 1)
      ids.push(await withdraw('alice', '0.01', somebody(100 + count)));
    for (let turn = 0; turn < 8 && (await states(ids)).some((state) => state !== 'sent'); turn += 1)
      await round(ids);
    expect(new Set(await states(ids))).toEqual(new Set(['sent']));
    const { rows } = await n.t.database.admin.query<{ pays: number }>(
      `select (plan ->> 'pays')::int as pays from custody.plan where withdrawal = any($1) group by digest, 1 order by 1 desc`,
      [ids],
    );
    expect(rows.reduce((sum, { pays }) => sum + pays, 0)).toBe(40);
    expect(rows[0]?.pays).toBeGreaterThanOrEqual(15);
  }, 120_000);
});
