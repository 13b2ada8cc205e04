/** Coins that come where no transaction pays them: by a contract, by a contract's end, by the consensus layer; seen by traces, and by balances where there are none. */
import { ETH } from '@kuramori/core';
import { encodeFunctionData, getAddress, type Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customer as stranger } from '../codec/house.testing.ts';
import { ours as contract } from '../testing/house.ts';
import { lookerAt, must, payment, scene, tokenAbi, type Looker, type Scene } from '../testing/scene.ts';

describe.each([true, false])('coins by force (anvil), traces: %s', (traced) => {
  let s: Scene;
  let l: Looker;
  let sender: Hex;
  let caller: Hex;
  let safe: Hex;
  let customers = 0;
  let place: ReturnType<Scene['place']>;
  beforeAll(async () => {
    s = await scene();
    if (!traced) s.liar.lacks.add('debug_traceBlockByHash');
    sender = await s.chain.deploy(contract('Sender'));
    caller = await s.chain.deploy(contract('Caller'));
    safe = getAddress(s.hot.address);
    await s.chain.send(safe, '0x', 1_000n);
    l = lookerAt(s.liar.endpoint.url, s);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());
  beforeEach(() => {
    customers += 1;
    place = s.place(`customer-${customers}`);
    l.ours.know('hot', place.salt);
  });

  async function brought() {
    const known = l.holdings.arrivals().length;
    const [block, ...more] = await l.look();
    if (!block || more.length > 0) throw new Error('one block');
    expect(block.unread).toEqual([]);
    const arrivals = l.holdings.arrivals().slice(known);
    expect(arrivals.every(({ value }) => traced === (value.hash !== null))).toBe(true);
    return arrivals.map(({ value: { address, asset, units } }) => [address, asset, units]);
  }

  it.each(['pay', 'force'] as const)('a contract that %ss', async (name) => {
    await s.sends(sender, name, [place.address], 7n);
    expect(await brought()).toEqual([[place.address, ETH, 7n]]);
    // A Safe's proxy delegates, for which 2,300 gas are too few; nobody is asked at a contract's end.
    expect(await s.sends(sender, name, [safe], 9n)).toBe(name === 'force');
    expect(await brought()).toEqual(name === 'force' ? [[safe, ETH, 9n]] : []);
  });

  it('passed on by a contract; and nothing, where that fails', async () => {
    expect(await s.sends(caller, 'pass', [place.address, '0x'], 13n)).toBe(true);
    expect(await brought()).toEqual([[place.address, ETH, 13n]]);
    const twice = encodeFunctionData({ abi: tokenAbi, functionName: 'pass', args: [place.address, '0x'] });
    expect(await s.sends(caller, 'pass', [caller, twice], 17n)).toBe(true);
    expect(await brought()).toEqual([[place.address, ETH, 17n]]);
    // The guard takes no coins: all fails.
    expect(await s.sends(caller, 'pass', [s.safes.guard, '0x'], 5n)).toBe(false);
    expect(await brought()).toEqual([]);
  });

  it('a payment of ours leaves by what its execution means, and a sweep goes home', async () => {
    await s.chain.send(place.address, '0x', 20n);
    await l.look();
    expect(await s.sweep({ salt: place.salt, token: null })).toBe(true);
    const [swept] = await l.look();
    expect(swept?.unread).toEqual([]);
    expect(swept?.transactions.flatMap(({ unexplained }) => unexplained)).toEqual([]);
    expect(l.holdings.balance(place.address, ETH)).toBe(0n);
    const before = l.holdings.balance(s.hot.address, ETH) ?? 0n;
    const { nonce } = must(await l.client.safe(s.hot, 'latest'));
    const paid = payment(s.hot, { recipient: stranger, units: 100n, nonce });
    await s.chain.send(safe, paid.calldata);
    const [block] = await l.look();
    expect(block?.unread).toEqual([]);
    expect(block?.transactions[0]?.moves).toMatchObject([
      { way: 'out', asset: ETH, units: 100n, other: stranger, address: s.hot.address },
    ]);
    expect(l.holdings.balance(s.hot.address, ETH)).toBe(before - 100n);
  });

  it('from one Safe of ours to the other: gone here, come there', async () => {
    const { nonce } = must(await l.client.safe(s.hot, 'latest'));
    const paid = payment(s.hot, { recipient: s.cold.address, units: 50n, nonce });
    await s.chain.send(safe, paid.calldata);
    const [block] = await l.look();
    const [seen] = block?.transactions ?? [];
    expect(seen?.wallets.toSorted()).toEqual(['cold', 'hot']);
    expect(seen?.moves.map(({ way, wallet, units }) => [way, wallet, units])).toEqual([
      ['out', 'hot', 50n],
      ['in', 'cold', 50n],
    ]);
    expect(block?.unread).toEqual([]);
    expect(l.holdings.balance(s.cold.address, ETH)).toBe(50n);
  });
});
