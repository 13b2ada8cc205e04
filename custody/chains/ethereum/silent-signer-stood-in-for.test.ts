/** A co-signer falls silent with a payment that was planned for it: another signs the same bytes, and nothing waits behind it. */
import { randomUUID } from 'node:crypto';
import { ETH } from '@kuramori/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ether, openEthereum, type Ethereum, type Hex } from '../../testing/ethereum.ts';
import { done } from '../../testing/exchange.ts';
import { drive } from '../../testing/withdrawals.ts';
import { tendTreasury } from '../../treasury.ts';

let n: Ethereum;
beforeAll(async () => {
  n = await openEthereum({ third: true });
  const { body } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice', asset: ETH } });
  await n.scene.chain.send(String(body['address']) as Hex, '0x', ether(5));
  for (const _ of ['credited', 'in the Safe']) {
    await n.finalize();
    await n.watched();
    await n.scan();
    await tendTreasury(n.t.house);
  }
}, 120_000);
afterAll(() => n[Symbol.asyncDispose]());

it('is signed by the two who are left, and executed once', async () => {
  const to = n.scene.chain.payer;
  const body = {
    customer: 'alice',
    asset: ETH,
    amount: ether(1).toString(),
    destination: { address: to, memo: '' },
    feeCap: '0',
  };
  const given = { body, idempotencyKey: randomUUID() };
  const { id } = done(await n.t.client.call('requestWithdrawal', given)).body;
  await drive(n, id, 'planned', n.t.house, 1);
  await n.silence('signer-1');
  const sent = await drive(n, id, 'sent');
  expect(sent.signers.map(({ signer }) => signer).toSorted()).toEqual(['signer-2', 'signer-3']);
  await n.finalize();
  await n.watched();
  await n.scan();
  expect(await drive(n, id, 'final')).toMatchObject({ plans: [{ number: 1 }] });
}, 60_000);
