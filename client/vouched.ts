/**
 * Vouched: a deposit's address is shown to a customer only where watchtowers vouch for it. Custody hands it out, and can be
 * taken over; so what it says by itself is thrown away, and only what pinned keys have signed is given back.
 */
import { readVouchers, SignedVoucher, XEM, type Network } from '@kuramori/core';
import { z } from 'zod';

/** What the exchange pinned at its ceremony, in its own configuration. Never taken from custody. */
export interface DepositPins {
  readonly network: Network;
  /** The exchange's own id in the policy. */
  readonly exchange: string;
  readonly watchtowers: {
    readonly keys: readonly string[];
    /** How many must vouch; at least more than half, whatever stands here. */
    readonly quorum: number;
  };
  /** Older vouchers are not taken: the wallet may have been given up since. Seconds; 10 minutes where absent. */
  readonly maxAge?: number;
}

export type VouchedDeposit =
  | {
      readonly kind: 'vouched';
      readonly customer: string;
      readonly asset: string;
      readonly address: string;
      /** What must come with the coins; '' where the address alone says whose they are. */
      readonly message: string;
    }
  /** Show no address. */
  | { readonly kind: 'refused'; readonly why: string };

/** How far a watchtower's clock may be ahead of ours, in milliseconds. */
const skew = 60_000;
const usualAge = 600;
/** More watchtowers than any policy has; each voucher costs a signature's check. */
const mostVouchers = 64;

/** Only the vouchers are read, each by itself: one that is no voucher must not spoil the others. */
const Answer = z.object({ vouchers: z.array(z.unknown()).max(mostVouchers) });

/** Reads custody's answer to POST /v1/customers. `now` in milliseconds of Unix time. Never throws, whatever the answer is. */
export function vouchedDeposit(
  { network, exchange, watchtowers, maxAge = usualAge }: DepositPins,
  customer: string,
  answer: unknown,
  now: number,
  asset: string = XEM,
): VouchedDeposit {
  const read = Answer.safeParse(answer);
  if (!read.success)
    return { kind: 'refused', why: `no vouchers came with the answer: ${read.error.issues[0]?.message}` };
  const vouchers = read.data.vouchers.flatMap((one) => SignedVoucher.safeParse(one).data ?? []);
  const since = now - maxAge * 1000;
  const found = readVouchers(
    { network, exchange, customer, asset, watchtowers, since, until: now + skew },
    vouchers,
  );
  if (found.kind === 'refused') return found;
  const { address, memo } = found.place;
  return { kind: 'vouched', customer, asset, address, message: memo };
}
