/** Coincheck kept everything hot. What is too much goes to cold by itself, what is promised stays, and what is missing is asked for. */
import { parseAmount, XEM, type Policy } from '@kuramori/core';
import { nemNode } from '@kuramori/chains/nem/node';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Branch } from '../branch.ts';
import { done } from '../testing/exchange.ts';
import {
  deadMargin,
  openNeighbourhood,
  plain,
  rewriteDepth,
  transfer,
  type Neighbourhood,
} from '../testing/neighbourhood.ts';
import { changed, bookOwnFunds, withNodes } from '../testing/house.ts';
import { drive, finish as finishOne, show, withdraw } from '../testing/withdrawals.ts';
import { tendTreasury } from '../treasury.ts';
import { TreasuryConfig } from './config.ts';

const xem = (text: string) => parseAmount(text, XEM);
const sweep = { to: ['cold-xem'], perDay: { count: 3, fees: xem('10') }, leave: xem('50') };
const usual = { refillHours: 1, leastOutflow: [{ asset: XEM, perHour: '100000000' }] };

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood({
    policy: (policy: Policy) => ({ ...policy, rules: policy.rules.map((rule) => ({ ...rule, sweep })) }),
    treasury: usual,
  });
  await n.t.rich('alice', '10000');
  // Fees are the house's own to bear.
  await bookOwnFunds(n.t.database.custody, '10');
});
afterAll(() => n[Symbol.asyncDispose]());

const run = (changes: object): Branch =>
  changed(n.t.house, { treasury: TreasuryConfig.parse({ ...usual, ...changes }) });
async function sweeps(): Promise<readonly { id: string; amount: bigint; state: string; why: string }[]> {
  const { rows } = await n.t.database.admin.query<{ id: string; amount: string; state: string; why: string }>(
    `select w.id, amount, w.state, s.why from custody.withdrawal w
       join custody.withdrawal_step s on s.withdrawal = w.id and s.number = 1 where reason = 'sweep' order by w.number`,
  );
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}
async function books(): Promise<Record<string, bigint>> {
  const { rows } = await n.t.database.admin.query<{ kind: string; balance: string }>(
    "select kind, balance from ledger.account where kind in ('hot', 'cold', 'customer', 'own-funds')",
  );
  return Object.fromEntries(rows.map(({ kind, balance }) => [kind, BigInt(balance)]));
}
async function notices(): Promise<readonly string[]> {
  const { rows } = await n.t.database.admin.query<{ key: string }>(
    'select key from custody.notice order by id',
  );
  return rows.map(({ key }) => key);
}
/** Each in a second of its own. */
async function finish(id = ''): Promise<void> {
  await finishOne(n, id);
  n.pass(60);
}
const treasury = async () => done(await n.t.client.call('showTreasury', {})).body;
const refills = async () => done(await n.t.client.call('listRefills', {})).body.refills;

test('what is above expected outflow × refill time is swept, once, by however many custodies', async () => {
  const chain = await n.balance(n.people.hot.address);
  await Promise.all(Array.from({ length: 5 }, () => tendTreasury(n.t.house)));
  await tendTreasury(n.t.house);
  const [made, ...more] = await sweeps();
  expect(more).toEqual([]);
  expect(made).toMatchObject({ state: 'screened', why: expect.stringMatching(/by need$/) });
  await finish(made?.id ?? '');
  const { fee } = await show(n, made?.id ?? '');
  const paid = BigInt(fee ?? 0);
  // To the unit: what was too much, less the fee, which is the house's own to bear.
  expect(made?.amount).toBe(xem('9910') - paid);
  expect(await n.balance(n.people.cold.address)).toBe(made?.amount);
  expect(chain - (await n.balance(n.people.hot.address))).toBe(xem('9910'));
  expect(await books()).toEqual({
    hot: xem('100'),
    cold: made?.amount,
    customer: xem('10000'),
    'own-funds': xem('10') - paid,
  });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  await tendTreasury(n.t.house);
  expect(await sweeps()).toHaveLength(1);
  expect(await treasury()).toMatchObject({
    hotShare: { most: 500, now: 100, set: 100, stale: [] },
    assets: [{ asset: XEM, hot: '100000000', limit: '100000000', by: 'need', sweeping: '0' }],
  });
});

test('what is promised to customers is never swept, and a rush is asked of the vaults', async () => {
  const ids = [];
  for (let count = 0; count < 3; count += 1) {
    ids.push(await withdraw(n, 'alice', '60'));
    n.pass(1);
  }
  await tendTreasury(n.t.house);
  expect(await sweeps()).toHaveLength(1);
  // Three times 60 and a fee cap of 1 are promised, of 100; what is expected to leave has grown with them.
  const { assets } = await treasury();
  expect(assets[0]).toMatchObject({ promised: '183000000', anHour: '183000000', limit: '183000000' });
  const [asked, ...more] = await refills();
  expect(more).toEqual([]);
  expect(asked).toMatchObject({
    number: 1,
    cold: 'cold-xem',
    state: 'asked',
    amount: xem('266').toString(),
    why: '183000000 are promised to customers, and 100000000 are there',
  });
  expect(await notices()).toContain('refill:cold-xem:1');
  await tendTreasury(n.t.house);
  expect(await refills()).toHaveLength(1);
  for (const id of ids) await finish(id);
});

