/** What two co-signers sign is what a node takes, mines and will not take twice; a replacement takes the first one's place. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LTC } from '@kuramori/core';
import {
  combine,
  planReplacement,
  readTransaction,
  type Coin,
  type Payment,
  type Planned,
} from '@kuramori/chains/bitcoin/codec';
import {
  hasLitecoind,
  litecoinds,
  type Litecoind,
  type Litecoinds,
} from '../chains/bitcoin/testing/litecoind.ts';
import { addressOf, asked, cold, hot, keyOf, means, must, planned } from './testing/bitcoin.ts';
import { counter, ruleOf, type Counter } from './testing/counter.ts';

const ltc = (text: number) => BigInt(text * 100_000_000);
const [alice, bob, miner] = ['alice', 'bob', 'miner'].map(addressOf) as [string, string, string];

describe.skipIf(!hasLitecoind())('a node of the network (litecoind)', () => {
  let house: Litecoinds;
  let node: Litecoind;
  let other: Litecoind;
  /** Of blocks that pay the hot wallet, each with the transaction that brought it. */
  const coins: { readonly coin: Coin; readonly previous: string }[] = [];

  beforeAll(async () => {
    house = await litecoinds();
    [node, other] = house.nodes;
    const blocks = (await node.call('generatetoaddress', 3, hot.address)) as readonly string[];
    await node.call('generatetoaddress', 100, miner);
    for (const hash of blocks) {
      const { tx } = (await node.call('getblock', hash, 2)) as {
        tx: readonly { txid: string; hex: string }[];
      };
      const [coinbase] = tx;
      const [output] = readTransaction(coinbase?.hex ?? '')?.outputs ?? [];
      if (!coinbase || !output) throw new Error('a block without its reward');
      coins.push({
        coin: { txid: coinbase.txid, vout: 0, units: output.units, branch: 0, index: 0 },
        previous: coinbase.hex,
      });
    }
  }, 60_000);
  afterAll(() => house[Symbol.asyncDispose]());

  let c: Counter | undefined;
  afterEach(() => c?.[Symbol.dispose]());
  const open = () =>
    (c = counter({
      hot,
      cold,
      assets: [LTC],
      keys: () => [keyOf('c1'), keyOf('c2')],
      balance: ltc(150),
      rule: ruleOf(ltc),
    }));

  /** The whole transaction, signed by both. */
  function signed(here: Counter, plan: Planned, requests: Parameters<Counter['ask']>[2]): string {
    const previous = coins
      .filter(({ coin }) => plan.inputs.some(({ txid }) => txid === coin.txid))
      .map((one) => one.previous);
    const signatures = new Map(
      ([1, 2] as const).map((which) => {
        const signature = here.signed(which, here.ask(which, asked(plan, which), requests), previous);
        if (typeof signature !== 'string') throw new Error(`${signature.why}: ${signature.detail}`);
        return [hot.cosigners[which - 1]?.publicKey ?? '', signature] as const;
      }),
    );
    const combined = combine(hot, plan.plan, signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    return combined.transaction;
  }
  const at = (index: number): readonly Coin[] => coins.slice(index, index + 1).map(({ coin }) => coin);
  const requestsFor = (here: Counter, payments: readonly Payment[]) =>
    payments.map(({ address, units }) => here.request({ to: address, units }));
  const confirmations = async (id: string) =>
    ((await node.call('getrawtransaction', id, true)) as { confirmations?: number }).confirmations ?? 0;

  it('takes a payment to two customers, mines it, and takes it no second time', async () => {
    const here = open();
    const payments = [
      { address: alice, units: ltc(4) },
      { address: bob, units: ltc(6) },
    ];
    const plan = planned(at(0), payments);
    const transaction = signed(here, plan, requestsFor(here, payments));
    expect(await node.call('sendrawtransaction', transaction)).toBe(plan.id);
    await node.call('generatetoaddress', 1, miner);
    expect(await confirmations(plan.id)).toBe(1);
    await expect(node.call('sendrawtransaction', transaction)).rejects.toThrow(/already|in block chain/);
  });

  it('takes the replacement in the place of the first, and never both', async () => {
    const here = open();
    const payments = [{ address: alice, units: ltc(5) }];
    const requests = requestsFor(here, payments);
    const first = planned(at(1), payments, 2_000n);
    await node.call('sendrawtransaction', signed(here, first, requests));
    const second = must(
      planReplacement({ ...means(at(2), 60_000n), first: first.plan, replacedFees: first.fees, payments }),
    );
    await node.call('sendrawtransaction', signed(here, second, requests));
    expect(await node.call('getrawmempool')).toEqual([second.id]);
    await node.call('generatetoaddress', 1, miner);
    expect(await confirmations(second.id)).toBe(1);
    await expect(other.call('getrawtransaction', first.id)).rejects.toThrow();
  });
});
