/**
 * Denial: what may not be, however much a rule allows it, unless people approve it or it has waited. A rule allows, a denial
 * takes away, and one is enough. All conditions in `when` must hold for a denial to hold; one that cannot be told holds.
 */
import { z } from 'zod';
import { AssetName, Units, type Asset } from './amount.ts';
import { countApprovals, intentDigest, Reason, type Approval, type Intent } from './intent.ts';
import { PublicKeyHex } from './key.ts';
import { isLookalike, isLookalikeOf } from './lookalike.ts';
import { countAfter, isKnown, leftAfter, sentTo, type Outflows, type PastPayment } from './outflow.ts';
import { Name, text } from './text.ts';

/** Addresses of one kind, as keepers name it: an allowlist, an exchange's own, a sanctioned service's. */
export const AddressList = z.strictObject({
  id: Name,
  addresses: z.array(text(1, 128)).max(10_000),
});
export type AddressList = z.infer<typeof AddressList>;

/** People who approve, under a name. */
export const Group = z.strictObject({ id: Name, people: z.array(PublicKeyHex).min(1).max(32) });
export type Group = z.infer<typeof Group>;

/** What `per` of an asset's smallest units count for in yen, as the keepers set it; nobody else's price counts here. */
export const Value = z.strictObject({
  asset: AssetName,
  yen: Units.refine((yen) => yen > 0n, 'must be more than 0'),
  per: Units.refine((units) => units > 0n, 'must be more than 0'),
});
export type Value = z.infer<typeof Value>;

/** What a payment does on its chain. A call names the function's selector. */
export const Operation = z
  .string()
  .regex(
    /^(?:transfer|token-transfer|modification|call:0x[0-9a-f]{8})$/,
    'must be transfer, token-transfer, modification or call:0x and 8 hex digits',
  );

const hours = z.int().min(1).max(8_784);
const clock = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time of day, as 22:00');
const Day = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

export const When = z
  .strictObject({
    wallets: z.array(Name).min(1).max(64).optional(),
    assets: z.array(AssetName).min(1).max(64).optional(),
    operations: z.array(Operation).min(1).max(64).optional(),
    reasons: z.array(Reason).min(1).optional(),
    destination: z
      .strictObject({
        /** In one of these lists; in none of those. */
        in: z.array(Name).min(1).max(64).optional(),
        notIn: z.array(Name).min(1).max(64).optional(),
        /** Never paid before, or for the first time less than so many hours ago. */
        newerThanHours: hours.optional(),
        /** Another address that looks like one of ours, of a list, or one that was paid: see lookalike.ts. */
        lookalike: z.literal(true).optional(),
      })
      .optional(),
    /** Of one payment, its fee cap not counted. */
    amount: z.strictObject({ above: Units.optional(), aboveYen: Units.optional() }).optional(),
    /** Of what the wallet holds by the chain facts, in hundredths of a percent, with what the same transaction pays besides. */
    share: z.strictObject({ aboveBps: z.int().min(0).max(9_999) }).optional(),
    /** What left within so many hours together with this payment, fee caps included, or how many did. */
    rolling: z
      .strictObject({
        /** From this wallet; to this destination; of this asset from any wallet; of everything. */
        per: z.enum(['wallet', 'destination', 'asset', 'all']),
        hours,
        above: Units.optional(),
        aboveYen: Units.optional(),
        aboveCount: z.int().min(0).optional(),
      })
      .optional(),
    /** How many different assets were paid within so many hours, with this one. */
    distinctAssets: z.strictObject({ hours, above: z.int().min(1) }).optional(),
    /** From this time of day until before that one, past midnight where it is the earlier one. */
    time: z
      .strictObject({
        zone: z.string().regex(/^[+-](?:0[0-9]|1[0-4]):[0-5][0-9]$/, 'must be an offset from UTC, as +09:00'),
        from: clock,
        to: clock,
        /** The days on which it begins. Absent: all. */
        days: z.array(Day).min(1).optional(),
      })
      .optional(),
  })
  .refine((when) => Object.keys(when).length > 0, 'has no condition: it would deny everything');
