/** One descriptor, two coins: what was asked for in litecoins is a signature for bitcoins, since neither chain stands in what is signed. */
import { describe, expect, it } from 'vitest';
import { BTC, LTC } from '@kuramori/core';
import { addressAt, bitcoin } from '@kuramori/chains/bitcoin/codec';
import { wrongAddresses } from '@kuramori/chains/codecs';
import { policy as plain } from './testing/house.ts';
import { soundness } from './soundness.ts';
import { addressOf, asked, brought, cold, hot, network, planned } from '../signers/testing/bitcoin.ts';

const rule = {
  perPayment: 2_000_000_000n,
  rolling: { hours: 24, units: 6_000_000_000n },
  firstSeen: { hours: 24, shareBps: 10_000 },
  feeCap: 1_000_000n,
};
const twin = <W extends typeof hot>(wallet: W): W => ({
  ...wallet,
  id: `${wallet.id}-btc`,
  chain: 'bitcoin',
  address: addressAt({ chain: 'bitcoin', descriptor: wallet.descriptor }, network, 0, 0),
  evacuateTo: wallet.evacuateTo === null ? null : 'cold-btc',
});

describe('one key on Bitcoin and on Litecoin', () => {
  it('is refused by whoever reads the policy', () => {
    const policy = {
      ...plain,
      wallets: [hot, cold, twin(hot), twin(cold)],
      rules: [
        { wallet: 'hot', asset: LTC, ...rule },
        { wallet: 'hot-btc', asset: BTC, ...rule },
      ],
    };
    expect(soundness(policy) ?? [...wrongAddresses(policy)][0]).toBeDefined();
  });

  it('why: the same bytes are explained as litecoins and as bitcoins', () => {
    const { previous, coins } = brought(500_000_000n);
    const plan = planned(coins, [{ address: addressOf('alice'), units: 400_000_000n }]);
    const { share } = asked(plan, 1);
    const one = bitcoin.explainShare(hot, plan.plan, share, network, [previous]);
    const other = bitcoin.explainShare(twin(hot), plan.plan, share, network, [previous]);
    expect(one).toMatchObject({ kind: 'spend', spend: { feeAsset: LTC, share } });
    expect(other).toMatchObject({ kind: 'spend', spend: { feeAsset: BTC, share } });
  });
});
