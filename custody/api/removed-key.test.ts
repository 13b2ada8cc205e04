/** A key is removed from the policy while what it asked for still waits: nobody pays it, and the money is the customer's again. */
import { generateSigningKey } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyOf } from '../../core/testing/house.ts';
import { api } from './answer.ts';
import { send, signed } from '../testing/exchange.ts';
import { changed, idleScans, xem } from '../testing/house.ts';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { balanceOf, drive } from '../testing/withdrawals.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '100');
});
afterAll(() => n[Symbol.asyncDispose]());

const stolen = generateSigningKey();

/** Asks custody as it was before the removal: with this key more than everybody's policy has now. */
async function askBefore(more: Parameters<typeof keyOf>[2]): Promise<string> {
  const { house } = n.t;
  const [exchange] = house.policy.exchanges;
  if (!exchange) throw new Error('the test policy has an exchange');
  const keys = [...exchange.keys, keyOf('stolen', stolen.publicKey, more)];
  const before = api(changed(house, { exchange: { ...exchange, keys } }), idleScans);
  const destination = { address: n.people.treasury.address, memo: '' };
  const body = { customer: 'alice', asset: 'nem:xem', amount: xem('10'), destination, feeCap: xem('1') };
  const created = Math.floor(n.t.clock.ms / 1000);
  const answer = await send(
    before,
    signed({ path: '/v1/withdrawals', body, created, keyId: 'stolen' }, stolen),
  );
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['id']);
}

test('queued when its key is removed: refused by each co-signer itself, and given back', async () => {
  const id = await askBefore({});
  expect(await balanceOf(n, 'alice')).toMatchObject({ held: xem('11') });
  const shown = await drive(n, id, 'refused');
  expect(shown.why).toMatch(/signer-[12]: authority-key-unknown: no exchange key is called stolen/);
  expect(shown.transaction === null || shown.announcements.length === 0).toBe(true);
  expect(await balanceOf(n, 'alice')).toMatchObject({ held: '0', available: xem('100') });
});
