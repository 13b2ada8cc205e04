/** Condition: whether the conditions of a denial hold for a payment, by the intent alone, by the time, and by what was paid before. */
import type { Asset } from './amount.ts';
import type { Scene, Vocabulary, When } from './denial.ts';
import { costOf, type Intent } from './intent.ts';
import { isLookalike, isLookalikeOf } from './lookalike.ts';
import { lineOf } from './succession.ts';
import { countAfter, isKnown, leftAfter, plannedNow, sentTo } from './outflow.ts';

/** Conditions that time and other payments change. */
export function changes(when: When): boolean {
  return when.time !== undefined || dependsOnOthers(when);
}

export function dependsOnOthers({ destination, share, rolling, distinctAssets }: When): boolean {
  const conditions = [share, rolling, distinctAssets, destination?.newerThanHours, destination?.lookalike];
  return conditions.some((condition) => condition !== undefined);
}

/** The conditions that the intent alone decides. */
export function holdsAlways(policy: Vocabulary, when: When, intent: Intent): boolean {
  const { wallet, asset, reason, amount, destination } = intent;
  const isIn = (lists: readonly string[]) =>
    policy.lists.some(({ id, addresses }) => lists.includes(id) && addresses.includes(destination.address));
  const checks: readonly boolean[] = [
    when.wallets?.some((one) => lineOf(policy, wallet).includes(one)) ?? true,
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
export function holdsNow(
  policy: Vocabulary,
  { destination, share, rolling, distinctAssets, time }: When,
  scene: Scene,
) {
  const { intent, balance, together, at } = scene;
  const out = costOf(intent);
  if (destination?.newerThanHours !== undefined) {
    const moment = at - destination.newerThanHours * 3_600_000;
    const anew = plannedNow(intent, together);
    const known = [...scene.outflows.values()].some((one) =>
      isKnown(one, intent.destination.address, moment, anew),
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
  const anew = plannedNow(intent, together);
  // Wallets that had one place are one.
  const line = lineOf(policy, intent.wallet);
  const counts = (wallet: string, asset: Asset) =>
    per === 'all' || (asset === intent.asset && (per !== 'wallet' || line.includes(wallet)));
  const beside = together.filter(
    ({ wallet, asset, destination }) =>
      counts(wallet, asset) && (per !== 'destination' || destination === intent.destination.address),
  );
  const units = new Map<Asset, bigint>([[intent.asset, costOf(intent)]]);
  const add = (asset: Asset, more: bigint) => units.set(asset, (units.get(asset) ?? 0n) + more);
  let count = 1 + beside.length;
  for (const one of beside) add(one.asset, one.units);
  for (const outflow of outflows.values()) {
    const [first] = outflow.payments;
    if (!first || !counts(first.wallet, first.asset)) continue;
    if (per === 'destination') {
      const sent = sentTo(outflow, intent.destination.address, anew).filter((one) => one.at > moment);
      count += sent.length;
      for (const one of sent) add(one.asset, one.units);
    } else {
      count += countAfter(outflow, moment, anew);
      add(first.asset, leftAfter(outflow, moment, anew));
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
export function isWithin({ zone, from, to, days: begins }: NonNullable<When['time']>, at: number): boolean {
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
