/** The share is by value, so a price can breach it while no coin moves; and a feed that is late, wrong or lying must not loosen it. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAmount, XEM, type Asset } from '@kuramori/core';
import { depositOf, post } from '@kuramori/ledger';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openCustomer } from '../customer.ts';
import { done } from '../testing/exchange.ts';
import { changed, testHouse, type TestHouse } from '../testing/house.ts';
import { startTreasury, tendTreasury } from '../treasury.ts';
import { TreasuryConfig } from './config.ts';
import { httpFeed } from './feed.ts';

const eth = 'eth:eth' as Asset;
const minute = 60_000;
/** 16:00 in Tokyo: an hour after the set moment. */
const begin = Date.UTC(2026, 0, 26, 7);

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse({ clock: { ms: begin } });
  await openCustomer(t.database.custody, 'alice', begin);
  // Customers are owed 1,000,000 XEM and 100 ETH; hot are 30,000 XEM (3 %) and 8 ETH (8 %).
  await owe(XEM, parseAmount('1000000', XEM), parseAmount('30000', XEM));
  await owe(eth, 100n * 10n ** 18n, 8n * 10n ** 18n);
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() =>
  t.database.admin.query(
    'update custody.notice set acknowledged_at = 1, over_at = 1 where acknowledged_at is null or over_at is null',
  ),
);

async function owe(asset: Asset, all: bigint, hot: bigint): Promise<void> {
  const of = { kind: 'customer', customer: 'alice' } as const;
  const into = (kind: 'hot' | 'cold') => ({ kind, wallet: `${kind}-${asset.slice(4)}` }) as const;
  const name = (kind: string) => `${kind}:${asset}`;
  const parts = [
    { kind: 'hot', units: hot },
    { kind: 'cold', units: all - hot },
  ] as const;
  const answers = await post(
    t.database.custody,
    parts.map(({ kind, units }) =>
      depositOf({ id: name(kind), about: name(kind), asset, units, into: into(kind), of }),
    ),
  );
  expect(answers.map(({ kind }) => kind)).toEqual(['posted', 'posted']);
}

const told = (at: number, xem: string, ether: string) => ({
  at,
  prices: [
    { asset: XEM, yen: xem, per: '1000000' },
    { asset: eth, yen: ether, per: (10n ** 18n).toString() },
  ],
});
const tell = (at: number, xem: string, ether: string) =>
  t.client.call('tellPrices', { body: told(at, xem, ether), idempotencyKey: randomUUID() });
const share = async () => done(await t.client.call('showTreasury', {})).body.hotShare;
async function notices(): Promise<readonly { key: string; severity: string; what: string }[]> {
  const { rows } = await t.database.admin.query<{ key: string; severity: string; what: string }>(
    `select key, severity, what from custody.notice
       where key like 'treasury:%' and acknowledged_at is null and over_at is null order by id`,
  );
  return rows;
}

test('no price yet: the share is unknown, each asset keeps to it by itself, and people are told', async () => {
  await tendTreasury(t.house);
  expect(await share()).toMatchObject({ now: null, set: null, stale: [eth, XEM] });
  // 8 % of all Ether is hot: what that is of all, nobody can tell.
  expect(await notices()).toMatchObject([
    { key: 'treasury:price-stale', what: expect.stringMatching(/no price of eth:eth, nem:xem is younger/) },
    {
      key: expect.stringMatching(/^treasury:price-unset:/),
      what: expect.stringMatching(/at the set moment/),
    },
    {
      key: 'treasury:hot-share:stuck',
      severity: 'grave',
      what: expect.stringMatching(/^8\.00 % .* in one asset of itself, since there is no price/),
    },
  ]);
  const { assets } = done(await t.client.call('showTreasury', {})).body;
  expect(assets.map(({ asset, limit }) => [asset, limit])).toEqual([
    [eth, '0'],
    [XEM, '0'],
  ]);
});

test('at the set moment it is within the share; an hour later a price has moved, and no coin', async () => {
  // 15:00 in Tokyo: 40 yen and 100,000 yen. Owed 50 million yen, hot 2 million: 4 %.
  t.clock.ms = begin - 60 * minute - 1;
  done(await tell(t.clock.ms, '40', '100000'));
  t.clock.ms = begin;
  done(await tell(begin, '40', '100000'));
  expect(await share()).toMatchObject({ now: 400, set: 400, stale: [], moment: begin - 60 * minute });
  await tendTreasury(t.house);
  expect(await notices()).toEqual([]);
  // Ether at 300,000 yen: owed 70 million yen, hot 3.6 million: 5.15 %.
  t.clock.ms += minute;
  done(await tell(t.clock.ms, '40', '300000.000000000001'));
  expect(await share()).toMatchObject({ now: 515, set: 400 });
  await tendTreasury(t.house);
  await tendTreasury(t.house);
  expect(await notices()).toMatchObject([
    {
      key: 'treasury:hot-share:stuck',
      severity: 'grave',
      what: expect.stringMatching(
        /^5\.15 % of what customers are owed is hot.* At the prices of the last set moment it would be 4\.00 %: a price has moved, not the coins/,
      ),
    },
  ]);
  // Systems hear of it, too: an alarm in a table calls nobody.
  const { rows } = await t.database.admin.query<{ data: { key: string } }>(
    "select data from custody.event where kind = 'notice' and state = 'grave'",
  );
  expect(rows.map(({ data }) => data.key)).toContain('treasury:hot-share:stuck');
});