export type When = z.infer<typeof When>;

/** What lifts a denial. All of it must be there. */
export const Unless = z
  .strictObject({
    /** So many people of each of these groups. Nobody is in two of them, and no key of the exchange is in any. */
    approvals: z
      .array(z.strictObject({ group: Name, quorum: z.int().positive() }))
      .min(1)
      .max(8)
      .optional(),
    /**
     * Since the exchange signed its request, by the time that it wrote there: custody takes no old one, but whoever has
     * the exchange's key and custody can date it back. At most 22 hours, since a request is payable for 24.
     */
    waitedSeconds: z.int().positive().max(79_200).optional(),
  })
  .refine((unless) => Object.keys(unless).length > 0, 'asks for nothing: leave it out');

export const Denial = z.strictObject({ id: Name, when: When, unless: Unless.optional() });
export type Denial = z.infer<typeof Denial>;

/** What the words of denials stand for. */
export interface Vocabulary {
  readonly lists: readonly AddressList[];
  readonly groups: readonly Group[];
  readonly values: readonly Value[];
  readonly denials: readonly Denial[];
  readonly wallets: readonly { readonly address: string }[];
}

/** One payment before its judge. */
export interface Scene {
  readonly intent: Intent;
  readonly approvals: readonly Approval[];
  /** When the exchange signed its request, in Unix seconds; null where nobody asked. */
  readonly requested: number | null;
  readonly outflows: Outflows;
  /** What the same transaction pays beside it. */
  readonly together: readonly PastPayment[];
  /** Milliseconds of Unix time. */
  readonly at: number;
  readonly balance: bigint;
}

/** A denial that holds: for good, or until something changes. */
export interface Held {
  readonly denial: string;
  readonly forGood: boolean;
  readonly why: string;
}

export interface Denied {
  readonly held: readonly Held[];
  /** Denials that would hold, and are lifted by what was given. */
  readonly lifted: readonly string[];
}

/** Every denial of the policy held against one payment. */
export function judgeDenials(policy: Vocabulary, scene: Scene): Denied {
  const held: Held[] = [];
  const lifted: string[] = [];
  for (const denial of policy.denials) {
    if (!holdsAlways(policy, denial.when, scene.intent) || !holdsNow(policy, denial.when, scene)) continue;
    const lacks = denial.unless === undefined ? '' : lackOf(policy, denial.unless, scene);
    if (lacks === null) lifted.push(denial.id);
    else
      held.push({
        denial: denial.id,
        forGood: denial.unless === undefined && !changes(denial.when),
        why: lacks,
      });
  }
  return { held, lifted };
}

/** What people are asked for an intent: by a denial that holds whatever else happens, or by one that may. */
export interface Demand {
  /** Null where the rule asks. */
  readonly denial: string | null;
  readonly people: readonly string[];
  readonly quorum: number;
  readonly certain: boolean;
}

export function demandsOf(policy: Vocabulary, intent: Intent): readonly Demand[] {
  return policy.denials.flatMap(({ id: denial, when, unless }) =>
    holdsAlways(policy, when, intent)
      ? (unless?.approvals ?? []).map(({ group, quorum }) => {
          return { denial, people: peopleOf(policy, group), quorum, certain: !changes(when) };
        })
      : [],
  );
}

/** Signers and watchtowers tell the time a little apart: near an end of a denial one of them would still hold it. */
const apart = 30_000;

/**
 * Why a payment must wait, by denials that time alone lifts; null where none does. Asked before it is planned: signers
 * and watchtowers would refuse it.
 */
