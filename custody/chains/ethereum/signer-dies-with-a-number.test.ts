/** A co-signer dies after it has recorded a payment and before it signs it: the Safe's number is the next one's after a few minutes. */
import { randomUUID } from 'node:crypto';
import { checksummed } from '@kuramori/chains/ethereum/codec';
import { ETH } from '@kuramori/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ether, openEthereum, type Ethereum, type Hex } from '../../testing/ethereum.ts';
import { done } from '../../testing/exchange.ts';
import { drive, show } from '../../testing/withdrawals.ts';
import { tendTreasury } from '../../treasury.ts';
import { advance } from '../../withdrawal.ts';

let n: Ethereum;
const stranger = checksummed('00000000000000000000000000000000000badf0');
beforeAll(async () => {
  n = await openEthereum({ third: true, poor: true });
  const { body } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice', asset: ETH } });
  await n.scene.chain.send(String(body['address']) as Hex, '0x', ether(5));
  await booked();
  await tendTreasury(n.t.house);
  await booked();
}, 120_000);
afterAll(() => n[Symbol.asyncDispose]());

async function booked(): Promise<void> {
  await n.finalize();
  await n.watched();
  expect(await n.scan()).toMatchObject({ stopped: null });
}
async function withdraw(coins: number): Promise<string> {
  const body = {
    customer: 'alice',
    asset: ETH,
    amount: ether(coins).toString(),
    destination: { address: stranger, memo: '' },
    feeCap: '0',
  };
  return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
}

it('the next is paid, by those who are left and the relayer that can; then the first, anew; each once', async () => {
  const first = await withdraw(1);
  await drive(n, first, 'witnessed');
  await n.silence('signer-1');
  const next = await withdraw(2);
  for (let steps = 0; steps < 4; steps += 1) {
    await advance(n.t.house, first);
    await advance(n.t.house, next);
  }
  expect((await show(n, next)).waiting).toMatch(/^number [0-9]+ of the Safe, with which/);
  // Minutes pass.
  await n.t.database.admin.query(
    'begin; set local session_replication_role = replica; update custody.plan set at = at - 200000; commit',
  );
  const sent = await drive(n, next, 'sent');
  expect(sent.signers.map(({ signer }) => signer).toSorted()).toEqual(['signer-2', 'signer-3']);
  expect(await n.coins(stranger)).toBe(ether(2));
  await booked();
  await drive(n, next, 'final');
  expect(await drive(n, first, 'sent')).toMatchObject({ plans: [{ number: 1 }, { number: 2 }] });
  await booked();
  await drive(n, first, 'final');
  expect(await n.coins(stranger)).toBe(ether(3));
}, 90_000);