test('the next set moment takes the price over, and a feed that stops is told after an hour', async () => {
  t.clock.ms = begin + 23 * 60 * minute - 1;
  expect(await share()).toMatchObject({ now: null, set: 400, stale: [eth, XEM] });
  done(await tell(t.clock.ms, '40', '300000'));
  t.clock.ms += 1;
  expect(await share()).toMatchObject({ now: 515, set: 515, moment: begin + 23 * 60 * minute });
  t.clock.ms += 60 * minute;
  expect(await share()).toMatchObject({ now: null, set: 515, stale: [eth, XEM] });
  await tendTreasury(t.house);
  expect((await notices()).map(({ key }) => key)).toEqual([
    'treasury:price-stale',
    'treasury:hot-share:stuck',
  ]);
});

test('a price that is told after the set moment changes nothing of that day, whatever time it names', async () => {
  done(await tell(begin + 23 * 60 * minute - 2 * minute, '40', '1'));
  const { moment, set } = await share();
  expect({ moment, set }).toEqual({ moment: begin + 23 * 60 * minute, set: 515 });
});

test('what is known is not told again; what is over and comes back is', async () => {
  const grave = async () => {
    const { rowCount } = await t.database.admin.query(
      "select from custody.event where kind = 'notice' and data->>'key' = 'treasury:hot-share:stuck'",
    );
    return rowCount ?? 0;
  };
  const acknowledge = () =>
    t.database.admin.query('update custody.notice set acknowledged_at = 1 where acknowledged_at is null');
  await tendTreasury(t.house);
  const before = await grave();
  await acknowledge();
  await tendTreasury(t.house);
  expect(await notices()).toEqual([]);
  expect(await grave()).toBe(before);
  // All of it comes down, and goes up again.
  t.clock.ms = begin + (23 + 24) * 60 * minute - 1;
  done(await tell(t.clock.ms, '40', '100000'));
  t.clock.ms += 1;
  await tendTreasury(t.house);
  expect(await share()).toMatchObject({ now: 400, set: 400 });
  done(await tell(t.clock.ms, '40', '300000'));
  await tendTreasury(t.house);
  expect(await notices()).toMatchObject([{ key: 'treasury:hot-share:stuck' }]);
  expect(await grave()).toBe(before + 1);
});

test('a price of the future, of nothing, below zero or with more places is refused, and the field is named', async () => {
  const later = await tell(t.clock.ms + 2 * minute, '40', '300000');
  expect(later).toMatchObject({ kind: 'problem', problem: { code: 'future-price', field: 'at' } });
  for (const yen of ['0', '-1', '1e3', '.5', '1.0000000000001', ''])
    expect(await tell(t.clock.ms, yen, '1')).toMatchObject({
      kind: 'problem',
      problem: { code: 'malformed', field: 'prices.0.yen' },
    });
  const body = { at: t.clock.ms, prices: [{ asset: XEM, yen: '1', per: '0' }] };
  expect(await t.client.call('tellPrices', { body, idempotencyKey: randomUUID() })).toMatchObject({
    problem: { code: 'malformed', field: 'prices.0.per' },
  });
});

test('what was said once of a moment stays said', async () => {
  t.clock.ms += 1;
  const at = t.clock.ms;
  expect(done(await tell(at, '41', '300000')).body).toEqual({ at, kept: 2 });
  expect(done(await tell(at, '1', '1')).body).toEqual({ at, kept: 0 });
  expect(await share()).toMatchObject({ now: 512 });
});

async function feeding(
  answer: (turn: number) => { status?: number; body: string },
): Promise<Server & { url: string }> {
  let turn = 0;
  const server = createServer((_request, response) => {
    const { status = 200, body } = answer((turn += 1));
    response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

test('a feed that answers garbage, redirects, is too long, fails or is away: one clear reason each', async () => {
  const bodies = [
    { body: 'no JSON' },
    { body: '{"at":1,"prices":[{"asset":"nem:xem","yen":4.1,"per":"1000000"}]}' },
    { status: 302, body: '' },
    { status: 503, body: 'later' },
    { body: `"${'x'.repeat(2_000_000)}"` },
  ];
  const server = await feeding((turn) => bodies[turn - 1] ?? { body: '' });
  const feed = httpFeed(server.url);
  const over = new AbortController().signal;
  const whys = [/JSON/, /prices\.0\.yen/, /./, /answered 503/, /longer than/];
  for (const why of whys)
    expect(await feed(over)).toMatchObject({ kind: 'failed', why: expect.stringMatching(why) });
  server.close();
  server.closeAllConnections();
  expect(await feed(over)).toMatchObject({ kind: 'failed' });
});

test('a feed is read by itself, and kept with its name', async () => {
  const at = t.clock.ms + 1;
  const server = await feeding(() => ({ body: JSON.stringify(told(at, '50', '300000')) }));
  t.clock.ms += minute;
  const treasury = TreasuryConfig.parse({ everySeconds: 0.1, prices: { url: server.url } });
  const running = startTreasury(changed(t.house, { treasury }));
  const patience = performance.now() + 10_000;
  let source: string | undefined;
  while (source === undefined && performance.now() < patience) {
    const { rows } = await t.database.admin.query<{ source: string }>(
      'select source from custody.price where at = $1 and asset = $2',
      [at, XEM],
    );
    source = rows[0]?.source;
  }
  expect(source).toBe(server.url);
  await running[Symbol.asyncDispose]();
  server.close();
  server.closeAllConnections();
});
