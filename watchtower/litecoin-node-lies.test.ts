/** One node of Litecoin lies, lags, forks, falls silent or serves another chain: this chain alone is blind, and NEM goes on. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import type { Lie } from '../chains/testing/liar.ts';
import {
  hot,
  litecoin,
  ltc,
  until,
  watch,
  alice,
  thief,
  stolen,
  type Chain,
  type Proven,
  type Watch,
} from './testing/litecoin.ts';

const bitcoins = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  let chain: Chain;
  let w: Watch;
  let coins: readonly Proven[];
  beforeAll(async () => {
    chain = await litecoin();
  }, 60_000);
  afterAll(() => chain[Symbol.asyncDispose]());
  beforeEach(async () => {
    for (const liar of chain.liars) liar.lie = null;
    const from = await chain.cleared();
    coins = await chain.fund(1);
    w = await watch(chain, from, {
      silenceMs: 3_000,
      signs: { nodeSilent: { seconds: 1 }, nodeApart: { seconds: 1 } },
    });
    await w.seeing();
  }, 60_000);
  afterEach(() => w[Symbol.asyncDispose]());

  const fact = (wallet: string) => w.l.tower().fact({ wallet, nonces: ['0'.repeat(32)], plans: [] });
  const blind = (why: RegExp) =>
    until(`blindness: ${w.sees().blind}`, async () => why.test(w.sees().blind ?? ''), 20_000);
  /** Litecoin is not seen; NEM is, and a payment on it goes its whole way. */
  async function nemGoesOn(): Promise<void> {
    expect(await fact(hot.id)).toMatchObject({ kind: 'refused', why: 'blind' });
    expect(w.l.sees().blind).toBe(null);
    expect((await fact('hot')).kind).toBe('fact');
    await w.l.pay();
    expect(w.l.tower().status().frozen).toBe(null);
  }
  const honest = async () => {
    chain.liars[1].lie = null;
    await until('it to see again', () => w.sees().blind === null, 20_000);
  };

  it.each<readonly [what: string, why: RegExp, lie: Lie | string]>([
    ['gives no JSON', /answered|JSON|<html>/, '<html>'],
    [
      'serves Bitcoin',
      /tip|block|no end/,
      (method, _params, result) => (method === 'getblockcount' ? 1 : result),
    ],
    [
      'leaves a transaction out of a block',
      /block \d+/,
      (method, _params, result) =>
        method === 'getblock' && typeof result === 'string' ? result.slice(0, -2) : result,
    ],
    [
      'has a pool of bytes that are none',
      /unread|bytes|.+/,
      (method, _params, result) => (method === 'getrawmempool' ? 'nothing' : result),
    ],
  ])(
    'one that %s',
    async (_what, _why, lie) => {
      chain.liars[1].lie = lie;
      await chain.mine(1);
      await chain.agreed();
      await blind(/./);
      expect(w.sees().blind).toContain(chain.liars[1].endpoint.url);
      await nemGoesOn();
      await honest();
      expect((await fact(hot.id)).kind).toBe('fact');
    },
    60_000,
  );

  it('one that serves another chain from the start, by its first block', async () => {
    await w.l.stopTower();
    chain.liars[1].lie = (method, params, result) =>
      method === 'getblockhash' && params[0] === 0 ? bitcoins : result;
    await w.l.startTower();
    await blind(/serves bitcoin devnet .*and not litecoin devnet/);
    await until(
      'it to be told',
      () => w.l.incident().includes('monitoring degraded: a node serves another chain'),
      20_000,
    );
    await until('NEM to be seen', () => w.l.sees().blind === null);
    await nemGoesOn();
  }, 60_000);

  it('two that have lost each other: the tip is nobody’s, until they find each other', async () => {
    const [first, second] = chain.nodes;
    const peers = async (node: typeof first) => Number(await node.call('getconnectioncount'));
    await first.call('setnetworkactive', false);
    await until(
      'them to be apart',
      async () => (await peers(first)) === 0 && (await peers(second)) === 0,
      20_000,
    );
    await chain.mine(2, undefined, first);
    await chain.mine(2, undefined, second);
    await blind(/disagree on block/);
    await nemGoesOn();
    await until(
      'both to be named',
      () => w.l.told().some(({ event }) => event === 'monitoring degraded: a node shows another block'),
      20_000,
    );
    await first.call('setnetworkactive', true);
    await until('them to meet', async () => (await peers(first)) > 0, 20_000);
    await chain.mine(1, undefined, first);
    await chain.agreed();
    await w.seeing();
    expect(await fact(hot.id)).toMatchObject({
      kind: 'fact',
      fact: { fact: { balance: { units: ltc(40) } } },
    });
  }, 60_000);

  it('a payment on its way at a start, whose coin stands in a block still to be read, is silent', async () => {
    const paid = await w.paid(coins, [{ address: alice, units: ltc(4) }]);
    await chain.send(paid.hex);
    await until('it to wait', () => {
      const became = w.l.tower().fate({ wallet: hot.id, plan: paid.planned.plan });
      return became.kind === 'fate' && became.fate === 'pending';
    });
    // Started anew it reads pools before blocks, so it must ask what the coin holds: whose signatures stand there follows from that.
    await w.l.stopTower();
    await w.l.startTower();
    await w.seeing();
    expect(w.l.tower().status().frozen).toBe(null);
    await chain.mine(1);
  }, 60_000);

  it('one that hides the theft which the other shows', async () => {
    chain.liars[1].lie = (method, _params, result) => (method === 'getrawmempool' ? [] : result);
    await chain.send(stolen(coins, [{ address: thief, units: ltc(39) }]).hex);
    await until('the freeze', () => w.l.tower().status().frozen !== null);
    await chain.mine(1);
  }, 60_000);
});
