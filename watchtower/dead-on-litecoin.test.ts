/** On Litecoin a plan is dead once a conflicting spend is deep, in every node's blocks, and no longer where the chain takes that back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bytesDigest, type SignedFact } from '@kuramori/core';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import {
  alice,
  hot,
  litecoin,
  ltc,
  until,
  watch,
  type Chain,
  type Paid,
  type Proven,
  type Watch,
} from './testing/litecoin.ts';

const deadDepth = 3;

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  let chain: Chain;
  let w: Watch;
  let coins: readonly Proven[];
  let from: number;
  let first: Paid;
  let second: Paid;
  beforeAll(async () => {
    chain = await litecoin();
  }, 60_000);
  afterAll(() => chain[Symbol.asyncDispose]());
  beforeEach(async () => {
    from = await chain.cleared();
    coins = await chain.fund(2);
    w = await watch(chain, from, { eye: { deadDepth } });
    await w.seeing();
    first = await w.paid(coins.slice(0, 1), [{ address: alice, units: ltc(4) }], { feeRate: 2_000n });
    second = await w.replaced(first, 60_000n);
  }, 60_000);
  afterEach(() => w[Symbol.asyncDispose]());

  const fate = ({ planned }: Paid) => w.l.tower().fate({ wallet: hot.id, plan: planned.plan });
  const dead = async (...plans: readonly Paid[]): Promise<SignedFact['fact']['dead']> => {
    const asked = {
      wallet: hot.id,
      nonces: ['0'.repeat(32)],
      plans: plans.map(({ planned }) => planned.plan),
    };
    const fact = await w.l.tower().fact(asked);
    if (fact.kind !== 'fact') throw new Error(fact.detail);
    return fact.fact.fact.dead;
  };
  const mined = async (blocks: number) => {
    const made = await chain.mine(blocks);
    await chain.agreed();
    await w.seeing();
    return made;
  };
  const tellsAll = async () => ({
    dead: await dead(first, second),
    first: fate(first),
    second: fate(second),
  });
  const alive = { kind: 'fate', fate: 'unseen', height: null };

  it('not while the conflicting spend waits, nor before so many blocks stand on it; and by its block', async () => {
    expect(await tellsAll()).toEqual({ dead: [], first: alive, second: alive });
    await chain.send(second.hex);
    await until('it to wait', () => JSON.stringify(fate(second)).includes('pending'));
    expect(await dead(first, second)).toEqual([]);
    const [block] = await mined(1);
    const height = await chain.height();
    for (let on = 1; on < deadDepth; on += 1) {
      await mined(1);
      expect(await dead(first, second), `with ${on} blocks on it`).toEqual([]);
      expect(fate(first)).toEqual(alive);
    }
    await mined(1);
    const proof = { plan: bytesDigest(first.planned.plan), proof: { height, hash: block } };
    expect(await dead(first, second)).toEqual([proof]);
    expect(fate(first)).toMatchObject({ fate: 'dead' });
    expect(fate(second)).toMatchObject({ fate: 'confirmed', height });
  }, 60_000);

  it('no more once the chain takes it back, at whichever block; and again on the other branch, by another block', async () => {
    await chain.send(second.hex);
    const blocks = await mined(deadDepth + 1);
    expect(await dead(first)).toHaveLength(1);
    for (const at of [deadDepth, 1, 0]) {
      for (const node of chain.nodes) await node.call('invalidateblock', blocks[at]);
      await until(
        'the tip to be gone',
        async () => {
          const { blind, nodes } = w.sees();
          const height = await chain.height();
          return blind === null && nodes.every((node) => node.height === height);
        },
        20_000,
      );
      expect(await dead(first), `without block ${at}`).toEqual([]);
      expect(fate(second)).toMatchObject({ fate: at > 0 ? 'confirmed' : 'pending' });
      if (at === 0) break;
      for (const node of chain.nodes) await node.call('reconsiderblock', blocks[at]);
      await chain.agreed();
      await w.seeing();
      expect(await dead(first)).toHaveLength(1);
    }
    // Both pools have it still, or again: a new branch mines it in other blocks.
    const [block] = await mined(deadDepth + 1);
    await until('it to be dead again', async () => (await dead(first)).length === 1);
    expect((await dead(first))[0]?.proof.hash).toBe(block);
    expect(w.l.tower().status().frozen).toBe(null);
  }, 60_000);

  it('nothing of it is lost where even the block is rewritten after which looking began', async () => {
    const held = async () => {
      const asked = { wallet: hot.id, nonces: ['0'.repeat(32)], plans: [] };
      const fact = await w.l.tower().fact(asked);
      return fact.kind === 'fact' ? fact.fact.fact.balance.units : -1n;
    };
    expect(await held()).toBe(ltc(80));
    const hash = await chain.nodes[0].call('getblockhash', from);
    for (const node of chain.nodes) await node.call('invalidateblock', hash);
    // What brought the coins waits again, and comes in a later block than the first, of which nothing is read.
    await chain.nodes[0].call('generateblock', alice, []);
    await mined(3);
    expect(await held()).toBe(ltc(80));
    await chain.send(second.hex);
    await mined(deadDepth + 1);
    expect(await dead(first)).toHaveLength(1);
  }, 60_000);

  it('a record of another plan for the intent is countersigned only over a dead one, or one that it conflicts with', async () => {
    const other = { ...first, coins: coins.slice(1, 2) };
    await expect(w.paidAgain(other, 20_000n)).rejects.toThrow(/paid-by-another-transaction/);
    await chain.send(second.hex);
    await mined(deadDepth + 1);
    // The second paid, and stands: nothing may pay once more.
    await expect(w.paidAgain(other, 30_000n)).rejects.toThrow(/paid-by-another-transaction/);
  }, 60_000);

  it('stopped in the middle, and started anew: what is dead is read off the blocks again, and nothing is an alarm', async () => {
    await chain.send(second.hex);
    await mined(deadDepth);
    expect(await dead(first)).toEqual([]);
    await w.l.stopTower();
    await chain.mine(1);
    await chain.agreed();
    await w.l.startTower();
    await w.seeing();
    expect(await dead(first)).toHaveLength(1);
    expect(w.l.incident()).toEqual([]);
  }, 60_000);
});
