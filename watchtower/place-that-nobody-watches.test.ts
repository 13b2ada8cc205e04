/** A customer's address beyond all that blocks tell of: coins that come there are seen, also after a start; and nobody can have us look for ever. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LTC } from '@kuramori/core';
import { addressAt } from '@kuramori/chains/bitcoin/codec';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import { hot, litecoin, policy, watch, type Chain, type Watch } from './testing/litecoin.ts';

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  let chain: Chain;
  let w: Watch;
  beforeAll(async () => {
    chain = await litecoin();
    const from = await chain.height();
    // A gap of 20.
    w = await watch(chain, from);
    await w.seeing();
  }, 60_000);
  afterAll(async () => {
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
  });

  const vouch = (number: number) =>
    w.l.tower().vouch({
      exchange: policy.exchanges[0]?.id ?? '',
      customer: `customer-${number}`,
      number,
      asset: LTC,
    });
  const held = async () => {
    const asked = { wallet: hot.id, nonces: ['0'.repeat(32)], plans: [], purpose: 'evacuation' as const };
    const fact = await w.l.tower().fact(asked);
    return fact.kind === 'fact' ? fact.fact.fact.balance.units : -1n;
  };
  /** A miner's coins: they are there as soon as they are in a block, ripe or not. */
  async function mineTo(index: number): Promise<void> {
    await chain.mine(1, addressAt(hot, 'devnet', 0, index));
    await chain.agreed();
    await w.seeing();
  }

  it('a number far ahead is refused, and costs nothing', () => {
    const began = performance.now();
    for (const number of [21, 1_000_000, 2 ** 31 - 1])
      expect(vouch(number)).toMatchObject({
        kind: 'refused',
        why: 'no-place',
        detail: expect.stringMatching(/nobody here looks beyond/),
      });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('the wallet’s own address is no customer’s', () => {
    expect(vouch(0)).toMatchObject({ kind: 'refused', why: 'no-place' });
  });

  it('one after the other they are vouched for, as far as may be, and paid there they count', async () => {
    for (let number = 1; number <= 50; number += 1)
      expect(vouch(number)).toMatchObject({
        kind: 'vouched',
        voucher: { voucher: { place: { address: addressAt(hot, 'devnet', 0, number), memo: '' } } },
      });
    const before = await held();
    await mineTo(50);
    expect(await held()).toBeGreaterThan(before);
  }, 60_000);

  it('vouched for, and paid only after a start', async () => {
    for (let number = 51; number <= 110; number += 1)
      expect(vouch(number)).toMatchObject({ kind: 'vouched' });
    await w.l.stopTower();
    await w.l.startTower();
    await w.seeing();
    const before = await held();
    await mineTo(110);
    expect(await held()).toBeGreaterThan(before);
  }, 60_000);
});
