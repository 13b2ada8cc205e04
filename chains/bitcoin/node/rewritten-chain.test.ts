import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressAt } from '../codec/index.ts';
import { hasLitecoind, type Litecoind } from '../testing/litecoind.ts';
import { lookerAt, made, must, scene, type Looker, type Scene } from '../testing/scene.ts';

/** Coinbases in this devnet. */
const reward = 5_000_000_000n;

describe.skipIf(!hasLitecoind())('a chain that is rewritten (litecoind)', () => {
  let s: Scene;
  let node: Litecoind;
  let other: Litecoind;
  let l: Looker;
  const balance = (looker = l) => looker.holdings.balance('hot', looker.holdings.tip()?.height ?? 0);
  const coinsOf = (wallet = 'hot') => l.holdings.coins(wallet);
  const spendable = (confirmations = 1) =>
    l.holdings.spendable('hot', { confirmations, unconfirmedChange: false });
  const best = async (from = node) => (await from.call('getbestblockhash')) as string;
  const at = async (height: number) => (await node.call('getblockhash', height)) as string;
  const payTo = (branch: 0 | 1, index: number) => addressAt(s.hot.wallet, s.hot.network, branch, index);

  beforeAll(async () => {
    s = await scene();
    [node, other] = s.nodes;
    l = lookerAt(node.endpoint, s);
    await s.mine(1, payTo(0, 0));
    await s.mine(1, payTo(0, 1));
    await s.mine(1, s.cold.wallet.address);
    await s.mine(101);
    await s.agreed();
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());

  it('has first brought what it brought', async () => {
    expect(l.holdings.tip()).toEqual({ height: 104, hash: await best() });
    expect(balance()).toBe(2n * reward);
    expect(l.holdings.balance('hot', 1)).toBe(reward);
    expect(l.holdings.balance('hot', 0)).toBe(0n);
    expect(l.holdings.balance('hot', 105)).toBe(undefined);
    expect(coinsOf('cold').map(({ units, height, origin }) => [units, height, origin])).toEqual([
      [reward, 3, 'coinbase'],
    ]);
    expect(must(await l.client.served())).toEqual({ chain: 'regtest', genesis: await at(0) });
  });

  it('a block that is replaced before anybody has looked at it was never there', async () => {
    await s.mine(1, payTo(0, 2));
    await node.call('invalidateblock', await best());
    await s.mine(2);
    await l.look();
    expect(balance()).toBe(2n * reward);
    expect(coinsOf().length).toBe(2);
  });

  it('a block that is replaced after it was seen takes its coin along', async () => {
    await s.mine(1, payTo(0, 2));
    await l.look();
    expect(balance()).toBe(3n * reward);
    await node.call('invalidateblock', await best());
    await s.mine(2);
    await l.look();
    expect(balance()).toBe(2n * reward);
    expect(coinsOf().map(({ height }) => height)).toEqual([1, 2]);
  });

  it('a chain that is shorter for a while is followed back', async () => {
    await s.mine(1, payTo(0, 2));
    await s.mine(1);
    await l.look();
    const tip = l.holdings.tip();
    await node.call('invalidateblock', await at((tip?.height ?? 0) - 1));
    await l.look();
    expect(l.holdings.tip()?.height).toBe((tip?.height ?? 0) - 2);
    expect(balance()).toBe(2n * reward);
    await node.call('reconsiderblock', await best());
    await node.call('reconsiderblock', tip?.hash);
    await l.look();
    expect(l.holdings.tip()).toEqual(tip);
    expect(balance()).toBe(3n * reward);
    await node.call('invalidateblock', await at((tip?.height ?? 0) - 1));
    await s.mine(3);
    await l.look();
    expect(balance()).toBe(2n * reward);
  });

  it('arrival and spend in the replaced blocks: both are undone, and both come again', async () => {
    const [coin] = spendable();
    if (!coin) throw new Error('nothing to spend');
    const arrives = made(s.hot, [{ address: payTo(0, 5), units: reward / 2n }], { coins: [coin], change: 3 });
    const before = balance();
    await node.call('sendrawtransaction', arrives.hex);
    await s.mine(1);
    await l.look();
    const received = coinsOf().find(({ txid, index }) => txid === arrives.id && index === 5);
    if (!received) throw new Error('not received');
    const spends = made(s.hot, [{ address: s.stranger, units: reward / 4n }], {
      coins: [received],
      change: 4,
    });
    await node.call('sendrawtransaction', spends.hex);
    await s.mine(1);
    await l.look();
    const after = (before ?? 0n) - arrives.planned.fees - spends.planned.fees - reward / 4n;
    expect(balance()).toBe(after);
    const height = l.holdings.tip()?.height ?? 0;
    expect(l.holdings.balance('hot', height - 2)).toBe(before);
    expect(l.holdings.balance('hot', height - 1)).toBe((before ?? 0n) - arrives.planned.fees);

    // Emptied blocks take their place; both wait again.
    await node.call('invalidateblock', await at(height - 1));
    await s.block([]);
    await s.block([]);
    await s.block([]);
    const waiting = await l.look();
    expect(waiting.seen.map(({ id }) => id).sort()).toEqual([arrives.id, spends.id].sort());
    expect(balance()).toBe(before);
    expect(coinsOf().find(({ txid }) => txid === coin.txid)?.spentBy).toBe(arrives.id);
    expect(spendable().map(({ txid }) => txid)).not.toContain(coin.txid);
    // In one block this time.
    await s.mine(1);
    await l.look();
    expect(balance()).toBe(after);
    expect(coinsOf().every(({ height: brought }) => brought !== null)).toBe(true);
  });

  it('a block whose spend is undone for good gives the coin back', async () => {
    await l.look();
    const [coin] = spendable();
    if (!coin) throw new Error('nothing to spend');
    const before = balance();
    const pays = made(s.hot, [{ address: s.stranger, units: coin.units / 3n }], { coins: [coin], change: 6 });
    const instead = made(s.hot, [{ address: s.stranger, units: coin.units / 5n }], {
      coins: [coin],
      change: 7,
    });
    const plan = { ids: [pays.id], spends: [`${coin.txid}:${coin.vout}`] };
    const rival = { ...plan, ids: [instead.id] };
    await node.call('sendrawtransaction', pays.hex);
    await s.mine(1);
    await l.look();
    const { height } = l.holdings.tip() ?? { height: 0 };
    const proof = { height, hash: await best() };
    expect(l.holdings.endedBy(rival, 0)).toEqual(proof);
    expect(l.holdings.endedBy(rival, 1)).toBe(undefined);
    await s.mine(2);
    await l.look();
    expect([l.holdings.endedBy(rival, 2), l.holdings.endedBy(rival, 3)]).toEqual([proof, undefined]);
    expect(l.holdings.endedBy(plan, 0)).toBe(undefined);

    // On a longer chain the rival is in a block, which ends the first.
    await node.call('invalidateblock', proof.hash);
    await s.block([instead.hex]);
    await s.mine(4);
    await l.look();
    expect(balance()).toBe((before ?? 0n) - coin.units / 5n - instead.planned.fees);
    expect(l.holdings.endedBy(rival, 0)).toBe(undefined);
    expect(l.holdings.endedBy(plan, 4)).toEqual({ height, hash: await at(height) });
    expect(l.holdings.endedBy(plan, 5)).toBe(undefined);
  });

  it('deeper than blocks are kept: nothing is guessed', async () => {
    const shallow = lookerAt(node.endpoint, s, 3);
    await shallow.look();
    const { height } = shallow.holdings.tip() ?? { height: 0 };
    await node.call('invalidateblock', await at(height - 3));
    await s.mine(5);
    await expect(shallow.look()).rejects.toThrow('deeper than blocks are kept');
    const fresh = lookerAt(node.endpoint, s, 3);
    await fresh.look();
    await l.look();
    expect(fresh.holdings.tip()).toEqual(l.holdings.tip());
    expect(balance(fresh)).toBe(balance());
    expect(fresh.holdings.balance('hot', height - 3)).toBe(undefined);
  });

  it('two nodes apart, each with a payment of the same coin: the longer chain says which', async () => {
    await s.agreed();
    await l.look();
    const [coin] = spendable();
    if (!coin) throw new Error('nothing to spend');
    const second = lookerAt(other.endpoint, s);
    await second.look();
    expect(balance(second)).toBe(balance());
    const before = balance() ?? 0n;
    await s.apart();
    const here = made(s.hot, [{ address: s.stranger, units: coin.units / 3n }], { coins: [coin], change: 8 });
    const there = made(s.hot, [{ address: s.stranger, units: coin.units / 7n }], {
      coins: [coin],
      change: 9,
    });
    expect(must(await l.client.announce(here.hex))).toEqual({ kind: 'accepted' });
    expect(must(await second.client.announce(there.hex))).toEqual({ kind: 'accepted' });
    expect((await l.look()).seen.map(({ id }) => id)).toContain(here.id);
    expect((await second.look()).seen.map(({ id }) => id)).toContain(there.id);
    await s.mine(1);
    await s.mine(2, undefined, other);
    await l.look();
    await second.look();
    expect(balance()).toBe(before - coin.units / 3n - here.planned.fees);
    expect(balance(second)).toBe(before - coin.units / 7n - there.planned.fees);
    const plan = { ids: [here.id], spends: [`${coin.txid}:${coin.vout}`] };
    expect(l.holdings.endedBy(plan, 0)).toBe(undefined);
    await s.together();
    await s.agreed();
    await l.look();
    expect(balance()).toBe(balance(second));
    expect(l.holdings.endedBy(plan, 1)).toEqual(second.holdings.endedBy(plan, 1));
    expect(l.holdings.endedBy(plan, 1)?.hash).toBe(await at((l.holdings.tip()?.height ?? 0) - 1));
  });
});
