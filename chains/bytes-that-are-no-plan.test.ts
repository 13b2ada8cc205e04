/** What a key signs of a plan follows from both, on every chain, so that a vault is carried plans and no bytes to sign; what is no plan, or no key, gives nothing. */
import { describe, expect, it } from 'vitest';
import { ETH, type Codec, type Network, type Wallet } from '@kuramori/core';
import { bitcoin, planPayments } from './bitcoin/codec/index.ts';
import { fundedBy } from './bitcoin/codec/testing/coins.ts';
import { mustPlan } from './bitcoin/codec/testing/signed.ts';
import { heldWallet } from './bitcoin/codec/testing/wallet.ts';
import { hot, made, owners, paymentOf, spare } from './ethereum/codec/house.testing.ts';
import { ethereum, planRotation as planSwap } from './ethereum/codec/index.ts';
import { nem } from './nem/codec/codec.ts';
import { addressOf, planPayment, planRotation, type PublicKey } from './nem/codec/index.ts';

interface Case {
  readonly codec: Codec<never>;
  readonly wallet: Wallet;
  readonly network: Network;
  readonly planned: {
    readonly plan: string;
    readonly shares: readonly { readonly key: string; readonly share: string }[];
  };
}

const key = (digit: string) => digit.repeat(64) as PublicKey;
const xem = {
  id: 'hot-xem',
  role: 'hot',
  chain: 'nem',
  address: addressOf(key('9'), 'testnet'),
  publicKey: key('9'),
  threshold: 2,
  cosigners: ['a', 'b', 'c'].map((digit) => ({ publicKey: key(digit), signer: `signer-${digit}` })),
  evacuateTo: null,
} as const;
const times = { network: 'testnet', timeStamp: 1_000, deadline: 2_000 } as const;
const paid = planPayment({
  ...times,
  wallet: xem,
  recipient: addressOf(key('8'), 'testnet'),
  units: 5n,
  memo: '',
  keys: [key('a'), key('b')],
});
if (paid.kind === 'refused') throw new Error(paid.why);
const held = heldWallet(2, [1, 2, 3]);
const { coins, previous: _ } = fundedBy(held, [100_000n, 200_000n]);
const owner = owners[0]?.publicKey ?? '';

const cases: Readonly<Record<string, Case>> = {
  'a payment on NEM': { codec: nem, wallet: xem, network: 'testnet', planned: paid.planned },
  'a rotation on NEM': {
    codec: nem,
    wallet: xem,
    network: 'testnet',
    planned: planRotation({
      ...times,
      wallet: xem,
      remove: key('a'),
      add: key('d'),
      keys: [key('b'), key('c')],
    }),
  },
  'a payment on Bitcoin’s family': {
    codec: bitcoin,
    wallet: held.wallet,
    network: held.network,
    planned: mustPlan(
      planPayments({
        wallet: held.wallet,
        network: held.network,
        coins,
        feeRate: 3_000n,
        usualRate: 9_000n,
        change: 7,
        lockTime: 90,
        seed: 's',
        payments: [
          {
            address:
              bitcoin.placeOf(held.wallet, { exchange: '', customer: '', number: 3 }, held.network)
                ?.address ?? '',
            units: 270_000n,
          },
        ],
      }),
    ),
  },
  'a payment on Ethereum': {
    codec: ethereum,
    wallet: hot,
    network: 'devnet',
    planned: paymentOf({ asset: ETH }),
  },
  'a rotation on Ethereum': {
    codec: ethereum,
    wallet: hot,
    network: 'devnet',
    planned: made(
      planSwap({
        wallet: hot,
        network: 'devnet',
        nonce: 8n,
        keys: owners.slice(1).map(({ publicKey }) => publicKey),
        remove: owner,
        add: spare.publicKey,
        owners: owners.map(({ publicKey }) => publicKey),
      }),
    ),
  },
};

describe.each(Object.entries(cases))('%s', (_name, { codec, wallet, network, planned }) => {
  const explained = (plan: string, share: string | undefined) =>
    share === undefined ? 'refused' : codec.explainShare(wallet as never, plan, share, network).kind;
  const shareOf = (plan: string, by: string) => codec.shareOf(wallet as never, plan, by, network);

  it('asks of each key the bytes that were planned for it', () => {
    expect(planned.shares.length).toBeGreaterThanOrEqual(wallet.threshold);
    for (const { key: by, share } of planned.shares) expect(shareOf(planned.plan, by)).toBe(share);
  });

  it('cut, lengthened, of other digits, or by no key: nothing, or what is refused; and nothing is thrown', () => {
    const by = planned.shares[0]?.key ?? '';
    const { plan } = planned;
    for (const bytes of [
      '',
      'zz',
      plan.slice(2),
      plan.slice(0, -2),
      `${plan}00`,
      plan.slice(1),
      plan.toUpperCase(),
    ])
      expect(explained(bytes, shareOf(bytes, by))).toBe('refused');
    for (const nobody of ['', 'zz', by.slice(1), `${by}0`]) expect(shareOf(plan, nobody)).toBeUndefined();
  });
});
