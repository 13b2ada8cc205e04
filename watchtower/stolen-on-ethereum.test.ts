/** Keys of a Safe are stolen: what no record covers freezes while it only waits, and what is left goes home, coin and tokens. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ETH, relayerRoutes, signerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { serveRoutes } from '@kuramori/program';
import { towers } from '../core/testing/house.ts';
import {
  alice,
  ethereum,
  ether,
  thief,
  until,
  watch,
  type Chain,
  type Hex,
  type Watch,
} from './testing/ethereum.ts';

const gwei = 10n ** 9n;

describe('a Safe, on one node behind two who may lie (anvil)', () => {
  let chain: Chain;
  let w: Watch;
  beforeEach(async () => {
    chain = await ethereum();
    w = await watch(chain, await chain.height());
    await w.seeing();
  }, 60_000);
  afterEach(async () => {
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
  });

  const frozen = () => w.l.tower().status().frozen;
  const sent = () => w.l.told().filter(({ event }) => event === 'evacuation sent');
  const signersFrozen = () =>
    until('every signer to be frozen', async () => {
      const all = await Promise.all(
        w.l.sockets.values().map((socket) => call(socket, signerRoutes.status, {})),
      );
      return all.every((status) => status.kind === 'status' && status.frozen !== null);
    });
  const assets = () => [ETH, ...chain.tokens.map(({ asset }) => asset)];
  const all = (address: string) => Promise.all(assets().map((asset) => chain.units(address, asset)));
  const home = () => all(chain.cold.address);
  /** Blocks no faster than they are seen, until all has left the hot Safe. */
  const emptied = () =>
    until(
      'everything to have left',
      async () => {
        await chain.mine();
        await w.seeing();
        return (await all(chain.hot.address)).every((units) => units === 0n);
      },
      30_000,
    );
  /** Until nothing more was sent home for a second. */
  async function settled(): Promise<void> {
    let before = -1;
    await until(
      'all of ours to be sent',
      async () => {
        const now = sent().length;
        const same = now > 0 && now === before;
        before = now;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return same;
      },
      20_000,
    );
  }

  it('ours, recorded and countersigned by the tower, is no alarm: coins and a token, as they wait and in their blocks', async () => {
    const [token] = chain.tokens;
    const first = await w.paid(ether(3), 0n);
    const second = await w.paid(7n, 1n, { asset: token.asset });
    await chain.automine(false);
    await chain.sends(first.calldata);
    await chain.sends(second.calldata);
    const fate = (plan: string) => w.l.tower().fate({ wallet: chain.hot.id, plan });
    await until('it to wait', () => JSON.stringify(fate(first.planned.plan)).includes('pending'));
    await chain.mine();
    await w.seeing();
    await until('both to be executed', () => JSON.stringify(fate(second.planned.plan)).includes('confirmed'));
    expect(fate(first.planned.plan)).toMatchObject({ fate: 'confirmed', height: await chain.height() });
    expect(await w.held(chain.hot.id)).toBe(ether(97));
    expect(await w.held(chain.hot.id, token.asset)).toBe(993n);
    expect(await chain.units(alice, token.asset)).toBe(7n);
    expect(frozen()).toBe(null);
    expect(w.l.incident()).toEqual([]);
  }, 60_000);

  it('both keys send coins to the thief: frozen while it waits, every signer too, and all is raced home', async () => {
    await chain.automine(false);
    const theft = chain.stolen({ units: ether(60), nonce: 0n });
    const began = performance.now();
    await chain.sends(theft.calldata);
    await until('the freeze', () => frozen() !== null);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(frozen()?.freeze.why).toBe('a payment by hot-eth unconfirmed: no record covers it');
    await signersFrozen();
    await until('four evacuations', () => sent().length === 4, 20_000);
    // What the thief would take is raced with his own number; then the most valuable, as the keepers say.
    expect(sent().map(({ asset }) => asset)).toEqual([
      ETH,
      chain.tokens[1].asset,
      ETH,
      chain.tokens[0].asset,
    ]);
    expect(w.l.told().find(({ event }) => event === 'alarm: frozen')).toMatchObject({
      wallet: chain.hot.id,
      signatureVerifies: true,
      does: { kind: 'safe', pays: [{ to: thief, asset: ETH, units: `${ether(60)}` }] },
    });
    await chain.automine(true);
    await emptied();
    const [coins = 0n, ...tokens] = await home();
    expect(tokens).toEqual([1_000n, 5n]);
    // Whoever was first had the number; what was left after him went home with a later one.
    expect(coins + (await chain.units(thief, ETH))).toBe(ether(100));
    expect(coins).toBeGreaterThanOrEqual(ether(40));
  }, 60_000);

  it('only in a block: what is left is home, planned with the next numbers', async () => {
    const [token] = chain.tokens;
    const theft = chain.stolen({ units: 400n, nonce: 0n, asset: token.asset });
    await chain.sends(theft.calldata);
    await until('the freeze', () => frozen() !== null);
    expect(frozen()?.freeze.why).toMatch(
      /^a payment of a token by hot-eth in block \d+: no record covers it$/,
    );
    await until('three evacuations', () => sent().length === 3, 20_000);
    expect(sent().map(({ asset }) => asset)).toEqual([chain.tokens[1].asset, ETH, token.asset]);
    await until('everything to be home', async () => (await home())[1] === 600n, 20_000);
    expect(await home()).toEqual([ether(100), 600n, 5n]);
  }, 60_000);

  it('outbid-in-every-block: whoever takes each next number is left the least; the most valuable passes behind him', async () => {
    const [token, dear] = chain.tokens;
    await chain.automine(false);
    // Planned again with the same number it is a unit less: no signer signs the same bytes for two intents.
    const isHome = async () => (await chain.units(chain.cold.address, dear.asset)) >= 3n;
    for (let number = 0n, blocks = 0; blocks < 6 && !(await isHome()); blocks += 1) {
      // He waits until ours is there, and pays more for the same number.
      if (blocks > 0)
        await until(
          `ours with number ${number}`,
          () =>
            chain.relayer.journal
              .numbers()
              .some(({ carries }) => carries?.execution?.bound.tx.nonce === number),
          20_000,
        );
      if (blocks > 0) await settled();
      await outbids({ units: 1n, nonce: number, asset: token.asset });
      await chain.mine();
      await w.seeing();
      number = await chain.number();
    }
    expect(await chain.units(thief, token.asset)).toBeGreaterThan(0n);
    expect(await isHome()).toBe(true);
  }, 120_000);

  /** By an account of his own, which pays more for gas than a house lets its relayer pay. */
  async function outbids(theft: Parameters<Chain['stolen']>[0]): Promise<void> {
    const { client, payer: account } = chain.s.chain;
    await client.sendTransaction({
      to: chain.hot.address as Hex,
      account,
      data: chain.stolen(theft).calldata,
      gas: 300_000n,
      maxFeePerGas: 90n * gwei,
      maxPriorityFeePerGas: 20n * gwei,
    });
  }

  it('two-numbers-a-block: outbid at each, for gas and for a token, what he leaves is home in that block, and the rest of the coins behind it', async () => {
    const [token] = chain.tokens;
    await chain.automine(false);
    await outbids({ units: ether(0.5), nonce: 0n });
    await outbids({ units: 1_000n, nonce: 1n, asset: token.asset });
    await settled();
    // Whoever has his two numbers, as much is left; a 32nd part of the coins is, in case that he comes for gas again.
    expect(sent().map(({ asset, units }) => `${String(units)} ${String(asset)}`)).toEqual([
      `${ether(0.5)} ${ETH}`,
      `1000 ${token.asset}`,
      `5 ${chain.tokens[1].asset}`,
      `${ether(99.5 - 3.125)} ${ETH}`,
    ]);
    await chain.mine();
    expect(await all(thief)).toEqual([ether(0.5), 1_000n, 0n]);
    expect(await home()).toEqual([ether(99.5 - 3.125), 0n, 5n]);
    await emptied();
    expect(await home()).toEqual([ether(99.5), 0n, 5n]);
  }, 60_000);

  it('who asks for less than we: raced by the same, for home, so all that stands behind passes as well', async () => {
    await chain.automine(false);
    const data = chain.stolen({ units: ether(0.5), nonce: 0n }).calldata;
    const { client, payer: account } = chain.s.chain;
    const { baseFeePerGas } = await client.getBlock();
    const cheap = { maxFeePerGas: (baseFeePerGas ?? 0n) + 1n, maxPriorityFeePerGas: 1n };
    await client.sendTransaction({ to: chain.hot.address as Hex, account, data, gas: 300_000n, ...cheap });
    await settled();
    await chain.mine();
    expect(await all(thief)).toEqual([0n, 0n, 0n]);
    expect(await home()).toEqual([ether(100 - 3.125), 1_000n, 5n]);
  }, 60_000);

  it('he sees ours and pays more for its number: the most valuable goes home behind him all the same, in the same block', async () => {
    const [, dear] = chain.tokens;
    await chain.automine(false);
    await outbids({ units: ether(0.5), nonce: 0n });
    await until('the most valuable to be sent', () => sent().some(({ asset }) => asset === dear.asset));
    await settled();
    await outbids({ units: ether(0.5), nonce: 1n });
    await until('it to be sent again', () => sent().filter(({ asset }) => asset === dear.asset).length === 2);
    await settled();
    await chain.mine();
    expect(await chain.units(thief, ETH)).toBe(ether(1));
    expect(await chain.units(chain.cold.address, dear.asset)).toBe(5n);
  }, 60_000);

  it('the first relayer is dead, a second one carries; with none left the bytes are told, and anybody sends them', async () => {
    const dead = { socket: `${chain.relayerAt.socket}-of-nobody` };
    const from = (await chain.height()) - 1;
    await w[Symbol.asyncDispose]();
    w = await watch(chain, from, { eye: { relayers: [dead, chain.relayerAt] } });
    await w.seeing();
    await chain.sends(chain.stolen({ units: ether(1), nonce: 0n }).calldata);
    await until('three evacuations', () => sent().length >= 3, 20_000);
    const announced = w.l.told().filter(({ event }) => event === 'evacuation announced');
    // Each is asked of both; what lost its number to a slow machine is announced once more.
    const words = announced.map(({ code }) => String(code).split(' ')[0]);
    expect(words.filter((word) => word === 'unreachable').length).toBeGreaterThanOrEqual(3);
    expect(words.filter((word) => word === 'under-way').length).toBeGreaterThanOrEqual(3);
    await until('it to be home', async () => (await home())[0] === ether(99), 20_000);

    await w[Symbol.asyncDispose]();
    await chain.s.chain.send(chain.hot.address as Hex, '0x', ether(2));
    w = await watch(chain, from, { eye: { relayers: [dead] } });
    await w.seeing();
    const nobody = () => w.l.told().find(({ event }) => event === 'evacuation signed, and nobody carries it');
    await until('somebody to be told', () => nobody() !== undefined, 20_000);
    const told = nobody();
    if (!told) throw new Error('nobody was told');
    const { to, data } = told['anybodyMaySend'] as { to: string; data: Hex };
    const { journals } = w.l;
    const recorded = () => [...journals.values()].reduce((sum, one) => sum + one.history().seq, 0);
    // What is signed is offered again as it is: once all of it is signed, no journal fills while nobody carries it.
    let before = -1;
    await until(
      'nothing more to be recorded',
      async () => {
        before = recorded();
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return recorded() === before;
      },
      20_000,
    );
    await chain.sends(data, to);
    await until('it to be home', async () => (await home())[0] === ether(101), 20_000);
  }, 60_000);

  it('a relayer that is a thief’s says that all is under way, and sends nothing: people are told all the same', async () => {
    const from = await chain.height();
    await w[Symbol.asyncDispose]();
    const at = { socket: `${chain.relayerAt.socket}-of-a-thief` };
    const says = {
      kind: 'under-way' as const,
      nonce: 0,
      transactions: ['ab'.repeat(32)],
      since: 0,
      held: null,
    };
    const { fate, status, sweep } = chain.relayer.relayer;
    const thiefs = await serveRoutes(at, relayerRoutes, { relay: () => says, sweep, fate, status });
    try {
      w = await watch(chain, from, { eye: { relayers: [at], lateSeconds: 1 } });
      await w.seeing();
      await chain.sends(chain.stolen({ units: ether(1), nonce: 0n }).calldata);
      const told = () =>
        w.l.told().filter(({ event }) => event === 'evacuation signed, and nobody carries it');
      await until('all three to be told', () => told().length === 3, 20_000);
      for (const { anybodyMaySend } of told()) {
        const { to, data } = anybodyMaySend as { to: string; data: Hex };
        await chain.sends(data, to);
      }
      await until('it to be home', async () => (await home()).join() === [ether(99), 1_000n, 5n].join());
      expect(told()).toHaveLength(3);
    } finally {
      await thiefs.close();
    }
  }, 60_000);

  it('a token that answers false does not stand before what moves, nor is it tried without end', async () => {
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
    chain = await ethereum({ contracts: ['PlainToken', 'FalseToken'] });
    w = await watch(chain, await chain.height());
    await w.seeing();
    await chain.sends(chain.stolen({ units: ether(1), nonce: 0n }).calldata);
    await until(
      'the others to be home',
      async () => {
        const [coins, plain] = await home();
        return coins === ether(99) && plain === 1_000n;
      },
      20_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(sent().filter(({ asset }) => asset === chain.tokens[1].asset)).toHaveLength(1);
    expect(await all(chain.hot.address)).toEqual([0n, 0n, 5n]);
  }, 60_000);

  it('a payment that is covered and waits is not raced: its customer is owed it, and all else goes behind it', async () => {
    const first = await w.paid(ether(3), 0n);
    await chain.automine(false);
    const { plan } = first.planned;
    const asked = { wallet: chain.hot.id, plan, calldata: first.calldata.slice(2) };
    expect(await chain.relayer.relayer.relay(asked)).toMatchObject({ kind: 'under-way' });
    const { rounds } = w.sees();
    await until('both to have shown it', () => w.sees().rounds > rounds + 2);
    // Number 1 is the thief's: he waits behind our own payment.
    await chain.sends(chain.stolen({ units: ether(60), nonce: 1n }).calldata);
    await until('three evacuations', () => sent().length === 3, 20_000);
    expect(sent()[0]).toMatchObject({ asset: ETH, units: `${ether(60)}` });
    const paidBefore = await chain.units(alice, ETH);
    await chain.automine(true);
    await emptied();
    expect((await chain.units(alice, ETH)) - paidBefore).toBe(ether(3));
    expect((await home()).slice(1)).toEqual([1_000n, 5n]);
  }, 60_000);

  it('unless it is held up: whoever sends it for too little gas must not keep all else from going home', async () => {
    const from = await chain.height();
    await w[Symbol.asyncDispose]();
    w = await watch(chain, from, { eye: { owedSeconds: 1 } });
    await w.seeing();
    const first = await w.paid(ether(3), 0n);
    await chain.automine(false);
    await chain.sends(first.calldata);
    const { rounds } = w.sees();
    await until('both to have shown it', () => w.sees().rounds > rounds + 2);
    await chain.sends(chain.stolen({ units: ether(60), nonce: 1n }).calldata);
    await until(
      'an evacuation with its own number',
      () => chain.relayer.journal.numbers().some(({ carries }) => carries?.execution?.bound.tx.nonce === 0n),
      20_000,
    );
    await chain.automine(true);
    await emptied();
    expect((await home()).slice(1)).toEqual([1_000n, 5n]);
  }, 60_000);

  it('three watchtowers, of which two must agree: coin and tokens go home by the facts of two, once each', async () => {
    const from = await chain.height();
    await w[Symbol.asyncDispose]();
    const keys = towers.map(({ publicKey }) => publicKey);
    const three = { ...chain.policy, watchtowers: { quorum: 2, keys } };
    w = await watch(chain, from, { policy: three, towers: 3 });
    await w.seeing();
    await until('all to see Ethereum', () =>
      [0, 1, 2].every((which) =>
        w.l
          .tower(which)
          .status()
          .chains.every(({ blind }) => blind === null),
      ),
    );
    await chain.sends(chain.stolen({ units: ether(1), nonce: 0n }).calldata);
    await until(
      'everything to be home',
      async () => (await home()).join() === [ether(99), 1_000n, 5n].join(),
      30_000,
    );
    expect(await all(chain.hot.address)).toEqual([0n, 0n, 0n]);
  }, 60_000);

  it('stopped at the alarm and started anew, it goes on: frozen still, and sends home', async () => {
    await chain.automine(false);
    await chain.sends(chain.stolen({ units: ether(60), nonce: 0n }).calldata);
    await until('the first evacuation', () => sent().length > 0, 20_000);
    await w.l.stopTower();
    await chain.mine();
    await chain.automine(true);
    await w.l.startTower();
    expect(frozen()).not.toBe(null);
    await emptied();
    expect((await home()).slice(1)).toEqual([1_000n, 5n]);
  }, 60_000);
});
