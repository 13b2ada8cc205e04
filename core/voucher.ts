/** Voucher: a watchtower's word that a place is where a customer's coins shall go. Derived from the policy, not from who asks. */
import { z } from 'zod';
import { AssetName, type Asset } from './amount.ts';
import { Hash, PublicKeyHex, SignatureHex, verifyStatement } from './key.ts';
import { Network, type Policy, type Wallet } from './policy.ts';
import { ruleFor } from './case.ts';
import { heirOf } from './succession.ts';
import { text } from './text.ts';

export const CustomerName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits or _ . -');

/**
 * Where a customer's coins go. A chain whose customers have addresses of their own needs no memo, and it is ''; one that
 * has one address for all tells them apart by it.
 */
export const Place = z.strictObject({ address: text(1, 128), memo: text(0, 1024) });
export type Place = z.infer<typeof Place>;

/** What a place is derived from, beside the wallet that the policy pins. */
export const PlaceOf = z.strictObject({
  exchange: text(1, 64),
  customer: CustomerName,
  /** How many there are is the chain's to say (core/chain.ts: `placeNumbers`). */
  number: z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  asset: AssetName,
});
export type PlaceOf = z.infer<typeof PlaceOf>;

export const Voucher = PlaceOf.extend({
  network: Network,
  wallet: text(1, 64),
  place: Place,
  /** The policy that pins the wallet. */
  policy: Hash,
  /** The watchtower's clock, in milliseconds of Unix time. */
  at: z.int().nonnegative(),
});
export type Voucher = z.infer<typeof Voucher>;

export const SignedVoucher = z.strictObject({
  voucher: Voucher,
  watchtower: PublicKeyHex,
  signature: SignatureHex,
});
export type SignedVoucher = z.infer<typeof SignedVoucher>;

/** The wallet that deposits of an asset come to: the first hot one that a rule for it is about, or what has its place by now. */
export function depositWallet(policy: Policy, asset: Asset): Wallet | undefined {
  const first = policy.wallets.find(({ id, role }) => role === 'hot' && ruleFor(policy, id, asset));
  const heir = first && heirOf(policy, first);
  return heir && ruleFor(policy, heir.id, asset) ? heir : undefined;
}

/** What whoever asks for a place knows by itself, from no server. */
export interface Expected {
  readonly network: Network;
  readonly exchange: string;
  readonly customer: string;
  readonly asset: string;
  readonly watchtowers: { readonly quorum: number; readonly keys: readonly string[] };
  /** Vouchers dated before, or after, are not counted. Milliseconds of Unix time. */
  readonly since: number;
  readonly until: number;
}

export type Vouched =
  | { readonly kind: 'vouched'; readonly place: Place; readonly wallet: string; readonly number: number }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * The place that a quorum of pinned watchtowers vouch for, all in the same words but their clocks. What is not signed by a
 * pinned key, is about somebody or something else, or is stale counts for nothing, and does not stand in the others' way.
 */
export function readVouchers(expected: Expected, given: readonly SignedVoucher[]): Vouched {
  const { quorum, keys } = expected.watchtowers;
  const counted = new Map<string, { readonly voucher: Voucher; readonly by: Set<string> }>();
  const flaws: string[] = [];
  for (const one of given) {
    const flaw = flawOf(expected, one);
    if (flaw !== undefined) {
      flaws.push(`${one.watchtower.slice(0, 8)}: ${flaw}`);
      continue;
    }
    const { voucher, watchtower } = one;
    const { wallet, number, policy, place } = voucher;
    const words = JSON.stringify([wallet, number, policy, place.address, place.memo]);
    const same = counted.get(words) ?? { voucher, by: new Set<string>() };
    same.by.add(watchtower);
    counted.set(words, same);
  }
  // More than half, whatever the caller pinned: two places can never both have it.
  const needed = Math.max(quorum, Math.floor(keys.length / 2) + 1);
  const enough = [...counted.values()].find(({ by }) => by.size >= needed);
  if (enough) {
    const { place, wallet, number } = enough.voucher;
    return { kind: 'vouched', place, wallet, number };
  }
  const most = Math.max(0, ...[...counted.values()].map(({ by }) => by.size));
  const others = flaws.length === 0 ? '' : ` (not counted: ${flaws.join('; ')})`;
  return {
    kind: 'refused',
    why: `${most} of the ${needed} watchtowers that are needed vouch for one place${others}`,
  };
}

function flawOf(expected: Expected, { voucher, watchtower, signature }: SignedVoucher): string | undefined {
  if (!expected.watchtowers.keys.includes(watchtower)) return 'is not pinned';
  if (!verifyStatement(watchtower, 'voucher', voucher, signature)) return 'has not signed it';
  for (const field of ['network', 'exchange', 'customer', 'asset'] as const) {
    if (voucher[field] !== expected[field])
      return `is about ${field} ${voucher[field]}, not ${expected[field]}`;
  }
  if (voucher.at < expected.since) return `is ${Math.ceil((expected.since - voucher.at) / 1000)} s too old`;
  if (voucher.at > expected.until) return `is ${Math.ceil((voucher.at - expected.until) / 1000)} s ahead`;
  return undefined;
}
