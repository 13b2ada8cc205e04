/** Where watchtowers do not vouch for an address, none is shown; what is shown, the client's check takes. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SignedVoucher, signStatement, watchtowerRoutes, type PlaceOf, type Refusal } from '@kuramori/core';
import { serveRoutes } from '@kuramori/program';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { vouchedDeposit } from '../../client/vouched.ts';
import { vouch, type VouchedFor } from '../../watchtower/vouch.ts';
import { inTransaction } from '@kuramori/ledger';
import { openDeposits, placeOf } from './place.ts';
import { testHouse, type TestHouse } from '../testing/house.ts';

let t: TestHouse;
let server: { close: () => Promise<void> } | undefined;
beforeEach(async () => {
  t = await testHouse({ wholeTower: true });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await t[Symbol.asyncDispose]();
});

/** The watchtower, honest or not. */
async function tower(answer: (asked: PlaceOf) => VouchedFor | Refusal): Promise<void> {
  server = await serveRoutes(
    { socket: join(t.folder, 'tower') },
    { vouch: watchtowerRoutes.vouch },
    { vouch: answer },
  );
}
const honest = (frozen = false) => ({
  policy: t.house.policy,
  digest: t.house.policyDigest,
  key: t.tower,
  standing: [t.house.policy],
  frozen: () => frozen,
  now: () => t.clock.ms,
  lookAt: () => null,
});
const open = (idempotencyKey?: string) =>
  t.ask({
    path: '/v1/customers',
    body: { customer: 'alice' },
    ...(idempotencyKey ? { idempotencyKey } : {}),
  });
const pins = () => ({
  network: t.house.policy.network,
  exchange: t.house.exchange.id,
  watchtowers: t.house.policy.watchtowers,
});

test('vouched for: shown, and taken by the client', async () => {
  await tower((asked) => vouch(honest(), asked));
  const { status, body } = await open();
  expect(status).toBe(201);
  expect(vouchedDeposit(pins(), 'alice', body, t.clock.ms)).toEqual({
    kind: 'vouched',
    customer: 'alice',
    asset: 'nem:xem',
    address: body['address'],
    message: body['message'],
  });
  expect(vouchedDeposit(pins(), 'bob', body, t.clock.ms)).toMatchObject({ kind: 'refused' });
});

const unshown = async (why: RegExp) => {
  const { status, body } = await open();
  expect(status).toBe(503);
  expect(body).toMatchObject({
    type: 'urn:kuramori:problem:not-vouched',
    detail: expect.stringMatching(why),
  });
  const text = JSON.stringify(body);
  expect(text).not.toContain(t.house.hot.address);
  expect(text).not.toContain(placeOf(t.house, 'alice', 0).memo);
};

test('a silent watchtower', () => unshown(/0 of the 1 watchtowers/));

test('a frozen one', async () => {
  await tower((asked) => vouch(honest(true), asked));
  await unshown(/has frozen/);
});

test('one that vouches for another customer', async () => {
  await tower((asked) => vouch(honest(), { ...asked, customer: 'mallory' }));
  await unshown(/about customer mallory/);
});

test('one with another policy: the two derive different places', async () => {
  const elsewhere = {
    ...t.house.policy,
    wallets: t.house.policy.wallets.map((one) => ({ ...one, address: t.people.treasury.address })),
  };
  await tower((asked) => vouch({ ...honest(), policy: elsewhere, standing: [elsewhere] }, asked));
  await unshown(/another place than custody does/);
});

test('one that has not signed what it says', async () => {
  await tower((asked) => {
    const answer = vouch(honest(), asked);
    if (answer.kind === 'refused') return answer;
    const voucher = SignedVoucher.parse(answer.voucher);
    const signature = signStatement(t.records[0], 'voucher', voucher.voucher);
    return { kind: 'vouched', voucher: { ...voucher, signature } };
  });
  await unshown(/has not signed it/);
});

test('the same request again, once the watchtower is back: the place that was decided, freshly vouched for', async () => {
  await unshown(/0 of the 1/);
  expect((await open('again')).status).toBe(503);
  await tower((asked) => vouch(honest(), asked));
  const first = await open('again');
  expect(first.status).toBe(201);
  t.clock.ms += 290_000;
  const second = await t.ask({ path: '/v1/customers', body: { customer: 'alice' }, idempotencyKey: 'again' });
  expect(second.body['message']).toBe(first.body['message']);
  const at = (body: Record<string, unknown>) => (body['vouchers'] as SignedVoucher[])[0]?.voucher.at ?? 0;
  expect(at(second.body) - at(first.body)).toBe(290_000);
  await server?.close();
  server = undefined;
  rmSync(join(t.folder, 'tower'), { force: true });
  expect((await open('again')).status).toBe(503);
});

test('a message that is another customer’s already: the number moves on, and both are vouched for', async () => {
  await tower((asked) => vouch(honest(), asked));
  // As if the digests of two customers met.
  const memo = placeOf(t.house, 'alice', 0).memo;
  await t.database.custody.query("insert into custody.customer (id, at) values ('other', 0)");
  await t.database.custody.query(
    "insert into custody.place (chain, customer, number, mark, at) values ('nem', 'other', 3, $1, 0)",
    [memo],
  );
  const { body } = await open();
  expect(body).toMatchObject({ number: 1, message: placeOf(t.house, 'alice', 1).memo });
  expect(vouchedDeposit(pins(), 'alice', body, t.clock.ms)).toMatchObject({ kind: 'vouched' });
});

test('opened by many at once: one place', async () => {
  const numbers = await Promise.all(
    Array.from({ length: 10 }, () =>
      inTransaction(t.house.pool, (client) => openDeposits(t.house, client, { customer: 'carol' })),
    ),
  );
  expect(new Set(numbers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
});
