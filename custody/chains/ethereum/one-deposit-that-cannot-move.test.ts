/** A customer's deposit cannot be sent on (the token has frozen the address, or answers false): it holds up nobody else's. */
import { ETH } from '@kuramori/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ether, openEthereumGround, type EthereumGround, type Hex } from '../../testing/ethereum.ts';
import { tendTreasury } from '../../treasury.ts';

let n: EthereumGround;
beforeAll(async () => {
  n = await openEthereumGround({ tokens: ['FalseToken'] });
}, 60_000);
afterAll(() => n[Symbol.asyncDispose]());

async function placeOf(customer: string): Promise<Hex> {
  const { body } = await n.t.ask({ path: '/v1/customers', body: { customer, asset: ETH } });
  return String(body['address']) as Hex;
}

it('the richest of all does not move: the others go on without it, and it is not asked for again at each look', async () => {
  const [token] = n.tokens;
  if (!token) throw new Error('a token');
  const alice = await placeOf('alice');
  const others = [await placeOf('bob'), await placeOf('carol'), await placeOf('dan')];
  // A thousand times what is worth it, and the coins twice.
  await n.scene.sends(token.at, 'mint', [alice, 1_000_000n]);
  for (const at of others) await n.scene.chain.send(at, '0x', ether(0.02));
  await n.finalize();
  expect(await n.scan()).toMatchObject({ stopped: null });
  await tendTreasury(n.t.house);
  for (const at of others) expect(await n.coins(at)).toBe(0n);
  expect(await n.units(token, alice)).toBe(1_000_000n);
  const { rows } = await n.t.database.admin.query(
    'select from custody.standing where address = $1 and asked_at is null',
    [alice],
  );
  expect(rows).toEqual([]);
}, 60_000);