export function waitsBy(
  policy: Vocabulary,
  intent: Intent,
  requested: number | null,
  at: number,
): string | null {
  const scene = { intent, approvals: [], requested, outflows: new Map(), together: [], balance: 0n };
  for (const { id, when, unless } of policy.denials) {
    if (dependsOnOthers(when) || !holdsAlways(policy, when, intent)) continue;
    const { waitedSeconds } = unless ?? {};
    const { time } = when;
    if (time && isWithin(time, at - apart) !== isWithin(time, at + apart))
      return `the policy's ${id}: too near to ${time.from} or ${time.to}`;
    // Without either it holds for good, and whoever is asked says so; where people lift it, they are asked.
    if (waitedSeconds === undefined && (time === undefined || unless !== undefined)) continue;
    for (const moment of [at - apart, at + apart]) {
      if (when.time !== undefined && !isWithin(when.time, moment)) continue;
      const lacks =
        waitedSeconds === undefined
          ? `not between ${when.time?.from} and ${when.time?.to}`
          : lackOf(policy, { waitedSeconds }, { ...scene, at: moment });
      if (lacks !== null) return `the policy's ${id}: ${lacks}`;
    }
  }
  return null;
}

/** Conditions that time and other payments change. */
function changes(when: When): boolean {
  return when.time !== undefined || dependsOnOthers(when);
}

function dependsOnOthers({ destination, share, rolling, distinctAssets }: When): boolean {
  const conditions = [share, rolling, distinctAssets, destination?.newerThanHours, destination?.lookalike];
  return conditions.some((condition) => condition !== undefined);
}

/** The conditions that the intent alone decides. */
function holdsAlways(policy: Vocabulary, when: When, intent: Intent): boolean {
  const { wallet, asset, reason, amount, destination } = intent;
  const isIn = (lists: readonly string[]) =>
    policy.lists.some(({ id, addresses }) => lists.includes(id) && addresses.includes(destination.address));
  const checks: readonly boolean[] = [
    when.wallets?.includes(wallet) ?? true,
    when.assets?.includes(asset) ?? true,
    when.operations?.includes(operationOf(intent)) ?? true,
    when.reasons?.includes(reason) ?? true,
    when.destination?.in === undefined || isIn(when.destination.in),
    when.destination?.notIn === undefined || !isIn(when.destination.notIn),
    when.amount?.above === undefined || amount > when.amount.above,
    when.amount?.aboveYen === undefined || isWorthMore(policy, asset, amount, when.amount.aboveYen),
  ];
  return checks.every(Boolean);
}

/** The others. */
function holdsNow(
  policy: Vocabulary,
  { destination, share, rolling, distinctAssets, time }: When,
  scene: Scene,
) {
  const { intent, balance, together, at } = scene;
  const out = intent.amount + intent.feeCap;
  if (destination?.newerThanHours !== undefined) {
    const moment = at - destination.newerThanHours * 3_600_000;
    const self = intentDigest(intent);
    const known = [...scene.outflows.values()].some((one) =>
      isKnown(one, intent.destination.address, moment, self),
    );
    if (known) return false;
  }
  if (destination?.lookalike && !looksLikeAnother(policy, scene)) return false;
  if (share) {
    const beside = together.filter(({ wallet, asset }) => wallet === intent.wallet && asset === intent.asset);
    const all = beside.reduce((total, { units }) => total + units, out);
    if (all * 10_000n <= balance * BigInt(share.aboveBps)) return false;
  }
  if (rolling && !isAbove(policy, rolling, scene)) return false;
  if (distinctAssets) {
    const moment = at - distinctAssets.hours * 3_600_000;
    const paid = new Set<string>([intent.asset, ...together.map(({ asset }) => asset)]);
    for (const { payments } of scene.outflows.values()) {
      const last = payments.at(-1);
      if (last && last.at > moment) paid.add(last.asset);
    }
    if (paid.size <= distinctAssets.above) return false;
  }
  return time === undefined || isWithin(time, at);
}

