/** What custody refuses by itself before money is touched: minimum, memo, policy's limit, allowlist, day, held customer. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';

const [stranger, exchange, shop] = [person(), person(), person()];
let t: TestHouse;
beforeAll(async () => {
  t = await testHouse({
    rules: {
      minimum: [{ asset: 'nem:xem', units: xem('1') }],
      destinations: [
        { address: exchange.address, name: 'Zaif', memo: 'required', pattern: '[0-9a-f]{8}' },
        { address: shop.address, name: 'the shop', memo: 'forbidden' },
      ],
      tiers: [
        { tier: 'standard', asset: 'nem:xem', perDay: xem('100') },
        { tier: 'vip', asset: 'nem:xem', perDay: xem('1000') },
        { tier: 'new', asset: 'nem:xem', perDay: xem('10') },
      ],
      coolingHours: 24,
    },
  });
  for (const customer of ['alice', 'bob', 'carol', 'dave', 'erin']) await t.rich(customer, '6000');
});
afterAll(() => t[Symbol.asyncDispose]());

const hour = 3_600_000;
interface Wanted {
  readonly customer?: string;
  readonly amount?: string;
  readonly address?: string;
  readonly memo?: string;
}
const body = ({ customer = 'alice', amount = '2', address = stranger.address, memo = '' }: Wanted) => ({
  customer,
  asset: 'nem:xem',
  amount: xem(amount),
  destination: { address, memo },
  feeCap: xem('1'),
});
const ask = (wanted: Wanted) => t.ask({ path: '/v1/withdrawals', body: body(wanted) });
const held = async (customer: string) => {
  const { body: answer } = await t.ask({ path: `/v1/customers/${customer}/balances` });
  return (answer['balances'] as { held: string }[])[0]?.held;
};
const refusal = (status: number, field: string, detail: RegExp) => ({
  status,
  body: { field, detail: expect.stringMatching(detail) },
});

test.each<[string, Wanted, number, string, RegExp]>([
  ['less than the minimum', { amount: '0.999999' }, 400, 'amount', /at least 1000000/],
  ['no memo for an exchange', { address: exchange.address }, 400, 'destination.memo', /Zaif needs one/],
  ['a blank one', { address: exchange.address, memo: '  ' }, 400, 'destination.memo', /Zaif needs one/],
  [
    'a memo of another form',
    { address: exchange.address, memo: '123' },
    400,
    'destination.memo',
    /not what Zaif gives/,
  ],
  [
    'a memo with more around it',
    { address: exchange.address, memo: '0123abcd\n' },
    400,
    'destination.memo',
    /not what/,
  ],
  ['a memo where none is taken', { address: shop.address, memo: 'x' }, 400, 'destination.memo', /takes none/],
  [
    'more than the policy lets one payment be',
    { amount: '5000.000001' },
    422,
    'amount',
    /policy allows one payment/,
  ],
  ['more than the day has', { amount: '100.000001' }, 422, 'amount', /limit of the tier standard/],
])('%s', async (_what, wanted, status, field, detail) => {
  expect(await ask(wanted)).toMatchObject(refusal(status, field, detail));
  expect(await held('alice')).toBe('0');
});

test('a known exchange with its memo is paid', async () => {
  expect(await ask({ address: exchange.address, memo: '0123abcd' })).toMatchObject({ status: 201 });
});

test('the day rolls: what was asked 24 hours ago counts no more, what was refused or taken back never did', async () => {
  const first = await ask({ customer: 'bob', amount: '60' });
  expect(await ask({ customer: 'bob', amount: '41' })).toMatchObject(
    refusal(422, 'amount', /60000000 are used/),
  );
  await t.ask({ path: `/v1/withdrawals/${String(first.body['id'])}/cancel`, body: {} });
  expect(await held('bob')).toBe('0');
  expect(await ask({ customer: 'bob', amount: '70' })).toMatchObject({ status: 201 });
  t.clock.ms += 24 * hour - 1;
  expect(await ask({ customer: 'bob', amount: '31' })).toMatchObject({ status: 422 });
  t.clock.ms += 1;
  expect(await ask({ customer: 'bob', amount: '31' })).toMatchObject({ status: 201 });
});

test('twenty at once do not get past the limit of the day', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask({ customer: 'erin', amount: '30' })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
});

test('a limit is lowered at once and raised after the cooling time; a customer’s own goes before the tier’s', async () => {
  const limit = (perDay: string | null) =>
    t.ask({
      path: '/v1/limits',
      body: {
        scope: 'customer',
        name: 'carol',
        asset: 'nem:xem',
        perDay: perDay === null ? null : xem(perDay),
      },
    });
  await limit('20');
  expect(await ask({ customer: 'carol', amount: '21' })).toMatchObject(
    refusal(422, 'amount', /limit of this customer/),
  );
  expect(await limit('500')).toMatchObject({ body: { from: t.clock.ms + 24 * hour } });
  expect(await ask({ customer: 'carol', amount: '21' })).toMatchObject({ status: 422 });
  t.clock.ms += 24 * hour;
  expect(await ask({ customer: 'carol', amount: '400' })).toMatchObject({ status: 201 });
  const shown = await t.ask({ path: '/v1/customers/carol/limits' });
  expect(shown.body).toMatchObject({ tier: 'standard', limits: [{ perDay: xem('500'), by: 'customer' }] });
});

test('a tier with less holds at once, one with more after the cooling time', async () => {
  const tier = (name: string) => t.ask({ path: '/v1/tiers', body: { customer: 'dave', tier: name } });
  await tier('new');
  expect(await ask({ customer: 'dave', amount: '11' })).toMatchObject(refusal(422, 'amount', /tier new/));
  await tier('vip');
  expect(await ask({ customer: 'dave', amount: '11' })).toMatchObject({ status: 422 });
  t.clock.ms += 24 * hour;
  expect(await ask({ customer: 'dave', amount: '900' })).toMatchObject({ status: 201 });
});

test('in allowlist mode: only what was added and has cooled; turning it off cools, removing does not', async () => {
  const destination = { address: stranger.address, memo: '' };
  const mode = (on: 'on' | 'off') =>
    t.ask({ path: '/v1/allowlist/mode', body: { customer: 'alice', mode: on } });
  const add = (where = destination) =>
    t.ask({ path: '/v1/allowlist/destinations', body: { customer: 'alice', destination: where } });
  expect(await ask({})).toMatchObject({ status: 201 });
  expect(await mode('on')).toMatchObject({ status: 200, body: { mode: 'on' } });
  expect(await ask({})).toMatchObject(refusal(422, 'destination', /not on this customer/));
  await add();
  expect(await ask({})).toMatchObject(refusal(422, 'destination', /added lately/));
  t.clock.ms += 24 * hour;
  expect(await ask({})).toMatchObject({ status: 201 });
  expect(await ask({ memo: 'another' })).toMatchObject(refusal(422, 'destination', /with this memo/));

  // A thief at the customer's account: off, and add his own.
  expect(await mode('off')).toMatchObject({ body: { mode: 'on', offAt: t.clock.ms + 24 * hour } });
  await add({ address: shop.address, memo: '' });
  expect(await ask({ address: shop.address })).toMatchObject({ status: 422 });
  t.clock.ms += 23 * hour;
  expect(await ask({ address: shop.address })).toMatchObject({ status: 422 });
  // The customer sees it in time.
  await mode('on');
  const removed = await t.ask({
    path: '/v1/allowlist/destinations/remove',
    body: { customer: 'alice', destination: { address: shop.address, memo: '' } },
  });
  expect(removed.body['destinations']).toMatchObject([{ address: stranger.address }]);
  t.clock.ms += 48 * hour;
  expect(await ask({ address: shop.address })).toMatchObject({ status: 422 });
  // Added again, it cools again.
  await add({ address: shop.address, memo: '' });
  expect(await ask({ address: shop.address })).toMatchObject(refusal(422, 'destination', /added lately/));
  await mode('off');
  t.clock.ms += 24 * hour;
  expect(await ask({ address: person().address })).toMatchObject({ status: 201 });
});

test('a held customer gets nothing out', async () => {
  await t.database.admin.query(
    "update custody.customer set held_why = 'a deposit was taken back' where id = 'bob'",
  );
  t.clock.ms += 24 * hour;
  expect(await ask({ customer: 'bob' })).toMatchObject(refusal(422, 'customer', /a deposit was taken back/));
});

test('a quote says what it costs now, until when, and what would be refused', async () => {
  const quote = (amount: string, address: string = stranger.address, memo = '') =>
    t.ask({
      path: '/v1/withdrawals/quote',
      body: { asset: 'nem:xem', amount: xem(amount), destination: { address, memo } },
    });
  expect(await quote('20')).toMatchObject({
    status: 200,
    body: { fees: xem('0.35'), feeAsset: 'nem:xem', total: xem('20.35'), until: t.clock.ms + 600_000 },
  });
  expect(await quote('20', stranger.address, 'x'.repeat(33))).toMatchObject({ body: { fees: xem('0.45') } });
  expect(await quote('0.5')).toMatchObject({ status: 400, body: { field: 'amount' } });
  expect(await quote('20', exchange.address)).toMatchObject({
    status: 400,
    body: { field: 'destination.memo' },
  });
  const exact = { ...body({ customer: 'erin', amount: '5' }), feeCap: xem('0.35') };
  expect(await t.ask({ path: '/v1/withdrawals', body: exact })).toMatchObject({ status: 201 });
});
