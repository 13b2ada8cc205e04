/** Vouches for a deposit's place, derived from this watchtower's own policy: who asks can name a customer, and no address. */
import {
  canonicalText,
  depositWallet,
  type Asset,
  signStatement,
  type PlaceOf,
  type Policy,
  type Refusal,
  type SignedVoucher,
  type SigningKey,
  type Wallet,
} from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import type { Whose } from './eye.ts';

export interface Voucherer {
  /** The version in force. */
  readonly policy: Policy;
  readonly digest: string;
  /** All that count, the one in force first. */
  readonly standing: readonly Policy[];
  readonly key: SigningKey;
  readonly frozen: (assets: readonly Asset[]) => boolean;
  readonly now: () => number;
  /** Why coins that come to the place would not be seen; null where they will be, from now on. */
  readonly lookAt: (wallet: Wallet, whose: Whose) => string | null;
}

export type VouchedFor = { readonly kind: 'vouched'; readonly voucher: SignedVoucher } | Refusal;

export function vouch(
  { policy, digest, standing, key, frozen, now, lookAt }: Voucherer,
  asked: PlaceOf,
): VouchedFor {
  // A frozen wallet may be a stolen one: nobody is sent there any more.
  if (frozen([asked.asset]))
    return refused(
      'frozen',
      `this watchtower has frozen ${asked.asset}: it sends no customer’s coins anywhere`,
    );
  if (!policy.exchanges.some(({ id }) => id === asked.exchange))
    return refused('unknown-exchange', `exchange: the policy names no ${asked.exchange}`);
  const wallet = newestInForce(standing, asked.asset) ?? depositWallet(policy, asked.asset);
  if (!wallet) return refused('no-wallet', `asset: no hot wallet takes deposits of ${asked.asset}`);
  const codec = codecOf(wallet.chain);
  const place = asked.number < codec.placeNumbers ? codec.placeOf(wallet, asked, policy.network) : undefined;
  if (!place)
    return refused(
      'no-place',
      `number: no customer’s place on ${wallet.chain} has the number ${asked.number}`,
    );
  const unseen = lookAt(wallet, asked);
  if (unseen !== null) return refused('no-place', `number: ${unseen}`);
  const voucher = {
    ...asked,
    network: policy.network,
    wallet: wallet.id,
    place,
    policy: digest,
    at: now(),
  };
  const signature = signStatement(key, 'voucher', voucher);
  return { kind: 'vouched', voucher: { voucher, watchtower: key.publicKey, signature } };
}

/**
 * The wallet of the newest version, where every version that counts has the very same: then it may take another's place at once.
 * What a waiting version brings in may be a thief's.
 */
function newestInForce(policies: readonly Policy[], asset: Asset): Wallet | undefined {
  const newest = policies.at(-1);
  const wallet = newest && depositWallet(newest, asset);
  // Its successor as well: whoever drops that would have customers sent back to a wallet that was given up.
  const same = (one: Wallet) => canonicalText({ ...one });
  const everywhere =
    wallet &&
    policies.every(
      ({ wallets, rules }) =>
        wallets.some((one) => one.id === wallet.id && same(one) === same(wallet)) &&
        rules.some((rule) => rule.wallet === wallet.id && rule.asset === asset),
    );
  return everywhere === true ? wallet : undefined;
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
