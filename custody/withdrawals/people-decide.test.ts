/** Where people decide: approvals that signers and watchtowers check by themselves, and what the screen holds. */
import { approvalOf, generateSigningKey, signStatement, XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changed, person, xem } from '../testing/house.ts';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { authenticatorNamed, origin, rpId } from '../../core/testing/authenticator.ts';
import { balanceOf, drive, show, withdraw } from '../testing/withdrawals.ts';
import { findWithdrawal, intentOf } from './row.ts';
import { advance } from '../withdrawal.ts';

const people = [generateSigningKey(), generateSigningKey(), generateSigningKey()] as const;
const phones = ['one', 'two', 'three'].map(authenticatorNamed);
const [denied, doubtful] = [person(), person()];
let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood({
    rules: { screening: { refuse: [denied.address], hold: [doubtful.address] } },
    policy: (usual) => ({
      ...usual,
      passkeys: {
        rpId,
        origins: [origin],
        people: people.map(({ publicKey: holder }, index) => ({
          person: holder,
          passkeys: phones.slice(index, index + 1).map(({ passkey }) => passkey),
        })),
      },
      rules: usual.rules.map((rule) => ({
        ...rule,
        approvals: {
          from: BigInt(xem('100')),
          quorum: 2,
          people: people.map(({ publicKey }) => publicKey),
          secondDevice: { above: BigInt(xem('400')) },
        },
      })),
    }),
  });
  await n.t.rich('alice', '10000');
});
afterAll(() => n[Symbol.asyncDispose]());

async function approve(id: string, by: (typeof people)[number], over = id) {
  const found = await findWithdrawal(n.t.house.pool, over);
  if (!found) throw new Error('it is there');
  const signature = signStatement(by, 'approval', approvalOf(intentOf(n.t.house, found)));
  return n.t.ask({ path: `/v1/withdrawals/${id}/approvals`, body: { person: by.publicKey, signature } });
}

async function pay(address: string, amount: string): Promise<string> {
  const answer = await n.t.ask({
    path: '/v1/withdrawals',
    body: {
      customer: 'alice',
      asset: XEM,
      amount: xem(amount),
      destination: { address, memo: '' },
      feeCap: xem('1'),
    },
  });
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['id']);
}

test('above the amount it waits for two people; with them the signers, who count themselves, sign', async () => {
  const id = await withdraw(n, 'alice', '150');
  const other = await withdraw(n, 'alice', '151');
  await drive(n, id, 'awaiting-approval');
  for (let steps = 0; steps < 3; steps += 1) await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({
    state: 'awaiting-approval',
    waiting: '0 of 2 approvals',
    approvals: {
      asked: [{ by: 'rule', quorum: 2, people: people.map(({ publicKey }) => publicKey), certain: true }],
      given: [],
    },
  });
  const [one, two] = people;
  expect(await approve(id, generateSigningKey())).toMatchObject({ status: 422, body: { field: 'person' } });
  expect(await approve(id, one, other)).toMatchObject({ status: 422, body: { field: 'signature' } });
  expect(await approve(id, one)).toMatchObject({ status: 200, body: { approvals: '1 of 2 approvals' } });
  expect(await approve(id, one)).toMatchObject({ status: 200, body: { approvals: '1 of 2 approvals' } });
  await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({ state: 'awaiting-approval' });
  expect(await approve(id, two)).toMatchObject({ status: 200, body: { approvals: 'enough' } });
  await drive(n, id, 'sent');
  expect(await approve(id, people[2])).toMatchObject({
    status: 422,
    body: { detail: expect.stringMatching(/is sent/) },
  });
  await drive(n, other, 'awaiting-approval');
});

async function approveByPasskey(id: string, which: 0 | 1, over = id) {
  const found = await findWithdrawal(n.t.house.pool, over);
  const phone = phones[which];
  if (!found || !phone) throw new Error('it is there');
  const body = phone.approve(people[which].publicKey, intentOf(n.t.house, found));
  return n.t.ask({ path: `/v1/withdrawals/${id}/approvals`, body });
}

