/** Most of the Safe is promised to a recipient that takes nothing: the next payment takes its number, and its coins; and none is promised twice. */
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
  n = await openEthereum();
  await deposit('alice', 6);
  await tendTreasury(n.t.house);
  await booked();
  // Stands at bob's address.
  await deposit('bob', 5);
}, 120_000);
afterAll(() => n[Symbol.asyncDispose]());

async function booked(): Promise<void> {
  await n.finalize();
  await n.watched();
  expect(await n.scan()).toMatchObject({ stopped: null });
}
async function deposit(customer: string, coins: number): Promise<void> {
  const { body } = await n.t.ask({ path: '/v1/customers', body: { customer, asset: ETH } });
  await n.scene.chain.send(String(body['address']) as Hex, '0x', ether(coins));
  await booked();
}
async function withdraw(customer: string, coins: number, to: string): Promise<string> {
  const body = {
    customer,
    asset: ETH,
    amount: ether(coins).toString(),
    destination: { address: to, memo: '' },
    feeCap: '0',
  };
  return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
}

it('of two with one number the Safe pays one, so the second needs no coins beside the first’s', async () => {
  const refusing = checksummed(n.scene.safes.guard.slice(2).toLowerCase());
  const stuck = await withdraw('alice', 4, refusing);
  await drive(n, stuck, 'signed');
  for (let tries = 0; tries < 4; tries += 1) {
    await advance(n.t.house, stuck);
    await n.t.database.admin.query('update custody.announcement set at = at - 70000');
  }
  expect((await show(n, stuck)).waiting).toMatch(/would-fail/);
  const next = await withdraw('bob', 4.5, stranger);
  await drive(n, next, 'sent');
  expect(await n.coins(stranger)).toBe(ether(4.5));

  // In a booked block, and not yet in the books as paid: its coins are gone all the same.
  await booked();
  await advance(n.t.house, stuck);
  expect(await show(n, stuck)).toMatchObject({ state: 'expired' });
  const late = await withdraw('alice', 2, stranger);
  for (let steps = 0; steps < 4; steps += 1) await advance(n.t.house, late);
  expect(await show(n, late)).toMatchObject({ state: 'screened' });
  expect((await show(n, late)).waiting).toMatch(
    /^coins of the wallet: 1500000000000000000 are in the Safe and free/,
  );
  await drive(n, next, 'final');
}, 90_000);
