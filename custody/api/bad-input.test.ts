/** Whatever is wrong with a request is said, with the field's name, and changes nothing. */
import { addressOf } from '@kuramori/chains/nem/codec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, signed } from '../testing/exchange.ts';
import { person, testHouse, xem, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
const stranger = person();
beforeAll(async () => {
  t = await testHouse();
  await t.rich('alice', '100');
});
afterAll(() => t[Symbol.asyncDispose]());

const good = {
  customer: 'alice',
  asset: 'nem:xem',
  amount: xem('10'),
  destination: { address: stranger.address, memo: 'order 7' },
  feeCap: xem('2'),
};
const to = (address: string, memo = '') => ({ ...good, destination: { address, memo } });
const mainnet = addressOf(stranger.publicKey, 'mainnet');
const mistyped = stranger.address.slice(0, -1) + (stranger.address.endsWith('A') ? 'B' : 'A');
const withoutAmount: Partial<typeof good> = { ...good };
delete withoutAmount.amount;

const cases: readonly (readonly [
  name: string,
  body: unknown,
  status: number,
  field: string,
  detail: RegExp,
])[] = [
  ['no JSON', '{"customer":', 400, 'body', /is not JSON/],
  ['nothing', '', 400, 'body', /is not JSON/],
  ['a list', [good], 400, 'body', /object/],
  ['deep nesting', '['.repeat(30_000) + ']'.repeat(30_000), 400, 'body', /object/],
  [
    'deep nesting in a field',
    `{"customer":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`,
    400,
    'customer',
    /string/,
  ],
  [
    'an unknown field',
    { ...good, urgency: 'high' },
    400,
    'urgency',
    /no field here: there is customer, asset/,
  ],
  ['a mistyped field', { ...withoutAmount, amuont: '1' }, 400, 'amount', /missing/],
  ['a field more, nearly one', { ...good, feecap: '1' }, 400, 'feecap', /did you mean feeCap\?/],
  ['a prototype', '{"__proto__":{"customer":"alice"}}', 400, 'customer', /missing/],
  ['a missing field', withoutAmount, 400, 'amount', /missing.*string/],
  ['a priority that there is not', { ...good, priority: 'urgent' }, 400, 'priority', /high/],
  ['a number as amount', { ...good, amount: 10_000_000 }, 400, 'amount', /string/],
  ['a fraction', { ...good, amount: '10.5' }, 400, 'amount', /whole number/],
  ['a negative amount', { ...good, amount: '-10000000' }, 400, 'amount', /whole number/],
  ['an exponent', { ...good, amount: '1e7' }, 400, 'amount', /whole number/],
  ['a leading zero', { ...good, amount: '010' }, 400, 'amount', /whole number/],
  ['hex', { ...good, amount: '0x10' }, 400, 'amount', /whole number/],
  ['nothing at all', { ...good, amount: '0' }, 400, 'amount', /more than 0/],
  ['too many digits', { ...good, amount: '9'.repeat(79) }, 400, 'amount', /whole number/],
  [
    'more than there is in the world',
    { ...good, amount: '8999999999000001' },
    400,
    'amount',
    /all that there is of nem:xem/,
  ],
  [
    'as many digits as may be',
    { ...good, amount: '9'.repeat(78) },
    400,
    'amount',
    /all that there is of nem:xem/,
  ],
  ['two amounts', JSON.stringify(good).replace('"amount"', '"amount":"1","amount"'), 400, 'amount', /twice/],
  [
    'two memos, the second one written otherwise',
    JSON.stringify(good).replace('"memo"', '"\\u006demo":"a:{\\"","memo"'),
    400,
    'destination.memo',
    /twice/,
  ],
  ['another asset', { ...good, asset: 'btc' }, 400, 'asset', /not an asset/],
  ['no customer', { ...good, customer: '' }, 400, 'customer', /letters/],
  ['a strange customer', { ...good, customer: 'alice; drop table' }, 400, 'customer', /letters/],
  ['an unknown customer', { ...good, customer: 'nobody' }, 422, 'customer', /POST \/v1\/customers/],
  ['a short address', to('TABC'), 400, 'destination.address', /40 characters/],
  ['hyphens', to(stranger.address.replace(/(.{6})/g, '$1-')), 400, 'destination.address', /40 characters/],
  ['lower case', to(stranger.address.toLowerCase()), 400, 'destination.address', /upper case/],
  ['a mistyped address', to(mistyped), 400, 'destination.address', /mistyped|no address has/],
  ['an address of another network', to(mainnet), 400, 'destination.address', /another network/],
  [
    'an unknown field in the destination',
    { ...good, destination: { ...good.destination, adress: 1 } },
    400,
    'destination.adress',
    /did you mean address\?/,
  ],
  ['a memo that is no text', to(stranger.address, 'x'.repeat(1025)), 400, 'destination.memo', /1024/],
  ['a memo of too many bytes', to(stranger.address, '蔵'.repeat(400)), 400, 'destination.memo', /1200 bytes/],
  ['a memo with U+0000', to(stranger.address, 'a\0b'), 400, 'destination.memo', /U\+0000/],
  [
    'a memo with half a character',
    JSON.stringify(to(stranger.address, '?')).replace('?', '\\ud83d'),
    400,
    'destination.memo',
    /surrogates/,
  ],
  ['a fee cap below the least fee', { ...good, feeCap: '399999' }, 400, 'feeCap', /takes 400000/],
  ['more than there is', { ...good, amount: xem('99') }, 422, 'amount', /available 100000000/],
];

test.each(cases)('a withdrawal with %s', async (_name, body, status, field, detail) => {
  const answer = await t.ask({ path: '/v1/withdrawals', body });
  expect(answer).toMatchObject({ status, body: { status, field, detail: expect.stringMatching(detail) } });
});

test('a destination of our own is refused', async () => {
  const { hot, cold } = t.people;
  for (const { address } of [hot, cold]) {
    const answer = await t.ask({ path: '/v1/withdrawals', body: to(address) });
    expect(answer).toMatchObject({
      status: 400,
      body: { field: 'destination.address', detail: expect.stringMatching(/our own/) },
    });
  }
});

test('the other routes name the field too', async () => {
  expect(await t.ask({ path: '/v1/customers', body: { customer: 'a b' } })).toMatchObject({
    status: 400,
    body: { field: 'customer' },
  });
  expect(await t.ask({ path: '/v1/customers', body: { customer: 'a', x: 1 } })).toMatchObject({
    status: 400,
    body: { field: 'x' },
  });
  const claim = (deposit: unknown) => t.ask({ path: '/v1/house/own-funds', body: { deposit } });
  expect(await claim('x')).toMatchObject({ status: 400, body: { field: 'deposit' } });
  expect(await claim(`${'0'.repeat(64)}:0`)).toMatchObject({ status: 404, body: { field: 'deposit' } });
  expect(await t.ask({ path: '/v1/customers/nobody/balances' })).toMatchObject({
    status: 404,
    body: { field: 'customer' },
  });
  expect(await t.ask({ path: '/v1/withdrawals/1' })).toMatchObject({ status: 400, body: { field: 'id' } });
  expect(await t.ask({ path: '/v1/deposits', query: 'stat=held' })).toMatchObject({
    status: 400,
    body: { field: 'stat', detail: expect.stringMatching(/did you mean state\?/) },
  });
  expect(await t.ask({ path: '/v1/deposits', query: 'state=held&state=held' })).toMatchObject({
    status: 400,
    body: { field: 'state', detail: expect.stringMatching(/twice/) },
  });
  expect(await t.ask({ path: '/v1/customers', query: 'a=1', body: { customer: 'a' } })).toMatchObject({
    status: 400,
    body: { field: 'a' },
  });
  expect(await t.ask({ path: `/v1/withdrawals/${'0'.repeat(64)}` })).toMatchObject({
    status: 404,
    body: { field: 'id' },
  });
  expect(await t.ask({ path: '/v1/nothing' })).toMatchObject({ status: 404, body: { field: 'path' } });
});

test('several wrong fields are all named', async () => {
  const body = {
    ...withoutAmount,
    customer: 'a b',
    feeCap: -1,
    destination: { address: '', memo: '' },
    x: 1,
  };
  const answer = await t.ask({ path: '/v1/withdrawals', body });
  const errors = answer.body['errors'] as { field: string }[];
  expect(errors.map(({ field }) => field)).toEqual([
    'customer',
    'amount',
    'destination.address',
    'feeCap',
    'x',
  ]);
  expect(answer.body).toMatchObject({ field: 'customer', code: 'malformed' });
  const flood = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`amoun${n}`, n]));
  const flooded = await t.ask({
    path: '/v1/withdrawals',
    body: { ...good, destination: { ...good.destination, ...flood }, ...flood },
  });
  expect(flooded.body['errors']).toHaveLength(20);
});

