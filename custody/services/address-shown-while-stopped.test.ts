/** A customer is sent to a wallet that may be stolen: no address is shown, and what comes all the same is nobody's to trade, and not lost. */
import { parseAmount, XEM } from '@kuramori/core';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { done } from '../testing/exchange.ts';
import { freezeAll, openNext, openTended, thaw, untilThawSeen } from '../testing/freezing.ts';
import { plain, transfer, type Neighbourhood } from '../testing/neighbourhood.ts';
import { balanceOf } from '../testing/withdrawals.ts';

let n: Neighbourhood;
let round: () => Promise<boolean>;
let message: string;
let count = 0;
beforeAll(async () => {
  ({ n, round } = await openTended());
});
afterAll(() => n[Symbol.asyncDispose]());

const ask = (idempotencyKey: string) =>
  n.t.ask({ path: '/v1/customers', body: { customer: 'alice' }, idempotencyKey });
const stopped = { status: 503, body: { code: 'deposits-stopped' } };

async function arrive(amount: string): Promise<string> {
  count += 1;
  n.pass(60);
  const sent = transfer(n, n.people.customer, n.people.hot.address, parseAmount(amount, XEM), {
    message: plain(message),
  });
  const hash = await n.announce(sent, n.people.customer);
  await n.harvest(2);
  await n.watched();
  await n.scan();
  return hash;
}
const depositOf = async (hash: string) => {
  const all = await Array.fromAsync(n.t.client.pages('listDeposits', {}));
  return all.find(({ transaction }) => transaction === hash);
};

test('before anybody has said that nothing is frozen, none is shown', async () => {
  const answer = await ask('first');
  expect(answer).toMatchObject(stopped);
  expect(answer.body['detail']).toMatch(/too few signers and watchtowers have answered/);
  expect(done(await n.t.client.call('listServices', {})).body).toEqual({
    known: false,
    services: [],
    stops: [],
  });
});

test('the same request gets it once that is known, and no more when it is frozen, also by its old key', async () => {
  await round();
  const shown = await ask('first');
  expect(shown).toMatchObject({ status: 201 });
  message = String(shown.body['message']);
  const before = await depositOf(await arrive('10'));
  expect(before).toMatchObject({ state: 'credited', customer: 'alice' });
  await freezeAll(n, 'coins are gone');
  await round();
  for (const key of ['first', 'second']) {
    const answer = await ask(key);
    expect(answer).toMatchObject(stopped);
    expect(answer.body['detail']).toMatch(/frozen: coins are gone.*GET \/v1\/services/);
    expect(JSON.stringify(answer.body)).not.toContain(n.people.hot.address);
  }
});

let held = '';
test('what comes meanwhile is in the books, held, and nobody’s to withdraw or trade', async () => {
  held = await arrive('20');
  expect(await depositOf(held)).toMatchObject({ state: 'held', customer: null, why: 'deposits-stopped' });
  expect(await balanceOf(n, 'alice')).toMatchObject({ available: '10000000' });
  await round();
  expect(await depositOf(held)).toMatchObject({ state: 'held' });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('thawed, it is still not shown; once people open deposits it is, and what was held is the customer’s, once', async () => {
  await thaw(n);
  await untilThawSeen(n, round);
  expect(await ask('second')).toMatchObject(stopped);
  await openNext(n, round);
  await Promise.all([round(), round()]);
  expect(await ask('second')).toMatchObject({ status: 201 });
  expect(await depositOf(held)).toMatchObject({ state: 'credited', customer: 'alice' });
  expect(await balanceOf(n, 'alice')).toMatchObject({ available: '30000000' });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  expect(count).toBe(2);
});