test('the share of what customers are owed limits it, where more would be needed', async () => {
  await n.t.rich('bob', '2000');
  const needy = run({ leastOutflow: [{ asset: XEM, perHour: xem('5000').toString() }] });
  await tendTreasury(needy);
  const made = (await sweeps()).at(-1);
  expect(made?.why).toMatch(/by share$/);
  await finish(made?.id ?? '');
  const { customer = 0n, hot } = await books();
  const { rows } = await n.t.database.admin.query<{ claims: string }>('select claims from ledger.total');
  const limit = (BigInt(rows[0]?.claims ?? 0) * 500n) / 10_000n;
  expect(customer).toBeGreaterThan(0n);
  // A tenth below, so that the next deposit does not breach it.
  expect(hot).toBe((limit * 90n) / 100n);
});

test('what a sweep must leave stays, and the policy’s count ends it: then people are told', async () => {
  await n.t.rich('carol', '40');
  const bare = run({ leastOutflow: [], refillHours: 0.001 });
  await tendTreasury(bare);
  const third = (await sweeps()).at(-1);
  await finish(third?.id ?? '');
  expect((await books())['hot']).toBe(xem('50'));
  await n.t.rich('carol', '500');
  await tendTreasury(bare);
  expect(await sweeps()).toHaveLength(3);
  expect(await notices()).toContain('treasury-moves:sweeps-used-up:nem:xem');
  n.pass(24 * 3600);
  await n.harvest();
  await n.watched();
  await tendTreasury(bare);
  const fourth = (await sweeps()).at(-1);
  expect(fourth?.state).toBe('screened');
  await finish(fourth?.id ?? '');
});

test('one that the signers refuse for good is told, and none is asked of them for an hour', async () => {
  await n.t.rich('dave', '700');
  const [rule] = n.t.house.policy.rules;
  if (!rule) throw new Error('the test policy has a rule');
  // As far as custody knows there may be ten a day.
  const more = { ...sweep, perDay: { count: 10, fees: xem('10') } };
  const bare = run({ leastOutflow: [], refillHours: 0.001 });
  const loose = changed(bare, { policy: { ...bare.policy, rules: [{ ...rule, sweep: more }] } });
  for (let count = 0; count < 2; count += 1) {
    await tendTreasury(loose);
    await finish((await sweeps()).at(-1)?.id ?? '');
    await n.t.rich('dave', '700');
  }
  const before = await books();
  await tendTreasury(loose);
  const last = (await sweeps()).at(-1);
  await drive(n, last?.id ?? '', 'refused', loose);
  expect((await show(n, last?.id ?? '')).why).toMatch(/over-sweep-count: 3 of 3/);
  expect(await books()).toEqual(before);
  const made = (await sweeps()).length;
  await tendTreasury(loose);
  expect(await sweeps()).toHaveLength(made);
  expect(await notices()).toContain('treasury-moves:sweep-refused:nem:xem');
  n.pass(24 * 3600);
  await n.harvest();
  await n.watched();
  await tendTreasury(loose);
  expect(await sweeps()).toHaveLength(made + 1);
  await finish((await sweeps()).at(-1)?.id ?? '');
});

test('one that was never sent dies, and the same one is planned anew', async () => {
  await n.t.rich('erin', '700');
  const bare = run({ leastOutflow: [], refillHours: 0.001 });
  await tendTreasury(bare);
  const made = (await sweeps()).at(-1);
  const id = made?.id ?? '';
  const cold = await n.balance(n.people.cold.address);
  const nodes = ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((url) => nemNode(url, 'testnet'));
  await drive(n, id, 'unknown', withNodes(bare, nodes));
  n.pass(2 * 3600 + deadMargin + 1);
  await n.harvest(rewriteDepth + 1);
  await n.watched();
  await n.scan();
  await drive(n, id, 'expired', bare);
  await tendTreasury(bare);
  expect((await sweeps()).at(-1)?.id).toBe(id);
  await finish(id);
  expect((await n.balance(n.people.cold.address)) - cold).toBe(made?.amount);
  expect((await show(n, id)).plans).toHaveLength(2);
});

test('what comes from cold is what was asked: the books know a move, and nobody is credited', async () => {
  await tendTreasury(run({ leastOutflow: [{ asset: XEM, perHour: xem('400').toString() }] }));
  const [asked] = await refills();
  if (!asked) throw new Error('it was asked');
  const before = await books();
  // What a vault would sign: the intent's own destination, memo and amount.
  const { destination, amount } = asked.intent;
  expect(destination).toEqual({ address: n.people.hot.address, memo: `refill ${asked.number}` });
  const sent = transfer(n, n.people.cold, destination.address, BigInt(amount), {
    message: plain(destination.memo),
  });
  const transaction = await n.announce(sent, n.people.cold);
  await n.harvest(2);
  await n.watched();
  await n.scan();
  expect((await refills())[0]).toMatchObject({ id: asked.id, state: 'arrived', endedBy: transaction });
  const after = await books();
  expect((after['hot'] ?? 0n) - (before['hot'] ?? 0n)).toBe(BigInt(amount));
  expect(after['customer']).toBe(before['customer']);
  // Nobody was credited, and nothing is held: it is no deposit.
  const { rowCount } = await n.t.database.admin.query('select from custody.deposit');
  expect(rowCount).toBe(0);
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});
