/** Each chain's coins are held against its own block: books that are right on one chain hide nothing that is wrong on the other. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  LTC,
  signStatement,
  SignedTotals,
  XEM,
  type AssetTotals,
  type Holding,
  type Totals,
} from '@kuramori/core';
import { jsonText } from '@kuramori/program';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import { books } from '../core/testing/house.ts';
import { cold as nemCold, hot as nemHot } from './testing/lookout.ts';
import {
  alice,
  cold,
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
  let from: number;
  let sequence = 100;
  beforeAll(async () => {
    chain = await litecoin();
  }, 60_000);
  afterAll(() => chain[Symbol.asyncDispose]());
  beforeEach(async () => {
    from = await chain.cleared();
    coins = await chain.fund(2);
    w = await watch(chain, from, { books: { silenceMs: 600_000, behindBlocks: 30 } });
    await w.seeing();
    await w.l.harvest();
    await w.seeing();
  }, 60_000);
  afterEach(() => w[Symbol.asyncDispose]());

  const status = () => w.l.tower().status().books;
  const on = (name: 'nem' | 'litecoin') => status().chains.find((one) => one.chain === name);
  const findings = () => status().findings.map((line) => line.split(': ')[0]);

  const held = (
    asset: typeof XEM,
    units: Readonly<Record<string, bigint>>,
    leaving: Holding['leaving'] = [],
  ): AssetTotals => {
    const holdings = Object.entries(units).map(([wallet, each]): Holding => {
      const kind = wallet.startsWith('cold') ? 'cold' : 'hot';
      return { wallet, kind, units: each, leaving: kind === 'hot' ? leaving : [], unsettled: 0n };
    });
    const own = holdings.reduce((sum, one) => sum + one.units, 0n);
    return { asset, claims: 0n, due: 0n, own, holdings };
  };
  const blockOfNem = () => {
    const { height, hash } = w.l.nodes[0].core.chain.last().block;
    return { chain: 'nem' as const, height, hash };
  };
  const blockOfLitecoin = async () => {
    const height = await chain.height();
    const hash = String(await chain.nodes[0].call('getblockhash', height));
    return { chain: 'litecoin' as const, height, hash };
  };
  /** What an honest custody says at the newest blocks, unless something about it is changed. */
  async function say(inHot: bigint, change: Partial<Totals> = {}, leaving: Holding['leaving'] = []) {
    const [nemInHot, nemInCold] = await Promise.all([
      w.l.balance(nemHot.address),
      w.l.balance(nemCold.address),
    ]);
    sequence += 1;
    w.l.clock.ms += 1;
    const totals: Totals = {
      network: w.l.policy.network,
      exchange: 'exchange-1',
      at: w.l.clock.ms,
      sequence,
      blocks: [await blockOfLitecoin(), blockOfNem()],
      assets: [
        held(XEM, { hot: nemInHot, cold: nemInCold }),
        held(LTC, { [hot.id]: inHot, [cold.id]: 0n }, leaving),
      ],
      ...change,
    };
    const signed = { totals, signature: signStatement(books, 'books-totals', totals) };
    expect(w.l.tower().totals(SignedTotals.parse(JSON.parse(jsonText(signed))))).toEqual({ kind: 'done' });
  }
  /** Until the newest blocks of both were compared. */
  const compared = (inHot: bigint, leaving: Holding['leaving'] = []) =>
    until('both to be compared', async () => {
      await say(inHot, {}, leaving);
      return (
        on('nem')?.compared === blockOfNem().height && on('litecoin')?.compared === (await chain.height())
      );
    });

  it('in order on both, block by block, and a payment that is leaving is believed by its transaction', async () => {
    await compared(ltc(80));
    expect(status().findings).toEqual([]);
    const paid = await w.paid(coins.slice(0, 1), [{ address: alice, units: ltc(4) }]);
    await chain.send(paid.hex);
    await chain.mine(1);
    await chain.agreed();
    await w.seeing();
    const units = ltc(4) + paid.planned.fees;
    await compared(ltc(80), [{ transaction: paid.id, units }]);
    expect(status().findings).toEqual([]);
    // One unit more than it took, and it is no explanation.
    await say(ltc(80), {}, [{ transaction: paid.id, units: units + 1n }]);
    expect(findings()).toContain('books and chain apart');
    await compared(ltc(80) - units);
    expect(status().findings).toEqual([]);
  }, 60_000);

  it('one unit more on Litecoin than is there is told as that, and NEM’s are in order', async () => {
    await compared(ltc(80) + 1n);
    expect(status().findings).toEqual([expect.stringContaining(`"wallet":"${hot.id}"`)]);
    expect(findings()).toEqual(['books and chain apart']);
    expect(w.l.tower().status().frozen).toBe(null);
  }, 60_000);

  it('that name no block of a chain are silent about it, whatever they say of the other', async () => {
    await w[Symbol.asyncDispose]();
    w = await watch(chain, from, { books: { silenceMs: 1_500, behindBlocks: 30 } });
    await w.seeing();
    await until('the silence to be told', async () => {
      await say(ltc(80), { blocks: [blockOfNem()] });
      return findings().includes('books are silent');
    });
    expect(status().findings.filter((line) => line.includes('name no block of litecoin'))).toHaveLength(1);
    expect(on('litecoin')?.heard).toBe(null);
    await until('them to be in order', async () => {
      await say(ltc(80));
      return status().findings.length === 0;
    });
  }, 60_000);

  it('coins on a chain that nobody watches are in no wallet', async () => {
    const bitcoins = held('bitcoin:btc' as typeof LTC, { hot: 5n });
    await say(ltc(80), { assets: [bitcoins] });
    expect(findings()).toContain('books hold coins in no wallet');
  }, 60_000);

  it.each([
    ['twice', ['nem', 'nem']],
    ['in another order than that of their names', ['nem', 'litecoin']],
    ['not at all', []],
  ])('chains named %s are not read', async (_how, names) => {
    const totals = {
      network: 'devnet',
      exchange: 'exchange-1',
      at: 1,
      sequence: 1,
      assets: [],
      blocks: names.map((name) => ({ chain: name, height: 1, hash: '0'.repeat(64) })),
    };
    expect(SignedTotals.safeParse({ totals, signature: '0'.repeat(128) }).success).toBe(false);
  });
});
