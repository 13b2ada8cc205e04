/** Who allows less than the network takes waits; and who allows enough does not wait behind them. */
import { randomUUID } from 'node:crypto';
import { inTransaction } from '@kuramori/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { done } from '../../testing/exchange.ts';
import { ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { drive, show } from '../../testing/withdrawals.ts';
import { advance } from '../../withdrawal.ts';
import { giveTurns } from '../../withdrawals/line.ts';

describe.skipIf(!hasLitecoind())('two may be under way, and the network is dear (litecoind)', () => {
  let n: Litecoin;
  beforeAll(async () => {
    n = await openLitecoin({ rules: { pace: { inFlight: 2 } } });
    const to: Record<string, string> = {};
    for (const customer of ['mallory', 'bob']) {
      const { body } = await n.t.ask({ path: '/v1/customers', body: { customer } });
      to[String(body['address'])] = '5';
    }
    await n.pay(to);
    await n.mine(2);
    await n.scan();
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  async function withdraw(customer: string, feeCap: string): Promise<string> {
    const body = {
      customer,
      asset: 'litecoin:ltc',
      amount: ltc('0.1').toString(),
      destination: { address: n.stranger, memo: '' },
      feeCap: ltc(feeCap).toString(),
    };
    return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
  }

  it('the stingy stand back, and are paid when it is cheap again', async () => {
    const stingy = [await withdraw('mallory', '0.0001'), await withdraw('mallory', '0.0001')];
    const dear = await n.atRate('400000');
    const turns = () => inTransaction(dear.pool, (client) => giveTurns(dear, client));
    // To their turns, and to what they would pay.
    for (let steps = 0; steps < 3; steps += 1) for (const id of stingy) await advance(dear, id);
    for (const id of stingy) expect((await show(n, id)).waiting).toMatch(/for lower fees/);
    const bobs = await withdraw('bob', '0.01');
    for (let steps = 0; steps < 2; steps += 1) await advance(dear, bobs);
    expect((await show(n, bobs)).turn).not.toBeNull();
    // Each time that somebody looks the turn is another's, and Bob is before Mallory's second.
    for (let rounds = 0; rounds < 3; rounds += 1) {
      for (const id of [...stingy, bobs]) await advance(dear, id);
      await turns();
    }
    await drive(n, bobs, 'sent', dear);
    for (const id of stingy) expect(await show(n, id)).toMatchObject({ state: 'screened' });
    await n.mine(2);
    await n.watched();
    await n.scan();
    await drive(n, bobs, 'final');
    await inTransaction(n.t.house.pool, (client) => giveTurns(n.t.house, client));
    for (const id of stingy) await drive(n, id, 'sent');
  }, 60_000);
});
