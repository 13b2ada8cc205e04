/** One node of an EVM chain lies, falls silent or serves another chain: this chain alone is blind, the node is named, and NEM goes on. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Refuses, type Lie } from '../chains/testing/liar.ts';
import { ethereum, ether, until, watch, type Chain, type Watch } from './testing/ethereum.ts';

describe('two nodes, of which one lies (anvil, and somebody in front of it)', () => {
  let chain: Chain;
  let w: Watch;
  beforeAll(async () => {
    chain = await ethereum();
  }, 60_000);
  afterAll(() => chain[Symbol.asyncDispose]());
  beforeEach(async () => {
    for (const liar of chain.liars) liar.lie = null;
    w = await watch(chain, await chain.height(), {
      silenceMs: 3_000,
      signs: { nodeSilent: { seconds: 1 }, nodeApart: { seconds: 1 } },
    });
    await w.seeing();
  }, 60_000);
  afterEach(() => w[Symbol.asyncDispose]());

  const fact = (wallet: string, asset = chain.tokens[0].asset) =>
    w.l.tower().fact({
      wallet,
      ...(wallet === 'hot' ? {} : { asset }),
      nonces: ['0'.repeat(32)],
      plans: [],
    });
  /** Ethereum is not seen; NEM is, and a payment on it goes its whole way. */
  async function nemGoesOn(): Promise<void> {
    expect(await fact(chain.hot.id)).toMatchObject({ kind: 'refused', why: 'blind' });
    await expect(w.paid(ether(1), 0n)).rejects.toThrow('blind');
    expect(w.l.sees().blind).toBe(null);
    expect((await fact('hot')).kind).toBe('fact');
    await w.l.pay();
    expect(w.l.tower().status().frozen).toBe(null);
  }
  const honest = async () => {
    chain.liars[1].lie = null;
    await until('it to see again', () => w.sees().blind === null, 20_000);
    expect((await fact(chain.hot.id)).kind).toBe('fact');
  };

  it.each<readonly [what: string, why: RegExp, lie: Lie | string]>([
    ['gives no JSON', /answered|JSON|unexpected/i, '<html>'],
    [
      'has less coins in a block’s state than there are',
      /hash/,
      (method, _params, result) =>
        method === 'eth_getBlockByNumber' && result !== null
          ? { ...(result as object), stateRoot: `0x${'ab'.repeat(32)}` }
          : result,
    ],
    [
      'leaves an event out of a receipt',
      /receipts/,
      (method, _params, result) =>
        method === 'eth_getBlockReceipts'
          ? (result as readonly object[]).map((one) => ({ ...one, logs: [] }))
          : result,
    ],
    [
      'leaves a transaction out of a block',
      /transactions/,
      (method, params, result) =>
        method === 'eth_getBlockByNumber' && params[1] === true && result !== null
          ? { ...(result as object), transactions: [] }
          : result,
    ],
    [
      'shows no pool',
      /txpool_content/,
      (method, _params, result) =>
        method === 'txpool_content' ? new Refuses({ code: -32_000, message: 'busy' }) : result,
    ],
  ])(
    'one that %s',
    async (_what, why, lie) => {
      chain.liars[1].lie = lie;
      // With something of ours in the block: a covered transaction, whose receipt it bends.
      await chain.s.sends(chain.tokens[0].at, 'mint', [chain.hot.address, 1n]);
      await until(`blindness: ${w.sees().blind}`, () => why.test(w.sees().blind ?? ''), 20_000);
      expect(w.sees().blind).toContain(chain.liars[1].endpoint.url);
      await nemGoesOn();
      await honest();
    },
    60_000,
  );

  it('one that serves another chain from the start, by its number', async () => {
    await w.l.stopTower();
    chain.liars[1].lie = (method, _params, result) => (method === 'eth_chainId' ? '0x1' : result);
    await w.l.startTower();
    await until('blindness', () => /serves chain 1, and not devnet/.test(w.sees().blind ?? ''), 20_000);
    await until(
      'it to be told',
      () => w.l.incident().includes('monitoring degraded: a node serves another chain'),
      20_000,
    );
    await until('NEM to be seen', () => w.l.sees().blind === null);
    await nemGoesOn();
  }, 60_000);

  it('one that makes up a Safe’s owners, guard or coins proves nothing: the other’s proof stands', async () => {
    chain.liars[1].lie = (method, _params, result) =>
      method === 'eth_getProof' ? { ...(result as object), accountProof: [] } : result;
    await chain.s.anvil('anvil_mine', '0x1');
    await until('the new block', async () => {
      const height = await chain.height();
      return w.sees().nodes[0]?.height === height;
    });
    expect(w.l.tower().status().frozen).toBe(null);
    // Its blocks cannot be read without balances that are proven, so it is blind; and never wrong.
    const said = await fact(chain.hot.id);
    if (said.kind === 'fact')
      expect(said.fact.fact.balance.units).toBe(await chain.units(chain.hot.address, chain.tokens[0].asset));
  }, 60_000);

  it('one that lies about a token’s balance: no fact of this token, and the coin’s are stated', async () => {
    chain.liars[1].lie = (method, _params, result) =>
      method === 'eth_call' ? `0x${'f'.repeat(64)}` : result;
    await chain.s.anvil('anvil_mine', '0x1');
    await w.seeing();
    expect(await fact(chain.hot.id)).toMatchObject({
      kind: 'refused',
      why: 'blind',
      detail: expect.stringContaining('do not say alike') as string,
    });
    expect(await w.held(chain.hot.id)).toBe(ether(100));
    expect(w.l.tower().status().frozen).toBe(null);
  }, 60_000);

  it('one that hides a theft from its pool: the other shows it, and that is enough', async () => {
    chain.liars[1].lie = (method, _params, result) =>
      method === 'txpool_content' ? { pending: {}, queued: {} } : result;
    await chain.automine(false);
    await chain.sends(chain.stolen({ units: ether(1), nonce: 0n }).calldata);
    await until('the freeze', () => w.l.tower().status().frozen !== null);
    await chain.automine(true);
  }, 60_000);
});
