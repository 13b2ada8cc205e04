import { ETH } from '@kuramori/core';
import { getAddress, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customer as stranger, made, owners } from '../codec/house.testing.ts';
import { planCancellation } from '../codec/index.ts';
import {
  executionOf,
  lookerAt,
  must,
  payment,
  scene,
  type Looker,
  type Payment,
  type Scene,
  type Token,
} from '../testing/scene.ts';

describe('a chain that is rewritten (anvil_reorg)', () => {
  let s: Scene;
  let l: Looker;
  let token: Token;
  let place: ReturnType<Scene['place']>;
  let safe: Hex;
  let nonce = 0n;

  beforeAll(async () => {
    s = await scene();
    token = await s.token('PlainToken');
    place = s.place('customer');
    safe = getAddress(s.hot.address);
    await s.sends(token.at, 'mint', [safe, 1_000_000n]);
    await s.chain.send(safe, '0x', 1_000_000n);
    l = lookerAt(s.chain.url, s, [token], [place]);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());

  const mine = (blocks: number) => s.anvil('anvil_mine', `0x${blocks.toString(16)}`);
  const reorg = (depth: number) => s.anvil('anvil_reorg', depth, []);
  const arrived = () => l.holdings.arrivals().filter(({ value }) => value.salt !== null);
  function cancelling(): Payment {
    const keys = owners.slice(0, 2).map(({ publicKey }) => publicKey);
    return executionOf(s.hot, made(planCancellation({ wallet: s.hot, network: 'devnet', nonce, keys })));
  }

  it.each([1, 2])('a deposit %i deep: gone with its block, and never final before', async (depth) => {
    const known = arrived().length;
    await s.chain.send(place.address, '0x', 5n);
    if (depth > 1) await mine(depth - 1);
    await l.look();
    expect(arrived().slice(known)).toMatchObject([{ final: false, value: { asset: ETH, units: 5n } }]);
    const before = l.holdings.balance(place.address, ETH);
    await reorg(depth);
    await l.look();
    expect(arrived().length).toBe(known);
    expect(l.holdings.balance(place.address, ETH)).toBe(known === 0 ? undefined : (before ?? 0n) - 5n);
    // It comes again, and stays.
    await s.chain.send(place.address, '0x', 5n);
    await mine(2);
    await l.look();
    expect(arrived().slice(known)).toMatchObject([{ final: true, value: { units: 5n } }]);
  });

  it.each([1, 2])(
    'a payment of ours %i deep: open again, and the same signatures do it again',
    async (depth) => {
      const paid = payment(s.hot, { asset: token.asset, recipient: stranger, units: 10n, nonce });
      expect(l.holdings.fate(paid.planned.plan)).toEqual({ kind: 'open' });
      await s.chain.send(safe, paid.calldata);
      if (depth > 1) await mine(depth - 1);
      await l.look();
      expect(l.holdings.fate(paid.planned.plan)).toMatchObject({ kind: 'done', final: false });
      await reorg(depth);
      await l.look();
      expect(l.holdings.fate(paid.planned.plan)).toEqual({ kind: 'open' });
      expect(must(await l.client.safe(s.hot, 'latest')).nonce).toBe(nonce);
      await s.chain.send(safe, paid.calldata);
      await mine(2);
      await l.look();
      expect(l.holdings.fate(paid.planned.plan)).toMatchObject({ kind: 'done', final: true });
      expect(l.holdings.endedBy(paid.planned.plan)).toBe(undefined);
      nonce += 1n;
    },
  );

  it('a plan is dead only with the final block that used its number up, and not by a branch', async () => {
    const paid = payment(s.hot, { recipient: stranger, units: 10n, nonce });
    const cancelled = cancelling();
    await s.chain.send(safe, cancelled.calldata);
    await l.look();
    expect(l.holdings.fate(paid.planned.plan)).toMatchObject({
      kind: 'passed',
      by: cancelled.hash,
      final: false,
    });
    expect(l.holdings.endedBy(paid.planned.plan)).toBe(undefined);
    await reorg(1);
    await l.look();
    // On the branch that won it is the payment that has the number.
    await s.chain.send(safe, paid.calldata);
    await mine(1);
    await l.look();
    expect(l.holdings.fate(paid.planned.plan)).toMatchObject({ kind: 'done', final: false });
    expect(l.holdings.fate(cancelled.planned.plan)).toMatchObject({ kind: 'passed', final: false });
    expect(l.holdings.endedBy(cancelled.planned.plan)).toBe(undefined);
    await mine(1);
    await l.look();
    const ended = l.holdings.endedBy(cancelled.planned.plan);
    const fate = l.holdings.fate(paid.planned.plan);
    expect(fate).toMatchObject({ kind: 'done', final: true, ...ended });
    expect(l.holdings.endedBy(paid.planned.plan)).toBe(undefined);
    nonce += 1n;
  });

  it('what is final is not taken back: whoever follows stops, and says so', async () => {
    await mine(4);
    await l.look();
    const tip = l.holdings.tip();
    expect(l.holdings.final()?.height).toBe((tip?.height ?? 0) - 2);
    await reorg(4);
    await expect(l.look()).rejects.toThrow('below what is final');
    // Another block of that height is not final here.
    const other = must(await l.client.at('finalized'));
    expect(l.holdings.finalize({ ...other, hash: '00'.repeat(32) })).toBe(false);
    // Who begins anew finds the other chain.
    const anew = lookerAt(s.chain.url, s, [token], [place]);
    await anew.look();
    expect(anew.holdings.tip()?.height).toBe(tip?.height);
    expect(anew.holdings.tip()?.hash).not.toBe(tip?.hash);
    l = anew;
  });

  it('blocks that do not fit are refused, each by name', async () => {
    const height = l.holdings.tip()?.height ?? 0;
    const [block] = must(await l.client.blocksAfter(height - 1));
    if (!block) throw new Error('no block');
    expect(l.holdings.take(block)).toEqual({ kind: 'known' });
    expect(l.holdings.take({ ...block, height: height + 2 })).toEqual({ kind: 'refused', why: 'gap' });
    expect(l.holdings.take({ ...block, height: height + 1 })).toEqual({
      kind: 'refused',
      why: 'other-parent',
    });
    expect(l.holdings.take({ ...block, height: -9 })).toEqual({ kind: 'refused', why: 'deeper-than-kept' });
    const [old] = must(await l.client.blocksAfter(height - 3));
    expect(old && l.holdings.take({ ...old, hash: 'other' })).toEqual({ kind: 'refused', why: 'final' });
    expect(() => l.holdings.fate('00')).toThrow(/plan/);
  });
});
