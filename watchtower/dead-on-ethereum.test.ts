/** A Safe's plan is dead once another execution has its number in a block that every node holds for final, and no longer where the chain takes that back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesDigest, type SignedFact } from '@kuramori/core';
import { ethereum, ether, until, watch, type Chain, type Paid, type Watch } from './testing/ethereum.ts';

describe('a Safe, on one node behind two who may lie (anvil)', () => {
  let chain: Chain;
  let w: Watch;
  let first: Paid;
  let second: Paid;
  beforeEach(async () => {
    chain = await ethereum();
    w = await watch(chain, await chain.height());
    await w.seeing();
    await chain.automine(false);
    // Two withdrawals with one number: a custody that plans anew what it thinks is lost.
    first = await w.paid(ether(3), 0n);
    second = await w.paid(ether(4), 0n);
  }, 60_000);
  afterEach(async () => {
    await w[Symbol.asyncDispose]();
    await chain[Symbol.asyncDispose]();
  });

  const fate = ({ planned }: Paid) => w.l.tower().fate({ wallet: chain.hot.id, plan: planned.plan });
  const dead = async (...plans: readonly Paid[]): Promise<SignedFact['fact']['dead']> => {
    const asked = {
      wallet: chain.hot.id,
      nonces: ['0'.repeat(32)],
      plans: plans.map(({ planned }) => planned.plan),
    };
    const fact = await w.l.tower().fact(asked);
    if (fact.kind !== 'fact') throw new Error(fact.detail);
    return fact.fact.fact.dead;
  };
  const mined = async (blocks = 1) => {
    await chain.mine(blocks);
    await w.seeing();
    // What is final is asked once for each block.
    const { rounds } = w.sees();
    await until('two rounds', () => w.sees().rounds > rounds + 3);
  };
  const alive = { kind: 'fate', fate: 'unseen', height: null };
  const blockAt = async (height: number) =>
    (await chain.s.chain.client.getBlock({ blockNumber: BigInt(height) })).hash.slice(2);

  it('not while the other waits, nor in a block that is not final; then by that block', async () => {
    expect(await dead(first, second)).toEqual([]);
    expect([fate(first), fate(second)]).toEqual([alive, alive]);
    await chain.sends(second.calldata);
    await until('it to wait', () => JSON.stringify(fate(second)).includes('pending'));
    expect(await dead(first, second)).toEqual([]);
    await mined();
    const height = await chain.height();
    expect(fate(second)).toEqual({ kind: 'fate', fate: 'confirmed', height });
    expect(fate(first)).toEqual(alive);
    await mined();
    expect(await dead(first, second)).toEqual([]);
    await mined();
    const proof = { height, hash: await blockAt(height) };
    await until('it to be final', async () => (await dead(first)).length > 0);
    expect(await dead(first, second)).toEqual([{ plan: bytesDigest(first.planned.plan), proof }]);
    expect(fate(first)).toEqual({ kind: 'fate', fate: 'dead', height: null });
    expect(fate(second)).toEqual({ kind: 'fate', fate: 'confirmed', height });
  }, 60_000);

  it('the chain takes the block back before it is final: neither is dead, and the first may be executed', async () => {
    await chain.sends(second.calldata);
    await mined();
    expect(fate(second)).toMatchObject({ fate: 'confirmed' });
    await chain.s.anvil('anvil_reorg', 1, []);
    await chain.s.anvil('anvil_dropAllTransactions');
    await until('it to be taken back', async () => JSON.stringify(fate(second)) === JSON.stringify(alive));
    expect([fate(first), await dead(first, second)]).toEqual([alive, []]);
    await chain.sends(first.calldata);
    await mined();
    await mined(3);
    await until('the other to be dead', async () => (await dead(second)).length > 0);
    expect(fate(first)).toMatchObject({ fate: 'confirmed' });
    expect(fate(second)).toMatchObject({ fate: 'dead' });
  }, 60_000);

  it('an execution that fails uses no number up: both live, and its block ends neither', async () => {
    // Too little gas: the whole call reverts, as GS013 and the likes of it do.
    const hash = await chain.sends(second.calldata, chain.hot.address, 60_000n);
    await mined(4);
    expect((await chain.s.chain.client.getTransactionReceipt({ hash: `0x${hash}` })).status).toBe('reverted');
    expect([fate(first), fate(second)]).toEqual([alive, alive]);
    expect(await dead(first, second)).toEqual([]);
    expect(w.l.tower().status().frozen).toBe(null);
    await chain.sends(second.calldata);
    await mined(4);
    await until('the other to be dead', async () => (await dead(first)).length > 0);
  }, 60_000);

  it('not where one node alone holds the block for final', async () => {
    await chain.sends(second.calldata);
    await mined();
    const [, liar] = chain.liars;
    const latest = await chain.s.anvil('eth_getBlockByNumber', 'latest', false);
    liar.lie = (method, params, result) =>
      method === 'eth_getBlockByNumber' && params[0] === 'finalized' ? latest : result;
    await mined();
    expect(await dead(first)).toEqual([]);
    expect(fate(first)).toEqual(alive);
  }, 60_000);

  it('a plan of another Safe, or bytes that are none, is nobody’s here', () => {
    const { plan } = first.planned;
    const other = plan.slice(0, 64) + chain.cold.address.slice(2).toLowerCase() + plan.slice(104);
    for (const bytes of [other, plan.slice(2), ''])
      expect(w.l.tower().fate({ wallet: chain.hot.id, plan: bytes })).toMatchObject({
        kind: 'refused',
        why: 'unknown-plan',
      });
  });
});
