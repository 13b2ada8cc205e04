/** A taken custody has a plan recorded that spends what is on no chain: it is no verdict while a coin may be on its way, and no delay after. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LTC } from '@kuramori/core';
import { planPayments } from '@kuramori/chains/bitcoin/codec';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import { operator, requestFor } from '../core/testing/house.ts';
import { brought, means, must } from '../signers/testing/bitcoin.ts';
import { freezeOf } from '../signers/testing/desk.ts';
import {
  alice,
  hot,
  litecoin,
  ltc,
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
  beforeAll(async () => {
    chain = await litecoin();
  }, 60_000);
  afterAll(() => chain[Symbol.asyncDispose]());
  beforeEach(async () => {
    const from = await chain.cleared();
    coins = await chain.fund(1);
    w = await watch(chain, from);
    await w.seeing();
  }, 60_000);
  afterEach(() => w[Symbol.asyncDispose]());

  const request = () =>
    requestFor({ to: alice, units: ltc(4), asset: LTC, feeCap: ltc(0.01), at: w.l.clock.ms });
  const planFor = (some: Parameters<typeof means>[0], change = 3) =>
    must(
      planPayments({ ...means(some), wallet: hot, change, payments: [{ address: alice, units: ltc(4) }] }),
    );

  it('refused as not seen, then for good; and what the signer records after it goes on', async () => {
    const made = brought(ltc(30));
    const record = await w.recorded(planFor(made.coins), 'signer-3', [request()], [made.previous]);
    expect(await w.l.tower().countersign(record)).toMatchObject({
      kind: 'refused',
      why: 'blind',
      detail: expect.stringContaining('was not seen here') as string,
    });
    const paid = w.paid(coins, [{ address: alice, units: ltc(4) }]);
    await expect(paid).rejects.toThrow(/gap|blind/);
    w.l.clock.ms += 31_000;
    expect(await w.l.tower().countersign(record)).toMatchObject({
      kind: 'refused',
      why: 'judged',
      detail: expect.stringContaining('was not seen here') as string,
    });
    expect((await w.paid(coins, [{ address: alice, units: ltc(5) }])).id).toMatch(/^[0-9a-f]{64}$/);
  }, 60_000);

  it('frozen, nothing waits for such a coin: what goes home must not stand behind it', async () => {
    const made = brought(ltc(30));
    const record = await w.recorded(planFor(made.coins), 'signer-3', [request()], [made.previous]);
    expect(w.l.tower().freeze(freezeOf(operator))).toEqual({ kind: 'done' });
    expect(await w.l.tower().countersign(record)).toMatchObject({ kind: 'refused', why: 'judged' });
  }, 60_000);

  it('nor where change goes beyond what anybody looks at: it would be lost to us', async () => {
    const [coin] = coins;
    if (!coin) throw new Error('a coin');
    const record = await w.recorded(planFor([coin], 5_000), 'signer-3', [request()], [coin.previous]);
    w.l.clock.ms += 31_000;
    expect(await w.l.tower().countersign(record)).toMatchObject({
      why: 'judged',
      detail: expect.stringContaining('change goes to index 5000') as string,
    });
  }, 60_000);

  it('what our own payment gives back is known while it only waits, and may be spent', async () => {
    const first = await w.paid(coins, [{ address: alice, units: ltc(4) }]);
    await chain.send(first.hex);
    await until('it to be seen', () => {
      const became = w.l.tower().fate({ wallet: hot.id, plan: first.planned.plan });
      return became.kind === 'fate' && became.fate === 'pending';
    });
    const { change } = first.planned;
    if (!change) throw new Error('change');
    const next = { ...change, previous: first.hex };
    const second = await w.paid([next], [{ address: alice, units: ltc(6) }], { change: 4 });
    await chain.send(second.hex);
    await chain.mine(1);
    await chain.agreed();
    await w.seeing();
    expect(await chain.confirmations(second.id)).toBe(1);
    expect(w.l.tower().status().frozen).toBe(null);
  }, 60_000);
});
