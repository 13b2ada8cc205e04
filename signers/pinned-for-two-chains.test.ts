/** A policy names one signer for wallets of two chains, with a key of each; the signer holds one of them. */
import { afterEach, describe, expect, it } from 'vitest';
import { LTC } from '@kuramori/core';
import { soundness } from '../core/soundness.ts';
import { ownerNamed } from '../chains/ethereum/codec/house.testing.ts';
import { desk, factFor, policy as nemPolicy } from './testing/desk.ts';
import { addressOf, asked, brought, cold, hot, keyOf, planned } from './testing/bitcoin.ts';
import { counter, type Counter } from './testing/counter.ts';

const rule = {
  perPayment: 2_000_000_000n,
  rolling: { hours: 24, units: 6_000_000_000n },
  firstSeen: { hours: 24, shareBps: 10_000 },
  feeCap: 1_000_000n,
};
let here: Counter | undefined;
afterEach(() => here?.[Symbol.dispose]());

describe('one signer, one chain', () => {
  it('a policy that gives one signer keys of two chains is not sound', () => {
    const both = {
      ...nemPolicy,
      wallets: [
        ...nemPolicy.wallets,
        { ...hot, id: 'hot-ltc', evacuateTo: 'cold-ltc' },
        { ...cold, id: 'cold-ltc' },
      ],
    };
    expect(soundness(both)).toBeDefined();
  });

  it('an ask about another chain’s wallet is refused before its bytes are read', () => {
    const keys = () => [ownerNamed('owner 1'), ownerNamed('owner 2')];
    here = counter({ hot, cold, assets: [LTC], keys, balance: 10_000_000_000n, rule });
    using house = desk(here.policy, keys, 'ethereum');
    const { signer } = house.start(1);
    const { fact } = here.fact(1);
    const garbage = { plan: '00', share: '00' };
    const ask = here.ask(1, garbage, [here.request({ to: addressOf('alice'), units: 400_000_000n })]);
    const facts = [
      factFor([signer.nonce().nonce], { wallet: fact.wallet, balance: fact.balance, control: fact.control }),
    ];
    const answer = signer.propose({ ...ask, facts });
    expect(answer).toMatchObject({ kind: 'refused', why: 'not-a-cosigner' });
    expect(answer).toMatchObject({ detail: expect.stringContaining('is on litecoin') as string });
  });

  it('what a signer has no key for it does not record, and letting it go ends no process', () => {
    // The policy pins c1 and c2; these hold others.
    const keys = () => [keyOf('x1'), keyOf('x2')];
    here = counter({ hot, cold, assets: [LTC], keys, balance: 10_000_000_000n, rule });
    const { previous, coins } = brought(500_000_000n);
    const plan = planned(coins, [{ address: addressOf('alice'), units: 400_000_000n }]);
    const ask = here.ask(1, asked(plan, 1), [here.request({ to: addressOf('alice'), units: 400_000_000n })]);
    // Today: recorded, and then release throws "keyOf: share: asks for another key" out of its handler.
    const answer = here.signed(1, ask, [previous]);
    expect(answer).toMatchObject({ kind: 'refused', why: 'not-a-cosigner' });
  });
});
