/** Assets that the house knows by name and has no wallet for: nothing of them is promised, held, booked or paid. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
const stranger = person();
beforeAll(async () => {
  t = await testHouse();
  await t.rich('alice', '100');
});
afterAll(() => t[Symbol.asyncDispose]());

describe.each(['bitcoin:btc', 'ethereum:eth', `ethereum:0x${'ab'.repeat(20)}`])('%s', (asset) => {
  it.each(['1', '10000000', '1000000000000000000'])('no withdrawal of %s units', async (amount) => {
    const body = {
      customer: 'alice',
      asset,
      amount,
      destination: { address: stranger.address, memo: '' },
      feeCap: xem('2'),
    };
    const answer = await t.ask({ path: '/v1/withdrawals', body });
    expect(answer).toMatchObject({ status: 400, body: { field: 'asset' } });
  });

  it('no deposit address', async () => {
    const answer = await t.ask({ path: '/v1/customers', body: { customer: 'alice', asset } });
    expect(answer).toMatchObject({ status: 400, body: { field: 'asset' } });
  });

  it('no trade and no reservation, since nobody has any', async () => {
    const legs = [
      { customer: 'alice', asset, units: '-5' },
      { customer: null, asset, units: '5' },
    ];
    const id = asset.replaceAll(':', '-');
    const operations = [
      { kind: 'trade', id: `trade-${id}`, legs },
      { kind: 'hold', id: `hold-${id}`, customer: 'alice', asset, units: '5' },
    ];
    const { body } = await t.ask({ path: '/v1/operations', body: { operations } });
    const { results } = body as { results: readonly { why: string | null }[] };
    expect(results.map(({ why }) => why)).toEqual(['overdraft', 'overdraft']);
  });

  it('moves nothing: the books show what was there before', async () => {
    const { body } = await t.ask({ path: '/v1/customers/alice/balances' });
    const balances = body['balances'] as readonly { asset: string; balance: string }[];
    expect(balances.filter(({ balance }) => balance !== '0')).toMatchObject([{ asset: 'nem:xem' }]);
    const moved = 'select 1 from ledger.entry join ledger.account on account = account.id where asset = $1';
    expect((await t.database.admin.query(moved, [asset])).rows).toEqual([]);
  });
});
