/** A held deposit goes back to whoever sent it, and to nobody else; once, and with nothing left over. */
import { parseAmount, XEM } from '@kuramori/core';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { person, xem } from '../testing/house.ts';
import { openNeighbourhood, plain, transfer, type Neighbourhood } from '../testing/neighbourhood.ts';
import { drive, show } from '../testing/withdrawals.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  // The hot account has coins of its own in the books, as on the chain.
  await n.t.rich('alice', '1000');
});
afterAll(() => n[Symbol.asyncDispose]());

async function arrive(amount: string, memo = ''): Promise<string> {
  const message = memo === '' ? {} : { message: plain(memo) };
  const hash = await n.announce(
    transfer(n, n.people.customer, n.people.hot.address, parseAmount(amount, XEM), message),
    n.people.customer,
  );
  await n.harvest(2);
  await n.watched();
  await n.scan();
  return `${hash}:0`;
}
const give = (deposit: string, amount: string, more: object = {}) =>
  n.t.ask({
    path: '/v1/returns',
    body: {
      deposit,
      asset: 'nem:xem',
      amount: xem(amount),
      destination: { address: n.people.customer.address, memo: '' },
      feeCap: xem('0.5'),
      ...more,
    },
  });
const unclaimed = async () => {
  const { rows } = await n.t.database.admin.query<{ balance: string; held: string }>(
    "select balance::text, held::text from ledger.account where kind = 'unclaimed'",
  );
  return rows[0];
};
const stateOf = async (deposit: string) => {
  const deposits = await Array.fromAsync(n.t.client.pages('listDeposits', {}));
  return deposits.find(({ id }) => id === deposit)?.state;
};

test('all of it less the fees, back to the sender; the books have nothing of it left', async () => {
  const deposit = await arrive('10');
  const before = await n.balance(n.people.customer.address);
  const answer = await give(deposit, '9.5');
  expect(answer).toMatchObject({ status: 201, body: { state: 'held' } });
  expect(await unclaimed()).toEqual({ balance: '10000000', held: '10000000' });
  expect(await stateOf(deposit)).toBe('returning');
  const id = String(answer.body['id']);
  await drive(n, id, 'sent');
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
  expect((await n.balance(n.people.customer.address)) - before).toBe(9_500_000n);
  expect(await unclaimed()).toEqual({ balance: '0', held: '0' });
  expect(await stateOf(deposit)).toBe('returned');
  expect(await show(n, id)).toMatchObject({ reason: 'return', customer: null, deposit, fee: '350000' });
  expect(await give(deposit, '9.5', { attempt: 2 })).toMatchObject({
    status: 422,
    body: { field: 'deposit' },
  });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('to another than its sender, of another amount, of one that is not held: refused, and nothing is held', async () => {
  const deposit = await arrive('10', 'to whom it may concern');
  const credited = await n.t.ask({ path: '/v1/customers', body: { customer: 'bob' } });
  const bobs = await arrive('3', String(credited.body['message']));
  const stranger = { destination: { address: person().address, memo: '' } };
  expect(await give(deposit, '9.5', stranger)).toMatchObject({
    status: 422,
    body: { field: 'destination.address' },
  });
  expect(await give(deposit, '9')).toMatchObject({ status: 422, body: { field: 'amount' } });
  expect(await give(deposit, '10')).toMatchObject({ status: 422, body: { field: 'amount' } });
  expect(await give(deposit, '9.7', { feeCap: xem('0.3') })).toMatchObject({
    status: 400,
    body: { field: 'feeCap' },
  });
  expect(await give(deposit, '9.5', { attempt: 2 })).toMatchObject({
    status: 422,
    body: { field: 'attempt' },
  });
  expect(await give(bobs, '2.5')).toMatchObject({
    status: 422,
    body: { detail: expect.stringMatching(/is credited/) },
  });
  expect(await give(`${'0'.repeat(64)}:0`, '9.5')).toMatchObject({ status: 404 });
  expect(await unclaimed()).toEqual({ balance: '10000000', held: '0' });
});

test('asked twice, at once, by two requests: one goes back', async () => {
  const deposit = await arrive('20');
  const answers = await Promise.all(Array.from({ length: 6 }, () => give(deposit, '19.5')));
  const ids = new Set(answers.map(({ body }) => body['id']));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 201));
  expect(ids.size).toBe(1);
  expect(await unclaimed()).toEqual({ balance: '30000000', held: '20000000' });
  // While it goes back nobody claims it.
  expect(await n.t.ask({ path: '/v1/house/own-funds', body: { deposit } })).toMatchObject({ status: 422 });
});

test('taken back: it is held as before, and can go back by the next attempt, which is another intent', async () => {
  const deposit = await arrive('30');
  const first = await give(deposit, '29.5');
  const id = String(first.body['id']);
  expect(await n.t.ask({ path: `/v1/withdrawals/${id}/cancel`, body: {} })).toMatchObject({ status: 200 });
  expect(await stateOf(deposit)).toBe('held');
  // The first one's answer stands for what is the same request.
  expect(await give(deposit, '29.5')).toMatchObject({ status: 201, body: { id, state: 'returned' } });
  const second = await give(deposit, '29.5', { attempt: 2 });
  expect(second).toMatchObject({ status: 201, body: { state: 'held' } });
  expect(second.body['id']).not.toBe(id);
  await drive(n, String(second.body['id']), 'sent');
});
