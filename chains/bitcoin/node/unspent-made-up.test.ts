/** What a wallet has by a node's chain state alone: what each coin holds and whose it is follows from bytes that its id names. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addressAt } from '../codec/index.ts';
import { liarBefore, type Liar } from '../../testing/liar.ts';
import { hasLitecoind } from '../testing/litecoind.ts';
import { made, must, scene, type Scene } from '../testing/scene.ts';
import { bitcoinNode } from './node.ts';
import { openOurs } from './ours.ts';

describe.skipIf(!hasLitecoind())('coins of the cold wallet, as a node has them (litecoind)', () => {
  let s: Scene;
  let liar: Liar;
  const ask = () => {
    const ours = openOurs([s.cold.wallet], s.cold.network);
    return bitcoinNode(liar.endpoint, 'litecoin', ours).unspent(s.cold.wallet.id);
  };
  const txidOf = async () => must(await ask()).coins[0]?.txid ?? '';

  beforeAll(async () => {
    s = await scene();
    const [node] = s.nodes;
    liar = await liarBefore(node);
    await s.mine(1, s.hot.wallet.address);
    await s.mine(100);
    const ours = openOurs([s.hot.wallet], s.hot.network);
    const { coins } = must(await bitcoinNode(node.endpoint, 'litecoin', ours).unspent('hot'));
    const to = [s.cold.wallet.address, addressAt(s.cold.wallet, s.cold.network, 1, 3), s.stranger];
    const payments = to.map((address, at) => ({ address, units: BigInt(at + 1) * 1_000_000n }));
    const paid = made(s.hot, payments, { coins, change: 0 });
    await node.call('sendrawtransaction', paid.hex);
    await s.mine(1);
  }, 60_000);
  afterEach(() => {
    liar.lie = null;
  });
  afterAll(async () => {
    await liar?.[Symbol.asyncDispose]();
    await s?.[Symbol.asyncDispose]();
  });

  it('both branches, each with its place and its units; and the block at which it was so', async () => {
    const { coins, height } = must(await ask());
    expect(height).toBe(102);
    const told = coins.map(({ units, branch, index }) => `${units} at ${branch}/${index}`).toSorted();
    expect(told).toEqual(['1000000 at 0/0', '2000000 at 1/3']);
  });

  it('an amount that the node makes up is not even read', async () => {
    liar.lie = (method, _, result) =>
      method === 'scantxoutset'
        ? JSON.parse(JSON.stringify(result).replaceAll(/"amount":[0-9.]+/g, '"amount":84000000'))
        : result;
    const { coins } = must(await ask());
    expect(coins.reduce((sum, { units }) => sum + units, 0n)).toBe(3_000_000n);
  });

  it('a stranger’s output of the same transaction is none of ours', async () => {
    const txid = await txidOf();
    liar.lie = (method, _, result) => {
      if (method !== 'scantxoutset') return result;
      const { unspents, ...rest } = result as { unspents: readonly object[] };
      return { ...rest, unspents: [0, 1, 2, 3].map((vout) => ({ ...unspents[0], txid, vout })) };
    };
    const { coins } = must(await ask());
    expect(coins.map(({ units }) => `${units}`).toSorted()).toEqual(['1000000', '2000000']);
  });

  it.each<[string, (hex: string) => unknown, RegExp]>([
    [
      'with another amount',
      (hex) => hex.replace('40420f0000000000', '40420f0000000001'),
      /is not [0-9a-f]{64}/,
    ],
    ['that is none', () => 'abcd', /is not [0-9a-f]{64}/],
    ['that is no hex', () => 'what', /out of form/],
  ])('a transaction %s is refused', async (_, change, expected) => {
    liar.lie = (method, __, result) => (method === 'getrawtransaction' ? change(String(result)) : result);
    expect(await ask()).toMatchObject({ kind: 'failed', detail: expect.stringMatching(expected) });
  });

  it('a node that is busy with another look says so', async () => {
    liar.lie = (method, _, result) => (method === 'scantxoutset' ? null : result);
    expect(await ask()).toMatchObject({ kind: 'failed', detail: expect.stringMatching(/scantxoutset/) });
  });
});
