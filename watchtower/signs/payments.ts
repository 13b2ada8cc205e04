/** What the records say has left a wallet, as the signs about payments look at it. */
import { outflowOf, type Asset, type Outflow, type Outflows, type PastPayment } from '@kuramori/core';

export interface Wallets {
  readonly outflows: Outflows;
  /** Ids of wallets that pay. */
  readonly wallets: readonly string[];
  /** The coin of a wallet's chain. */
  readonly coin: (wallet: string) => Asset;
  /**
   * What a wallet could pay from since a moment, in units of that coin: what it holds, and what has left since by blocks. Coins that
   * came meanwhile are among it, so that paying out a refill is no draining. Null while it is not known.
   */
  readonly base: (wallet: string, moment: number) => bigint | null;
  /** Milliseconds of Unix time, by the watchtower's clock. */
  readonly now: number;
}

/** Shares are of a chain's coin: of nothing else a node is asked what a wallet holds. */
export function coinsOf({ outflows, coin }: Pick<Wallets, 'outflows' | 'coin'>, wallet: string): Outflow {
  return outflowOf(outflows, { wallet, asset: coin(wallet) });
}

export function isFirst({ to }: Outflow, payment: PastPayment): boolean {
  return to.get(payment.destination)?.[0] === payment;
}

export function sumOf(payments: readonly PastPayment[]): bigint {
  return payments.reduce((sum, { units }) => sum + units, 0n);
}

/** The least that is so many hundredths of a percent of the whole. */
export function least(whole: bigint, bps: number): bigint {
  const units = (whole * BigInt(bps) + 9_999n) / 10_000n;
  return units > 0n ? units : 1n;
}

/** Whether it is at least so many hundredths of a percent of the whole. Of nothing, anything is. */
export function reaches(part: bigint, whole: bigint, bps: number): boolean {
  return part >= least(whole, bps);
}

export function bpsOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 10_000 : Number((part * 10_000n) / whole);
}

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