test('one byte too long, and as long as may be', async () => {
  const created = Math.floor(t.clock.ms / 1000);
  const long = (bytes: number) => signed({ path: '/v1/withdrawals', body: ' '.repeat(bytes), created });
  expect(await send(t.app, long(65_537))).toMatchObject({ status: 413, body: { field: 'body' } });
  expect(await send(t.app, long(65_536))).toMatchObject({ status: 400, body: { field: 'body' } });
});

test('too long, and not JSON', async () => {
  const created = Math.floor(t.clock.ms / 1000);
  const long = signed({ path: '/v1/withdrawals', body: `{"x":"${'x'.repeat(65_600)}"}`, created });
  expect(await send(t.app, long)).toMatchObject({ status: 413, body: { field: 'body' } });
  const form = signed({ path: '/v1/withdrawals', body: good, created });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await send(t.app, form, { headers })).toMatchObject({
    status: 415,
    body: { field: 'content-type' },
  });
});

test('nothing of all that held money or left a job; what is sound is taken', async () => {
  const { rows } = await t.database.admin.query(
    'select (select count(*) from custody.withdrawal) as w, (select count(*) from graphile_worker.jobs) as j',
  );
  expect(rows).toEqual([{ w: '0', j: '0' }]);
  const accepted = await t.ask({ path: '/v1/withdrawals', body: good });
  expect(accepted).toMatchObject({ status: 201, body: { state: 'held' } });
  const balances = await t.ask({ path: '/v1/customers/alice/balances' });
  expect(balances.body).toMatchObject({
    balances: [{ available: xem('88'), held: xem('12'), balance: xem('100') }],
  });
  const shown = await t.ask({ path: `/v1/withdrawals/${String(accepted.body['id'])}` });
  expect(shown).toMatchObject({
    status: 200,
    body: { state: 'held', amount: xem('10'), history: [{ state: 'requested' }, { state: 'held' }] },
  });
});
