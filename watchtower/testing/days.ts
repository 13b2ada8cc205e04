/** Days of payments as records tell of them, by a seed: who pays whom how much and when, honest or not. */
import { XEM, countPayment, type Asset, type Outflows, type PastPayment } from '@kuramori/core';
import { addressOf, type PublicKey } from '@kuramori/chains/nem/codec';

/** Numbers from 0 to below 1, always the same ones for a seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An address like any other: the hash of a key that somebody could have. */
export function someAddress(roll: () => number): string {
  const key = Array.from({ length: 64 }, () => Math.floor(roll() * 16).toString(16)).join('');
  return addressOf(key as PublicKey, 'testnet');
}

export interface Paid {
  readonly to: string;
  readonly units: bigint;
  /** Milliseconds of Unix time. */
  readonly at: number;
  readonly asset?: Asset;
}

let count = 0;

export function paymentTo({ to, units, at, asset = XEM }: Paid): PastPayment {
  count += 1;
  return { intent: `intent ${count}`, at, wallet: 'hot', asset, destination: to, units };
}

export function recorded(payments: readonly Paid[], into: Outflows = new Map()): Outflows {
  for (const payment of payments) countPayment(into, paymentTo(payment));
  return into;
}

export interface Day {
  /** Milliseconds of Unix time at which it begins. */
  readonly from: number;
  readonly payments: number;
  /** The share of payments to somebody never paid before. */
  readonly newcomers: number;
  /** The most that one payment may be, in micro-XEM: what the policy lets be. */
  readonly most: bigint;
}

/** How busy each hour is: three times the mean in the evening, near nothing at night. */
const hourly = Array.from(
  { length: 24 },
  (_, hour) => 1 + 0.9 * Math.sin(((hour - 10) / 24) * 2 * Math.PI),
).map((one, hour) => (hour >= 19 && hour <= 21 ? one * 2 : one));
const busy = hourly.reduce((sum, one) => sum + one, 0);

/**
 * Customers withdraw: mostly to where they did before, some to new places. One in seven new ones tries with one XEM first, and
 * takes the rest minutes later. Amounts are log-normal, half below 200 XEM, and some near the most that is allowed.
 */
export function honestDay(
  roll: () => number,
  known: string[],
  { from, payments, newcomers, most }: Day,
): readonly Paid[] {
  const paid: Paid[] = [];
  for (const [hour, weight] of hourly.entries()) {
    const inHour = Math.round((payments * weight) / busy);
    for (let one = 0; one < inHour; one += 1) {
      const at = from + Math.floor((hour + roll()) * 3_600_000);
      const isNew = known.length === 0 || roll() < newcomers;
      const to = isNew ? someAddress(roll) : (known[Math.floor(roll() * known.length)] ?? '');
      if (isNew) known.push(to);
      const units = amount(roll, most);
      if (isNew && roll() < 1 / 7) {
        paid.push({ to, units: 1_000_000n, at });
        paid.push({ to, units, at: at + 600_000 + Math.floor(roll() * 3_600_000) });
      } else paid.push({ to, units, at });
    }
  }
  return paid.toSorted((a, b) => a.at - b.at);
}

function amount(roll: () => number, most: bigint): bigint {
  const normal = Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll());
  const units = BigInt(Math.floor(200_000_000 * Math.exp(1.5 * normal)));
  return units > most ? most : units;
}
