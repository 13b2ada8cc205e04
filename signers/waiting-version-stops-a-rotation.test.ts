/** A version that waits, and drops a Safe, must not stop its stolen key from giving its place: a rotation asks the version in force alone. */
import { describe, expect, it } from 'vitest';
import {
  controlOf,
  ETH,
  policyDigest,
  signStatement,
  type EthereumWallet,
  type Policy,
  type RotationAsk,
} from '@kuramori/core';
import { planRotation } from '@kuramori/chains/ethereum/codec';
import { keepers, now, policy as plain } from '../core/testing/house.ts';
import { hot as safe, made, ownerNamed, spare, walletAt } from '../chains/ethereum/codec/house.testing.ts';
import { desk, factFor } from './testing/desk.ts';

const hot: EthereumWallet = {
  ...safe,
  cosigners: safe.cosigners.map((one, at) => ({ ...one, signer: at < 2 ? one.signer : null })),
  spares: [{ publicKey: spare.publicKey, signer: 'signer-3' }],
};
const cold: EthereumWallet = {
  ...walletAt('0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359', 2, ['d1', 'd2', 'd3'].map(ownerNamed)),
  id: 'cold',
  role: 'cold',
  evacuateTo: null,
  spares: [],
};
const rule = {
  perPayment: 10n ** 18n,
  rolling: { hours: 24, units: 10n ** 19n },
  firstSeen: { hours: 24, shareBps: 10_000 },
  feeCap: 10n ** 16n,
};
const first: Policy = { ...plain, wallets: [hot, cold], rules: [{ wallet: 'hot', asset: ETH, ...rule }] };
/** The Safe has another name, or is gone, once this one's wait is over. */
const second: Policy = {
  ...first,
  version: 2,
  prev: policyDigest(first),
  wallets: [{ ...hot, id: 'hot-2' }, cold],
  rules: [{ wallet: 'hot-2', asset: ETH, ...rule }],
};

describe('a rotation while a version waits that drops the wallet', () => {
  it.each([
    ['alone', [first]],
    ['beside it', [first, second]],
  ] as const)('is signed: %s', (_what, versions) => {
    using house = desk(first, () => [ownerNamed('owner 1'), ownerNamed('owner 2')]);
    const chain = versions.map((policy) => ({ policy, digest: policyDigest(policy) }));
    const { signer } = house.start(2, true, chain as never);
    const [stolen = '', mine = '', vault = ''] = hot.cosigners.map(({ publicKey }) => publicKey);
    const owners = [stolen, mine, vault];
    const plan = made(
      planRotation({
        wallet: hot,
        network: 'devnet',
        nonce: 0n,
        keys: [mine, vault],
        remove: stolen,
        add: spare.publicKey,
        owners,
      }),
    );
    const rotation = {
      wallet: 'hot',
      remove: stolen,
      add: spare.publicKey,
      policy: policyDigest(first),
      expiry: now / 1000 + 3600,
    };
    const signatures = keepers.map((keeper) => ({
      keeper: keeper.publicKey,
      signature: signStatement(keeper, 'rotation', rotation),
    }));
    const fact = factFor([signer.nonce().nonce], {
      purpose: 'rotation',
      balance: { asset: ETH, units: 0n },
      control: controlOf(hot),
    });
    const ask: RotationAsk = {
      kind: 'rotation',
      wallet: 'hot',
      rotation: { rotation, signatures },
      plan: plan.plan,
      share: plan.shares.find(({ key }) => key === mine)?.share ?? '',
      facts: [fact],
    };
    const answer = signer.propose(ask);
    expect(answer).toMatchObject({ kind: 'recorded' });
  });
});
