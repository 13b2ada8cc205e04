/** A wallet of many small coins: a sweep spends dozens of them, and what that costs is the policy's to bound and nobody's to guess. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { drive } from '../../testing/withdrawals.ts';
import { tendTreasury } from '../../treasury.ts';

describe.skipIf(!hasLitecoind())('the treasury on litecoind', () => {
  let n: Litecoin;
  beforeAll(async () => {
    n = await openLitecoin({
      policy: (usual) => ({
        ...usual,
        rules: usual.rules.map((rule) => ({
          ...rule,
          sweep: { to: ['cold-ltc'], perDay: { count: 3, fees: ltc('0.1') }, leave: ltc('0.1') },
        })),
      }),
      treasury: { refillHours: 1, leastOutflow: [{ asset: 'litecoin:ltc', perHour: ltc('0.2').toString() }] },
    });
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  const open = async (customer: string) =>
    String((await n.t.ask({ path: '/v1/customers', body: { customer } })).body['address']);
  const sweeps = async () => {
    const { rows } = await n.t.database.admin.query<{ id: string; amount: string; fee_cap: string }>(
      "select id, amount, fee_cap from custody.withdrawal where reason = 'sweep' order by number",
    );
    return rows;
  };

  it('thirty deposits of thirty customers go home in one transaction, below the rule’s cap', async () => {
    const customers = Array.from({ length: 30 }, (_, at) => `customer-${at}`);
    const to = Object.fromEntries(await Promise.all(customers.map(async (one) => [await open(one), '0.5'])));
    await n.pay({ ...to, [n.hot.wallet.address]: '1' });
    await n.mine(2);
    await n.scan();
    const own = (await Array.fromAsync(n.t.client.pages('listDeposits', {}))).find(
      ({ why }) => why === 'unknown-address',
    );
    expect(await n.t.ask({ path: '/v1/house/own-funds', body: { deposit: own?.id } })).toMatchObject({
      status: 200,
    });
    await tendTreasury(n.t.house);
    const [made] = await sweeps();
    expect(made).toMatchObject({ fee_cap: ltc('0.01').toString() });
    const sent = await drive(n, made?.id ?? '', 'sent');
    const [txid] = String(sent.transaction).split(':');
    const entry = (await n.nodes[0].call('getmempoolentry', txid)) as { readonly vsize: number };
    // A usual payment spends two coins, and is of some 300.
    expect(entry.vsize).toBeGreaterThan(1_500);
    await n.mine(2);
    await n.watched();
    await n.scan();
    const final = await drive(n, made?.id ?? '', 'final');
    expect(BigInt(final.fee ?? '0')).toBeLessThanOrEqual(ltc('0.01'));
    expect(await n.balance(n.cold.wallet.address)).toBe(BigInt(made?.amount ?? '0'));
  }, 120_000);
});
