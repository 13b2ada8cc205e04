/**
 * Outflow: what a journal records as paid from one wallet in one asset, kept so that a limit looks at its window and at
 * one destination, and not at all there ever was: an exchange pays 30,000 times a day.
 */
import type { Asset } from './amount.ts';
import { costOf, intentDigest, type Intent } from './intent.ts';
import { endsOf, type Ends } from './lookalike.ts';

export interface PastPayment {
  /** The intent's digest. */
  readonly intent: string;
  /** Milliseconds of Unix time. */
  readonly at: number;
  readonly wallet: string;
  readonly asset: Asset;
  readonly destination: string;
  /** With the fee cap where the fee is paid in it: the most that may have left. */
  readonly units: bigint;
}

/** What an intent counts as, from the time that it is recorded. */
export function paymentOf(intent: Intent, at: number): PastPayment {
  const { wallet, asset, destination } = intent;
  return {
    intent: intentDigest(intent),
    at,
    wallet,
    asset,
    destination: destination.address,
    units: costOf(intent),
  };
}

export interface Outflow {
  /** In the order of their times. */
  readonly payments: readonly PastPayment[];
  /** Of each, what it and all before it come to; as far as somebody asked, see `sumsOf`. */
  readonly sums: readonly bigint[];
  /** Each in the order of their times. */
  readonly to: ReadonlyMap<string, readonly PastPayment[]>;
  readonly byIntent: ReadonlyMap<string, PastPayment>;
  /** Of all destinations that were ever recorded. */
  readonly ends: Ends;
}

/** By wallet and asset: see `outflowOf`. */
export type Outflows = ReadonlyMap<string, Outflow>;

const nothing: Outflow = { payments: [], sums: [], to: new Map(), byIntent: new Map(), ends: new Map() };

export function outflowOf(
  outflows: Outflows,
  { wallet, asset }: Pick<PastPayment, 'wallet' | 'asset'>,
): Outflow {
  return outflows.get(`${wallet} ${asset}`) ?? nothing;
}

export function allPayments(outflows: Outflows): readonly PastPayment[] {
  return [...outflows.values()].flatMap(({ payments }) => payments);
}

/**
 * Counts one more, in place, where its time puts it: one journal never turns back, several together do. An intent counts once however often it is planned, from its newest plan on: that is never
 * earlier, so a limit is never looser for it. Only the very same intent: a taken signer could record its id again with
 * a smaller amount.
 */
export function countPayment(outflows: Outflows, payment: PastPayment): void {
  const name = `${payment.wallet} ${payment.asset}`;
  const known = outflows.get(name);
  const { payments, sums, to, byIntent, ends } = (known ?? {
    payments: [],
    sums: [],
    to: new Map(),
    byIntent: new Map(),
    ends: new Map(),
  }) as Grown;
  if (!known)
    (outflows as Map<string, Outflow>).set(name, { payments, sums, to, byIntent, ends } satisfies Outflow);
  const before = byIntent.get(payment.intent);
  if (before) {
    const index = payments.lastIndexOf(before);
    payments.splice(index, 1);
    sums.length = Math.min(sums.length, index);
    const there = to.get(before.destination) ?? [];
    there.splice(there.lastIndexOf(before), 1);
  }
  const index = firstAfter(payments, payment.at);
  payments.splice(index, 0, payment);
  sums.length = Math.min(sums.length, index);
  byIntent.set(payment.intent, payment);
  const there = to.get(payment.destination);
  if (there) there.splice(firstAfter(there, payment.at), 0, payment);
  else to.set(payment.destination, [payment]);
  const shown = endsOf(payment.destination);
  const alike = ends.get(shown);
  if (alike) alike.add(payment.destination);
  else ends.set(shown, new Set([payment.destination]));
}

interface Grown {
  readonly payments: PastPayment[];
  readonly sums: bigint[];
  readonly to: Map<string, PastPayment[]>;
  readonly byIntent: Map<string, PastPayment>;
  readonly ends: Map<string, Set<string>>;
}

/**
 * One intent and those that the same transaction pays beside it: what an earlier, dead plan of theirs counted as does not
 * stand in their way again, neither in its own nor in each other's.
 */
export function plannedNow(intent: Intent, together: readonly PastPayment[]): ReadonlySet<string> {
  return new Set([intentDigest(intent), ...together.map((one) => one.intent)]);
}

/** What left after a moment, of all intents but these. */
export function leftAfter(outflow: Outflow, moment: number, but: ReadonlySet<string>): bigint {
  const sums = sumsOf(outflow);
  const left = (sums.at(-1) ?? 0n) - (sums[firstAfter(outflow.payments, moment) - 1] ?? 0n);
  return ofThese(outflow, moment, but).reduce((others, { units }) => others - units, left);
}

/** Those that were recorded after a moment, in the order of their times. */
export function paymentsAfter({ payments }: Outflow, moment: number): readonly PastPayment[] {
  return payments.slice(firstAfter(payments, moment));
}

/** How many left after a moment, of all intents but these. */
export function countAfter(outflow: Outflow, moment: number, but: ReadonlySet<string>): number {
  const count = outflow.payments.length - firstAfter(outflow.payments, moment);
  return count - ofThese(outflow, moment, but).length;
}

function ofThese({ byIntent }: Outflow, moment: number, these: ReadonlySet<string>): readonly PastPayment[] {
  return [...these].flatMap((intent) => byIntent.get(intent) ?? []).filter(({ at }) => at > moment);
}

/** Added up only when they are asked for: a watchtower that catches up fills in months, one signer after the other. */
function sumsOf({ payments, sums }: Outflow): readonly bigint[] {
  const grown = sums as bigint[];
  for (let index = grown.length; index < payments.length; index += 1)
    grown.push((grown[index - 1] ?? 0n) + (payments[index]?.units ?? 0n));
  return sums;
}

/** The place of the first payment after a moment; most often the end is asked for, and looked at first. */
function firstAfter(payments: readonly PastPayment[], moment: number): number {
  if ((payments.at(-1)?.at ?? 0) <= moment) return payments.length;
  let [low, high] = [0, payments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((payments[middle]?.at ?? 0) > moment) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether anything went to a destination at a moment or before it, of all intents but these. */
export function isKnown(
  { to }: Outflow,
  destination: string,
  moment: number,
  but: ReadonlySet<string>,
): boolean {
  for (const { at, intent } of to.get(destination) ?? []) {
    if (at > moment) return false;
    if (!but.has(intent)) return true;
  }
  return false;
}

/** What went to a destination, of all intents but these, in the order of their times. */
export function sentTo(
  { to }: Outflow,
  destination: string,
  but: ReadonlySet<string>,
): readonly PastPayment[] {
  return (to.get(destination) ?? []).filter(({ intent }) => !but.has(intent));
}
