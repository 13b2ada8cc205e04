/** What the policy denies, against real signers and watchtowers: refused for good, waited for, or lifted by people. */
import { approvalOf, generateSigningKey, signStatement, XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { person, xem } from '../testing/house.ts';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { balanceOf, drive, show, withdraw } from '../testing/withdrawals.ts';
import { findWithdrawal, intentOf } from './row.ts';
import { advance } from '../withdrawal.ts';

const ops = [generateSigningKey(), generateSigningKey()] as const;
const [sanctioned, cooling] = [person(), person()];
let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood({
    policy: (usual) => ({
      ...usual,
      lists: [
        { id: 'sanctioned', addresses: [sanctioned.address] },
        { id: 'cooling', addresses: [cooling.address] },
      ],
      groups: [{ id: 'ops', people: ops.map(({ publicKey }) => publicKey) }],
      denials: [
        { id: 'sanctions', when: { destination: { in: ['sanctioned'] } } },
        { id: 'slow', when: { destination: { in: ['cooling'] } }, unless: { waitedSeconds: 600 } },
        {
          id: 'large',
          when: { assets: [XEM], amount: { above: BigInt(xem('100')) } },
          unless: { approvals: [{ group: 'ops', quorum: 2 }] },
        },
        {
          id: 'burst',
          when: { rolling: { per: 'wallet', hours: 1, aboveCount: 3 } },
          unless: { approvals: [{ group: 'ops', quorum: 1 }] },
        },
      ],
    }),
  });
  await n.t.rich('alice', '10000');
});
afterAll(() => n[Symbol.asyncDispose]());

async function pay(address: string): Promise<string> {
  const destination = { address, memo: '' };
  const body = { customer: 'alice', asset: XEM, amount: xem('5'), destination, feeCap: xem('1') };
  const answer = await n.t.ask({ path: '/v1/withdrawals', body });
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['id']);
}

async function approve(id: string, by: (typeof ops)[number]) {
  const found = await findWithdrawal(n.t.house.pool, id);
  if (!found) throw new Error('it is there');
  const signature = signStatement(by, 'approval', approvalOf(intentOf(n.t.house, found)));
  return n.t.ask({ path: `/v1/withdrawals/${id}/approvals`, body: { person: by.publicKey, signature } });
}

test('for good: the signers refuse it by name, and the money is back', async () => {
  const before = await balanceOf(n, 'alice');
  const id = await pay(sanctioned.address);
  const { why } = await drive(n, id, 'refused');
  expect(why).toMatch(/denied: denied by sanctions/);
  expect(await balanceOf(n, 'alice')).toEqual(before);
});

test('until it has waited: nothing is planned before, and then it is paid', async () => {
  const id = await pay(cooling.address);
  for (let steps = 0; steps < 4; steps += 1) await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({
    state: 'screened',
    waiting: expect.stringMatching(/the policy's slow: it has waited/),
    plans: [],
  });
  n.pass(640);
  await n.harvest();
  await n.watched();
  await drive(n, id, 'sent');
});

test('until people lift it: it waits for them, and tells whom', async () => {
  const id = await withdraw(n, 'alice', '150');
  await drive(n, id, 'awaiting-approval');
  expect((await show(n, id)).approvals?.asked).toEqual([
    { by: 'large', quorum: 2, people: ops.map(({ publicKey }) => publicKey), certain: true },
    { by: 'burst', quorum: 1, people: ops.map(({ publicKey }) => publicKey), certain: false },
  ]);
  expect(await approve(id, generateSigningKey())).toMatchObject({ status: 422, body: { field: 'person' } });
  expect(await approve(id, ops[0])).toMatchObject({ body: { approvals: '1 of 2 approvals for large' } });
  expect(await approve(id, ops[1])).toMatchObject({ body: { approvals: 'enough' } });
  await drive(n, id, 'sent');
});

test('where only the signers know: the fourth within an hour waits, and goes on with an approval', async () => {
  await drive(n, await withdraw(n, 'alice', '1'), 'sent');
  const id = await withdraw(n, 'alice', '2');
  for (let steps = 0; steps < 6; steps += 1) await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({
    state: 'planned',
    waiting: expect.stringMatching(/denied-now: denied by burst \(0 of the 1 approvals of ops/),
  });
  expect(await approve(id, ops[0])).toMatchObject({ status: 200, body: { approvals: 'enough' } });
  await drive(n, id, 'sent');
});
