/** Two custodies on one database, each with its own queue, while withdrawals come in and blocks are mined: each is paid once. */
import { randomUUID } from 'node:crypto';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { openInstance } from '../../jobs/instance.ts';
import { startJobs } from '../../jobs/job.ts';
import { done } from '../../testing/exchange.ts';
import { ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { until } from '../../testing/rooms.ts';
import { statesOf } from '../../testing/withdrawals.ts';

describe.skipIf(!hasLitecoind())('two queues, and batches (litecoind)', () => {
  let n: Litecoin;
  beforeAll(async () => {
    n = await openLitecoin({ batch: { most: 8, seconds: 1 } });
    const { body } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } });
    for (const units of ['6', '5', '4']) await n.pay({ [String(body['address'])]: units });
    await n.mine(2);
    await n.scan();
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  async function withdraw(): Promise<string> {
    const body = {
      customer: 'alice',
      asset: 'litecoin:ltc',
      amount: ltc('0.1').toString(),
      destination: { address: n.stranger, memo: '' },
      feeCap: ltc('0.005').toString(),
    };
    return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
  }

  it('sixteen that look alike, out of three coins', async () => {
    const { custodyUrl, custody, admin, prover } = n.t.database;
    await using first = await openInstance(custodyUrl, custody);
    await using second = await openInstance(custodyUrl, custody);
    await using one = await startJobs(n.t.house, first);
    await using other = await startJobs(n.t.house, second);
    expect(one).not.toBe(other);
    const ids = await Promise.all(Array.from({ length: 16 }, withdraw));
    await until(
      'all to be paid',
      async () => {
        await n.mine();
        await n.scan();
        return (await statesOf(n, ids)).every((state) => state === 'final');
      },
      60_000,
    );
    expect(await n.balance(n.stranger)).toBe(ltc('1.6'));
    expect(await verify(prover)).toMatchObject({ kind: 'verified' });
    const { rows } = await admin.query<{ transactions: string; others: string }>(
      `select (select count(distinct digest) from custody.plan)::text as transactions,
        (select count(*) from custody.outgoing where kind <> 'withdrawal')::text as others`,
    );
    expect(Number(rows[0]?.transactions)).toBeLessThan(8);
    expect(rows[0]?.others).toBe('0');
  }, 120_000);
});
