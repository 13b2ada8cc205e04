/** A thaw is no reopening: what was asked for before waits, nothing new is accepted, and nothing is paid before people have opened withdrawals. */
import { randomUUID } from 'node:crypto';
import { call } from '@kuramori/chains/http';
import { signerRoutes } from '@kuramori/core';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freezeAll, openNext, openTended, thaw, untilThawSeen } from '../testing/freezing.ts';
import { bookOwnFunds, xem } from '../testing/house.ts';
import { type Neighbourhood } from '../testing/neighbourhood.ts';
import { balanceOf, drive, finish, show, withdraw } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';

let n: Neighbourhood;
let round: () => Promise<boolean>;
let [waiting, signed] = ['', ''];
beforeAll(async () => {
  ({ n, round } = await openTended());
  await n.t.rich('alice', '100');
  await bookOwnFunds(n.t.database.custody, '10');
  await round();
  waiting = await withdraw(n, 'alice', '5');
  signed = await withdraw(n, 'alice', '7', { memo: 'signed' });
  await drive(n, signed, 'signed');
});
afterAll(() => n[Symbol.asyncDispose]());

const recorded = async () => {
  const all = await Promise.all(n.t.house.signers.values().map((at) => call(at, signerRoutes.status, {})));
  return all.map((one) => (one.kind === 'status' ? one.seq : null));
};
async function stepAll(): Promise<void> {
  for (let steps = 0; steps < 4; steps += 1)
    await Promise.all([waiting, signed].map((id) => advance(n.t.house, id)));
}
const key = randomUUID();
const request = () =>
  n.t.ask({
    path: '/v1/withdrawals',
    body: {
      customer: 'alice',
      asset: 'nem:xem',
      amount: xem('3'),
      destination: { address: n.people.treasury.address, memo: 'new' },
      feeCap: xem('1'),
    },
    idempotencyKey: key,
  });

test('a new one is not accepted, and its money not held', async () => {
  await freezeAll(n);
  await round();
  const before = await balanceOf(n, 'alice');
  expect(await request()).toMatchObject({ status: 503, body: { code: 'withdrawals-stopped' } });
  expect(await balanceOf(n, 'alice')).toEqual(before);
});

test('thawed, signers would sign again: nothing is planned, nothing signed, and what is signed is not sent', async () => {
  await thaw(n);
  await untilThawSeen(n, round);
  await openNext(n, round);
  await openNext(n, round);
  const before = await recorded();
  await stepAll();
  const why = expect.stringMatching(/withdrawals of nem:xem are stopped: frozen: a test/);
  expect(await show(n, waiting)).toMatchObject({ state: 'screened', transaction: null, waiting: why });
  expect(await show(n, signed)).toMatchObject({ state: 'signed', announcements: [], waiting: why });
  expect(await recorded()).toEqual(before);
  expect(n.nodes.flatMap(({ core }) => core.pool.list())).toEqual([]);
  expect(await request()).toMatchObject({ status: 503, body: { code: 'withdrawals-stopped' } });
});

test('opened, all of it goes on: each paid once, and the refused request is accepted under its own key', async () => {
  await openNext(n, round);
  const accepted = await request();
  expect(accepted).toMatchObject({ status: 201 });
  expect(await request()).toEqual(accepted);
  const before = await n.balance(n.people.treasury.address);
  for (const id of [signed, waiting, String(accepted.body['id'])]) {
    await finish(n, id);
    n.pass(60);
  }
  expect((await n.balance(n.people.treasury.address)) - before).toBe(15_000_000n);
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});
