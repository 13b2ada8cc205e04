/** Keys of a wallet on Litecoin are stolen: what no record covers freezes while it only waits, and what is left goes home. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import { towers } from '../core/testing/house.ts';
import {
  alice,
  bob,
  cold,
  hot,
  litecoin,
  ltc,
  policy,
  replacedBy,
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
    from = await chain.cleared();
    coins = await chain.fund(3);
    w = await watch(chain, from);
    await w.seeing();
  }, 60_000);
  afterEach(() => w[Symbol.asyncDispose]());

  const frozen = () => w.l.tower().status().frozen;
  const fate = (plan: string) => w.l.tower().fate({ wallet: hot.id, plan });
  const sent = () => w.l.told().filter(({ event }) => event === 'evacuation sent');
  const signersFrozen = () =>
    until('every signer to be frozen', async () => {
      const all = await Promise.all(
        w.l.sockets.values().map((socket) => call(socket, signerRoutes.status, {})),
      );
      return all.every((status) => status.kind === 'status' && status.frozen !== null);
    });
  const held = async (wallet: string) => {
    const asked = { wallet, nonces: ['0'.repeat(32)], plans: [], purpose: 'evacuation' as const };
    const fact = await w.l.tower().fact(asked);
    return fact.kind === 'fact' ? fact.fact.fact.balance.units : -1n;
  };
  const mined = async (blocks = 1) => {
    await chain.mine(blocks);
    await chain.agreed();
    await w.seeing();
  };

  describe('what is ours is no alarm', () => {
    it('a payment that both recorded, its replacement by their records, and its block', async () => {
      const payments = [
        { address: alice, units: ltc(4) },
        { address: bob, units: ltc(5) },
      ];
      const first = await w.paid(coins.slice(0, 1), payments);
      await chain.send(first.hex);
      await until('it to wait at both', () => {
        const became = fate(first.planned.plan);
        return became.kind === 'fate' && became.fate === 'pending';
      });
      const second = await w.replaced(first, 60_000n);
      await chain.send(second.hex);
      await mined();
      expect(await chain.confirmations(second.id)).toBe(1);
      expect(fate(second.planned.plan)).toMatchObject({ fate: 'confirmed' });
      // What it pays has left, and what comes back is change.
      expect(await held(hot.id)).toBe(ltc(120) - ltc(9) - second.planned.fees);
      expect(frozen()).toBe(null);
      expect(w.l.incident()).toEqual([]);
    }, 60_000);
  });

  it('both keys take a coin to the thief: frozen while it waits, all else goes home at once, and is mined', async () => {
    const theft = stolen(coins.slice(0, 1), [{ address: thief, units: ltc(39) }]);
    const began = performance.now();
    await chain.send(theft.hex);
    await until('the freeze', () => frozen() !== null);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(frozen()?.freeze.why).toBe('a spend of hot-ltc unconfirmed: no record covers it');
    await signersFrozen();
    await until('the evacuation', () => sent().length > 0, 20_000);
    // The thief's transaction gives a coin back, which stands and falls with it: that one stays for later.
    expect(sent()[0]).toMatchObject({ wallet: hot.id, asset: 'litecoin:ltc', destination: cold.address });
    expect(BigInt(String(sent()[0]?.['units']))).toBe(ltc(80) - BigInt(String(sent()[0]?.['fees'])));
    await mined();
    await until('it to be home', async () => (await held(cold.id)) > ltc(79.9));
    expect(w.l.told().find(({ event }) => event === 'alarm: frozen')).toMatchObject({
      wallet: hot.id,
      signatureVerifies: true,
      does: {
        kind: 'spend',
        more: 0,
        to: expect.arrayContaining([{ place: thief, units: `${ltc(39)}`, ours: false }]),
      },
    });
  }, 60_000);

  it('the thief takes every coin, and may be replaced: he is outbid, and the coins go home', async () => {
    const theft = stolen(coins, [{ address: thief, units: ltc(119) }], 1_000n);
    await chain.send(theft.hex);
    await until(
      'his transaction to be gone from both nodes',
      async () => {
        const pools = await Promise.all(chain.nodes.map((node) => chain.pool(node)));
        return pools.every((pool) => pool.length > 0 && !pool.includes(theft.id));
      },
      20_000,
    );
    await mined();
    expect(await chain.confirmations(theft.id)).toBe(0);
    await until('it to be home', async () => (await held(cold.id)) > ltc(119.9));
    expect(await held(hot.id)).toBe(0n);
  }, 60_000);

  it('the thief would replace what goes home: no node takes it, whatever he pays', async () => {
    await chain.send(stolen(coins.slice(0, 1), [{ address: thief, units: ltc(39) }]).hex);
    await until('the evacuation', () => sent().length > 0, 20_000);
    const rest = stolen(coins.slice(1), [{ address: thief, units: ltc(79) }], 4_000_000n);
    for (const node of chain.nodes)
      await expect(chain.send(rest.hex, node)).rejects.toThrow('txn-mempool-conflict');
    await mined();
    expect(await held(cold.id)).toBeGreaterThan(ltc(79.9));
  }, 60_000);

  describe('the thief takes every coin, and pays more than the rule lets anything pay', () => {
    const dear = () => stolen(coins, [{ address: thief, units: ltc(119) }], 4_000_000n);
    const withShare = async (shareBps: number) => {
      await w[Symbol.asyncDispose]();
      const rules = policy.rules.map((rule) =>
        rule.wallet === hot.id ? { ...rule, outbid: { shareBps } } : rule,
      );
      w = await watch(chain, from, { policy: { ...policy, rules } });
      await w.seeing();
    };

    it('he is outbid where the policy gives a share of it, by evidence of both keys', async () => {
      await withShare(100);
      const theft = dear();
      expect(theft.planned.fees).toBeGreaterThan(ltc(0.01));
      await chain.send(theft.hex);
      await until('the evacuation', () => sent().length > 0, 20_000);
      await mined();
      expect(await chain.confirmations(theft.id)).toBe(0);
      const fees = BigInt(String(sent()[0]?.['fees']));
      expect(fees).toBeGreaterThan(theft.planned.fees);
      expect(fees).toBeLessThan(ltc(1.2));
      expect(await held(cold.id)).toBe(ltc(120) - fees);
      const [entry] = await w.evacuations();
      expect(entry?.beside).toHaveLength(1);
      expect(entry?.evidence.signer).not.toBe(entry?.beside?.[0]?.signer);
    }, 60_000);

    it('by three watchtowers, of which two must agree: what shows three coins passes between them', async () => {
      await w[Symbol.asyncDispose]();
      const keys = towers.map(({ publicKey }) => publicKey);
      const rules = policy.rules.map((rule) =>
        rule.wallet === hot.id ? { ...rule, outbid: { shareBps: 100 } } : rule,
      );
      const three = { ...policy, rules, watchtowers: { quorum: 2, keys } };
      w = await watch(chain, from, { policy: three, towers: 3 });
      await w.seeing();
      const all = [0, 1, 2].map((which) => () => w.l.tower(which).status().chains);
      await until('all to see Litecoin', () =>
        all.every((see) => see().every(({ blind }) => blind === null)),
      );
      const theft = dear();
      await chain.send(theft.hex);
      const told = () => [0, 1, 2].some((which) => w.l.incident(which).includes('evacuation sent'));
      await until('the evacuation', told, 30_000);
      await mined();
      expect(await chain.confirmations(theft.id)).toBe(0);
      expect(await held(cold.id)).toBeGreaterThan(ltc(118));
    }, 60_000);

    it('he is not where that share is less than he pays; and nothing is asked of the signers', async () => {
      await withShare(1);
      const theft = dear();
      await chain.send(theft.hex);
      await signersFrozen();
      const attempts = () => w.l.tower().status().evacuation?.attempts ?? 0;
      const before = attempts();
      await until('it to have tried', () => attempts() > before + 3);
      expect(await w.evacuations()).toEqual([]);
      await mined();
      expect(await chain.confirmations(theft.id)).toBe(1);
    }, 60_000);
  });

  it('a covered payment replaced by what no record covers', async () => {
    const first = await w.paid(coins.slice(0, 1), [{ address: alice, units: ltc(4) }], { feeRate: 2_000n });
    await chain.send(first.hex);
    const theft = replacedBy(first, [{ address: thief, units: ltc(20) }], 90_000n);
    await chain.send(theft.hex);
    await until('the freeze', () => frozen() !== null);
    await until('the evacuation', () => sent().length > 0, 20_000);
    await mined();
    expect(await held(cold.id)).toBeGreaterThan(ltc(79.9));
  }, 60_000);

  it('so at one node only: what the other still shows of the payment is not built upon', async () => {
    const [first, second] = chain.nodes;
    const paid = await w.paid(coins.slice(0, 1), [{ address: alice, units: ltc(4) }], { feeRate: 2_000n });
    await chain.send(paid.hex);
    await chain.send(paid.hex, second);
    const peers = async (node: typeof first) => Number(await node.call('getconnectioncount'));
    await first.call('setnetworkactive', false);
    await until('them to be apart', async () => (await peers(first)) + (await peers(second)) === 0, 20_000);
    await chain.send(replacedBy(paid, [{ address: thief, units: ltc(20) }], 90_000n).hex);
    await until('the evacuation', () => sent().length > 0, 20_000);
    expect(BigInt(String(sent()[0]?.['units']))).toBeLessThan(ltc(80));
    expect(w.l.told().filter(({ event }) => event === 'evacuation announced')).toMatchObject([
      { code: 'accepted' },
      { code: 'accepted' },
    ]);
    await first.call('setnetworkactive', true);
    await until('them to meet', async () => (await peers(first)) > 0, 20_000);
    await mined();
    expect(await held(cold.id)).toBeGreaterThan(ltc(79.9));
  }, 60_000);

  it('a payment that is covered and waits is not raced: its customer is owed it', async () => {
    const first = await w.paid(coins.slice(0, 1), [{ address: alice, units: ltc(4) }]);
    for (const node of chain.nodes) await chain.send(first.hex, node);
    const { rounds } = w.sees();
    await until('both to have shown it', () => w.sees().rounds > rounds + 2);
    await chain.send(stolen(coins.slice(1, 2), [{ address: thief, units: ltc(39) }]).hex);
    await until('the evacuation', () => sent().length > 0, 20_000);
    await mined();
    expect(await chain.confirmations(first.id)).toBe(1);
    // The third coin, and the change of the payment, which no thief can undo.
    const whole = await held(cold.id);
    expect(whole).toBeGreaterThan(ltc(75.9));
  }, 60_000);

  it('three watchtowers, of which two must agree: each proves the coins by what it saw itself', async () => {
    await w[Symbol.asyncDispose]();
    const keys = towers.map(({ publicKey }) => publicKey);
    const three = { ...policy, watchtowers: { quorum: 2, keys } };
    w = await watch(chain, from, { policy: three, towers: 3 });
    await w.seeing();
    await until('all to see Litecoin', () =>
      [0, 1, 2].every((which) =>
        w.l
          .tower(which)
          .status()
          .chains.every(({ blind }) => blind === null),
      ),
    );
    await chain.send(stolen(coins.slice(0, 1), [{ address: thief, units: ltc(39) }]).hex);
    await until(
      'the evacuation',
      () => [0, 1, 2].some((which) => w.l.incident(which).includes('evacuation sent')),
      30_000,
    );
    await mined();
    expect(await held(cold.id)).toBeGreaterThan(ltc(79.9));
  }, 60_000);

  it('stopped at the alarm and started anew, it goes on: frozen still, and sends home', async () => {
    await chain.send(stolen(coins.slice(0, 1), [{ address: thief, units: ltc(39) }]).hex);
    await until('the freeze', () => frozen() !== null);
    await w.l.stopTower();
    await chain.mine(1);
    await chain.agreed();
    await w.l.startTower();
    expect(frozen()).not.toBe(null);
    await w.seeing();
    await until(
      'all else to be home',
      async () => {
        await chain.mine(1);
        await chain.agreed();
        await w.seeing();
        return (await held(cold.id)) > ltc(79.9);
      },
      30_000,
    );
    expect(await held(hot.id)).toBeLessThan(ltc(2));
  }, 60_000);

  it('only in a block, mined by the thief himself', async () => {
    const theft = stolen(coins.slice(0, 1), [{ address: thief, units: ltc(39) }]);
    await chain.nodes[0].call('generateblock', thief, [theft.hex]);
    await chain.agreed();
    await until('the freeze', () => frozen() !== null);
    expect(frozen()?.freeze.why).toMatch(/^a spend of hot-ltc in block \d+: no record covers it$/);
    await until('the evacuation', () => sent().length > 0, 20_000);
    await mined();
    expect(await held(cold.id)).toBeGreaterThan(ltc(79.9));
  }, 60_000);
});