test('a false page: above the amount neither key nor passkey is enough alone; the signers, who verify both, sign', async () => {
  const id = await withdraw(n, 'alice', '450');
  const other = await withdraw(n, 'alice', '451');
  await drive(n, id, 'awaiting-approval');
  const [one, two] = people;
  expect(await approveByPasskey(id, 0, other)).toMatchObject({
    status: 422,
    body: { field: 'assertion', detail: expect.stringMatching(/another-challenge/) },
  });
  expect(await approveByPasskey(id, 0)).toMatchObject({ body: { approvals: '0 of 2 approvals' } });
  expect(await approveByPasskey(id, 1)).toMatchObject({ body: { approvals: '0 of 2 approvals' } });
  await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({ state: 'awaiting-approval' });
  expect(await approve(id, one)).toMatchObject({ body: { approvals: '1 of 2 approvals' } });
  expect(await approve(id, two)).toMatchObject({ status: 200, body: { approvals: 'enough' } });
  await drive(n, id, 'sent');
});

test('custody that pretends: without the approvals no signer records it, and it never leaves', async () => {
  const id = await withdraw(n, 'alice', '200');
  await drive(n, id, 'awaiting-approval');
  // Whoever has taken custody writes what he likes into its own copy of the policy.
  const [rule] = n.t.house.policy.rules;
  if (!rule) throw new Error('there is a rule');
  const { approvals: _, ...lax } = rule;
  const taken = changed(n.t.house, { policy: { ...n.t.house.policy, rules: [lax] } });
  for (let steps = 0; steps < 4; steps += 1) await advance(taken, id);
  expect(await show(n, id)).toMatchObject({
    state: 'planned',
    waiting: expect.stringMatching(/approvals-below-quorum: 0 of the 2 people/),
  });
});

test('below it nobody is asked', async () => {
  const id = await withdraw(n, 'alice', '99.999999');
  await drive(n, id, 'sent');
});

test('a destination on the list is refused, and the money is back', async () => {
  const before = await balanceOf(n, 'alice');
  const id = await pay(denied.address, '5');
  const refused = await drive(n, id, 'refused');
  expect(refused.why).toMatch(/never paid/);
  expect(await balanceOf(n, 'alice')).toEqual(before);
});

test('one in doubt waits for a person: passed it is paid, refused it is not; once decided, no more', async () => {
  const before = await balanceOf(n, 'alice');
  const decide = (id: string, verdict: string, by = 'keiko') =>
    n.t.ask({ path: `/v1/withdrawals/${id}/screening`, body: { verdict, by, why: 'called the customer' } });
  const [passed, refused] = [await pay(doubtful.address, '5'), await pay(doubtful.address, '6')];
  for (const id of [passed, refused]) {
    for (let steps = 0; steps < 3; steps += 1) await advance(n.t.house, id);
    expect(await show(n, id)).toMatchObject({
      state: 'held',
      waiting: expect.stringMatching(/a person must look/),
    });
  }
  expect(await decide(passed, 'perhaps')).toMatchObject({ status: 400, body: { field: 'verdict' } });
  expect(await decide(passed, 'pass')).toMatchObject({ status: 200, body: { state: 'screened' } });
  expect(await decide(refused, 'refuse')).toMatchObject({ status: 200, body: { state: 'refused' } });
  expect(await decide(passed, 'refuse')).toMatchObject({ status: 422 });
  const sent = await drive(n, passed, 'sent');
  expect(sent.history.find(({ state }) => state === 'screened')).toMatchObject({
    why: 'keiko: called the customer',
  });
  expect(BigInt((await balanceOf(n, 'alice')).held) - BigInt(before.held)).toBe(6_000_000n);
});

test('frozen approvals do not help: a stranger’s signature is never kept', async () => {
  const { rows } = await n.t.database.admin.query<{ person: string }>(
    'select distinct person from custody.approval',
  );
  const known = people.map(({ publicKey }): string => publicKey);
  for (const { person: who } of rows) expect(known).toContain(who);
});
