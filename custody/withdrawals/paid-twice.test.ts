/** Invariant 5, one half: an accepted withdrawal is paid once, whoever does its steps, how often, and whatever stops in between. */
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openInstance } from '../jobs/instance.ts';
import { startJobs } from '../jobs/job.ts';
import { openNeighbourhood, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { balanceOf, drive, show, statesOf, withdraw } from '../testing/withdrawals.ts';
import { findWithdrawal, planOf } from './row.ts';
import { advance } from '../withdrawal.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '10000');
});
afterAll(() => n[Symbol.asyncDispose]());

const received = () => n.balance(n.people.treasury.address);
async function announceAgain(id: string) {
  const found = await findWithdrawal(n.t.house.pool, id);
  if (!found) throw new Error('it is there');
  return n.t.house.chain.announce(n.t.house, id, planOf(found), true);
}
const tries = async (id: string) => (await show(n, id)).announcements.map((one) => one.tries);

test('every step by several at once: one plan, one transaction, one payment', async () => {
  const before = await received();
  const hotBefore = await n.balance(n.people.hot.address);
  const id = await withdraw(n, 'alice', '100', { memo: 'to whom' });
  const sent = await drive(n, id, 'sent', n.t.house, 5);
  expect(sent.history.map(({ state }) => state)).toEqual([
    'requested',
    'held',
    'screened',
    'planned',
    'witnessed',
    'signed',
    'sent',
  ]);
  await n.harvest();
  await n.watched();
  await drive(n, id, 'confirmed');
  await Promise.all(Array.from({ length: 5 }, () => advance(n.t.house, id)));
  expect(await show(n, id)).toMatchObject({ state: 'confirmed', waiting: '2 confirmations' });
  await n.harvest();
  await n.scan();
  const settled = await drive(n, id, 'final', n.t.house, 5);
  expect(settled.fee).toBe('400000');
  expect((await received()) - before).toBe(100_000_000n);
  expect(hotBefore - (await n.balance(n.people.hot.address))).toBe(100_400_000n);
  // The customer paid what the network took, and the rest of the fee cap is free again.
  expect(await balanceOf(n, 'alice')).toEqual({
    asset: 'nem:xem',
    balance: '9899600000',
    held: '0',
    available: '9899600000',
  });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('the same bytes announced again and again, to nodes that forgot them', async () => {
  const before = await received();
  const id = await withdraw(n, 'alice', '10');
  await drive(n, id, 'sent', n.t.house, 1);
  await n.forget();
  // Seen nowhere, but the nodes’ verdicts are not old enough: nothing is sent.
  await announceAgain(id);
  expect(await tries(id)).toEqual([1, 1, 1, 1]);
  n.pass(600);
  await announceAgain(id);
  // NIS forgets at most once a minute: a verdict lives up to 660 s.
  expect(await tries(id)).toEqual([1, 1, 1, 1]);
  n.pass(61);
  await n.harvest();
  await n.watched();
  await advance(n.t.house, id);
  expect(await tries(id)).toEqual([2, 2, 2, 2]);
  await n.harvest(3);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
  n.pass(661);
  await announceAgain(id);
  await n.harvest(2);
  expect((await received()) - before).toBe(10_000_000n);
});

test('a plan cannot be replaced, not even by a fault of ours', async () => {
  const id = await withdraw(n, 'alice', '1');
  await drive(n, id, 'planned');
  const { custody, admin } = n.t.database;
  const another = (number: number) =>
    `insert into custody.plan (withdrawal, number, plan, digest, transaction, inner_transaction, valid_until, at)
       select withdrawal, ${number}, plan, 'd', 't', 'i', valid_until, at from custody.plan where withdrawal = '${id}'`;
  await expect(custody.query(another(2))).rejects.toThrow('has a plan that is not proven dead');
  await expect(custody.query(another(3))).rejects.toThrow('plan 3 does not follow plan 1');
  // Said to be dead, and not in the state that only the chain's word leads to.
  await custody.query(
    "insert into custody.plan_dead (withdrawal, number, why, at) values ($1, 1, 'a lie', 0)",
    [id],
  );
  await expect(custody.query(another(2))).rejects.toThrow('has a plan that is not proven dead');
  await expect(custody.query("update custody.plan set transaction = 'x'")).rejects.toThrow(
    'permission denied',
  );
  await expect(admin.query("update custody.plan set transaction = 'x'")).rejects.toThrow(
    'kept as it was made',
  );
  await expect(admin.query('delete from custody.plan')).rejects.toThrow('kept as it was made');
  const amount = n.t.database.custody.query(
    'update custody.withdrawal set amount = amount * 2 where id = $1',
    [id],
  );
  await expect(amount).rejects.toThrow('permission denied');
  await expect(n.t.database.custody.query('delete from custody.withdrawal_step')).rejects.toThrow(
    'permission denied',
  );
});

test('the queue, stopped and started while eight are under way', async () => {
  const before = await received();
  const ids = await Promise.all(
    Array.from({ length: 8 }, (_, i) => withdraw(n, 'alice', '5', { memo: `${i}` })),
  );
  const { custodyUrl, custody } = n.t.database;
  for (let starts = 0; starts < 3; starts += 1) {
    await using instance = await openInstance(custodyUrl, custody);
    const jobs = await startJobs(n.t.house, instance);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await jobs[Symbol.asyncDispose]();
  }
  await using instance = await openInstance(custodyUrl, custody);
  const jobs = await startJobs(n.t.house, instance);
  try {
    await until(
      'all to be paid',
      async () => {
        await n.harvest();
        await n.scan();
        return (await statesOf(n, ids)).every((state) => state === 'final');
      },
      60_000,
    );
  } finally {
    await jobs[Symbol.asyncDispose]();
  }
  // Eight of five, and the one of one that was left planned above.
  expect((await received()) - before).toBe(41_000_000n);
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  const { rows } = await n.t.database.admin.query(
    "select count(*) as n from custody.outgoing where kind <> 'withdrawal'",
  );
  expect(rows).toEqual([{ n: '0' }]);
});
