/** Vouches for a deposit's place, derived from this watchtower's own policy: who asks can name a customer, and no address. */
import {
  depositWallet,
  type Asset,
  signStatement,
  type PlaceOf,
  type Policy,
  type Refusal,
  type SignedVoucher,
  type SigningKey,
} from '@kuramori/core';
import { depositPlace } from '@kuramori/chains/nem/codec';

export interface Voucherer {
  readonly policy: Policy;
  readonly digest: string;
  readonly key: SigningKey;
  readonly frozen: (assets: readonly Asset[]) => boolean;
  readonly now: () => number;
}

export type VouchedFor = { readonly kind: 'vouched'; readonly voucher: SignedVoucher } | Refusal;

export function vouch({ policy, digest, key, frozen, now }: Voucherer, asked: PlaceOf): VouchedFor {
  // A frozen wallet may be a stolen one: nobody is sent there any more.
  if (frozen([asked.asset]))
    return refused(
      'frozen',
      `this watchtower has frozen ${asked.asset}: it sends no customer’s coins anywhere`,
    );
  if (!policy.exchanges.some(({ id }) => id === asked.exchange))
    return refused('unknown-exchange', `exchange: the policy names no ${asked.exchange}`);
  const wallet = depositWallet(policy, asked.asset);
  if (!wallet) return refused('no-wallet', `asset: no hot wallet takes deposits of ${asked.asset}`);
  // Whose index of a descriptor a customer's is, nobody here knows yet.
  if (wallet.chain !== 'nem')
    return refused('no-place', `asset: a place for ${asked.asset} can be vouched for by nobody yet`);
  const voucher = {
    ...asked,
    network: policy.network,
    wallet: wallet.id,
    place: depositPlace(policy.network, wallet, asked),
    policy: digest,
    at: now(),
  };
  const signature = signStatement(key, 'voucher', voucher);
  return { kind: 'vouched', voucher: { voucher, watchtower: key.publicKey, signature } };
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
