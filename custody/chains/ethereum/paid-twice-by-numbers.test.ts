/** Withdrawals on a real EVM chain: paid once, each by a number of the Safe that nothing else has, whatever relayer and chain do meanwhile. */
import { randomUUID } from 'node:crypto';
import { ETH, parseAmount } from '@kuramori/core';
import { inTransaction, verify } from '@kuramori/ledger';
import { getAddress, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ether, openEthereum, type Ethereum } from '../../testing/ethereum.ts';
import { done } from '../../testing/exchange.ts';
import { balanceOf, drive, show } from '../../testing/withdrawals.ts';
import { tendTreasury } from '../../treasury.ts';
import { advance } from '../../withdrawal.ts';

describe('withdrawals on Ethereum (anvil)', () => {
  let n: Ethereum;
  const stranger = getAddress('0x00000000000000000000000000000000000badf0');
  beforeAll(async () => {
    n = await openEthereum();
    const { body } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice', asset: ETH } });
    await n.scene.chain.send(getAddress(String(body['address'])), '0x', ether(20));
    await n.finalize();
    expect(await n.scan()).toMatchObject({ stopped: null });
    await tendTreasury(n.t.house);
    await n.finalize();
    await n.scan();
    expect(await balanceOf(n, 'alice')).toMatchObject({ available: ether(20).toString() });
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  async function withdraw(amount: bigint, to: string = stranger, asset: string = ETH): Promise<string> {
    const body = {
      customer: 'alice',
      asset,
      amount: amount.toString(),
      destination: { address: to, memo: '' },
      feeCap: '0',
    };
    return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
  }
  async function settle(id: string) {
    await n.finalize();
    await n.watched();
    expect(await n.scan()).toMatchObject({ stopped: null });
    return drive(n, id, 'final');
  }

  it('goes the whole way: the stranger gets the amount, the customer pays it and nothing else, the relayer the gas', async () => {
    const before = await n.coins(stranger);
    const id = await withdraw(ether(1));
    const sent = await drive(n, id, 'sent');
    expect(sent.transaction).toMatch(/^[0-9a-f]{64}$/);
    expect(sent.signers).toHaveLength(2);
    const final = await settle(id);
    expect(final.fee).toBe('0');
    expect(await n.coins(stranger)).toBe(before + ether(1));
    expect(await balanceOf(n, 'alice')).toMatchObject({ available: ether(19).toString(), held: '0' });
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
    expect(n.tower.status().frozen).toBeNull();
  }, 60_000);
});