function isAbove(policy: Vocabulary, rolling: NonNullable<When['rolling']>, scene: Scene): boolean {
  const { intent, outflows, together, at } = scene;
  const { per, above, aboveYen, aboveCount } = rolling;
  const moment = at - rolling.hours * 3_600_000;
  const self = intentDigest(intent);
  const counts = (wallet: string, asset: Asset) =>
    per === 'all' || (asset === intent.asset && (per !== 'wallet' || wallet === intent.wallet));
  const beside = together.filter(
    ({ wallet, asset, destination }) =>
      counts(wallet, asset) && (per !== 'destination' || destination === intent.destination.address),
  );
  const units = new Map<Asset, bigint>([[intent.asset, intent.amount + intent.feeCap]]);
  const add = (asset: Asset, more: bigint) => units.set(asset, (units.get(asset) ?? 0n) + more);
  let count = 1 + beside.length;
  for (const one of beside) add(one.asset, one.units);
  for (const outflow of outflows.values()) {
    const [first] = outflow.payments;
    if (!first || !counts(first.wallet, first.asset)) continue;
    if (per === 'destination') {
      const sent = sentTo(outflow, intent.destination.address, self).filter((one) => one.at > moment);
      count += sent.length;
      for (const one of sent) add(one.asset, one.units);
    } else {
      count += countAfter(outflow, moment, self);
      add(first.asset, leftAfter(outflow, moment, self));
    }
  }
  if (aboveCount !== undefined) return count > aboveCount;
  if (above !== undefined) return [...units.values()].some((sum) => sum > above);
  let yen = 0n;
  for (const [asset, sum] of units) {
    const worth = yenOf(policy, asset, sum);
    if (worth === null) return true;
    yen += worth;
  }
  return yen > (aboveYen ?? 0n);
}

/** Rounded up; null where the policy does not say. */
function yenOf({ values }: Vocabulary, asset: Asset, units: bigint): bigint | null {
  const value = values.find((one) => one.asset === asset);
  return value ? (units * value.yen + value.per - 1n) / value.per : null;
}

/** What is worth nobody knows how much is worth more. */
function isWorthMore(policy: Vocabulary, asset: Asset, units: bigint, yen: bigint): boolean {
  const worth = yenOf(policy, asset, units);
  return worth === null || worth > yen;
}

function looksLikeAnother({ lists, wallets }: Vocabulary, { intent, outflows }: Scene): boolean {
  const { address } = intent.destination;
  const known = lists.some(({ addresses }) => addresses.some((one) => isLookalike(address, one)));
  const ours = wallets.some((wallet) => isLookalike(address, wallet.address));
  return known || ours || [...outflows.values()].some(({ ends }) => isLookalikeOf(address, ends));
}

/** A payment's operation on its chain: NEM's own coin by a transfer, a mosaic by another. */
function operationOf({ asset }: Intent): string {
  return asset.endsWith(':xem') ? 'transfer' : 'token-transfer';
}

const days = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'] as const;
const minutesOf = (clocked: string) => Number(clocked.slice(0, 2)) * 60 + Number(clocked.slice(3));

/** 1970-01-01 was a Thursday. */
function isWithin({ zone, from, to, days: begins }: NonNullable<When['time']>, at: number): boolean {
  const offset = minutesOf(zone.slice(1)) * (zone.startsWith('-') ? -1 : 1);
  const minute = Math.floor(at / 60_000) + offset;
  const [first, last, now] = [minutesOf(from), minutesOf(to), ((minute % 1440) + 1440) % 1440];
  const overnight = last <= first;
  const within = overnight ? now >= first || now < last : now >= first && now < last;
  if (!within) return false;
  // After midnight it is still the night of the day before.
  const day = Math.floor(minute / 1440) - (overnight && now < last ? 1 : 0);
  return begins?.includes(days[((day % 7) + 7) % 7] ?? 'mon') ?? true;
}

function peopleOf({ groups }: Vocabulary, name: string): readonly string[] {
  return groups.find(({ id }) => id === name)?.people ?? [];
}

/** What is still missing, in one line; null where all is there. */
function lackOf(
  policy: Vocabulary,
  { approvals = [], waitedSeconds }: NonNullable<Denial['unless']>,
  { intent, approvals: given, requested, at }: Scene,
): string | null {
  for (const { group, quorum } of approvals) {
    const count = countApprovals(peopleOf(policy, group), intent, given);
    if (count < quorum) return `${count} of the ${quorum} approvals of ${group} that would lift it`;
  }
  if (waitedSeconds === undefined) return null;
  if (requested === null) return `nobody asked for it, so it cannot have waited ${waitedSeconds} s`;
  const waited = Math.floor(at / 1000) - requested;
  return waited >= waitedSeconds ? null : `it has waited ${waited} of ${waitedSeconds} s`;
}
