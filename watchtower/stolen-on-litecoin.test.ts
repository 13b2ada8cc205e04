/** Keys of a wallet on Litecoin are stolen: what no record covers freezes while it only waits, and what is left goes home. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import {
  alice,
  bob,
  cold,
  hot,
  litecoin,
  ltc,
  stolen,
  thief,
  until,
  watch,
  type Chain,
  type Proven,
  type Watch,
} from './testing/litecoin.ts';

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  let chain: Chain;
  let w: Watch;
  let coins: readonly Proven[];
  let from: number;
  beforeAll(async () => {
    chain = await litecoin();
  }, 60_000);
  afterAll(() => chain[Symbol.asyncDispose]());
  beforeEach(async () => {
    from = await chain.height();
    coins = await chain.fund(3);
    w = await watch(chain, from);
    await w.seeing();
  }, 60_000);
  afterEach(() => w[Symbol.asyncDispose]());

  const frozen = () => w.l.tower().status().frozen;
  const sent = () => w.l.told().filter(({ event }) => event === 'evacuation sent');
  const announced = () => w.l.told().filter(({ event }) => event === 'evacuation announced');
  /** What the cold wallet holds in blocks. */
  const inCold = async () => {
    const fact = await w.l
      .tower()
      .fact({ wallet: cold.id, nonces: ['0'.repeat(32)], plans: [], purpose: 'evacuation' });
    if (fact.kind !== 'fact') throw new Error(fact.detail);
    return fact.fact.fact.balance.units;
  };

  it('a payment that both recorded is silent, waiting and in its block; and so is its replacement', async () => {
    const first = await w.paid(coins.slice(0, 1), [
      { address: alice, units: ltc(4) },
      { address: bob, units: ltc(5) },
    ]);
    await chain.send(first.hex);
    await until(
      'it to be seen',
      () => w.l.tower().fate({ wallet: hot.id, plan: first.planned.plan }).kind === 'fate',
    );
    const second = await w.replaced(first, 60_000n);
    await chain.send(second.hex);
    await chain.mine(1);
    await chain.agreed();
    await w.seeing();
    expect(await chain.confirmations(second.id)).toBe(1);
    expect(frozen()).toBe(null);
    expect(w.l.incident()).toEqual([]);
    expect(w.l.tower().fate({ wallet: hot.id, plan: second.planned.plan })).toMatchObject({
      fate: 'confirmed',
    });
  }, 60_000);

  it('both keys take a coin to the thief: frozen while it waits, everything else goes home, and is mined', async () => {
    const theft = stolen(coins.slice(0, 1), [{ address: thief, units: ltc(49) }]);
    const began = performance.now();
    await chain.send(theft.hex);
    await until('the freeze', () => frozen() !== null);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(frozen()?.freeze.why).toBe('a spend of hot-ltc unconfirmed: no record covers it');
    await until('every signer to be frozen', async () => {
      const all = await Promise.all(
        w.l.sockets.values().map((socket) => call(socket, signerRoutes.status, {})),
      );
      return all.every((status) => status.kind === 'status' && status.frozen !== null);
    });
    await until('the evacuation', () => sent().length > 0, 20_000);
    console.log('first', JSON.stringify(announced()), JSON.stringify(sent()), performance.now() - began);
    await chain.mine(1);
    await chain.agreed();
    await until('it to be home', async () => w.sees().blind === null && (await inCold()) > ltc(99), 20_000);
    console.log('cold', await inCold());
    console.log(
      w.l
        .told()
        .map((one) => JSON.stringify(one).slice(0, 300))
        .join('\n'),
    );
  }, 60_000);
});
