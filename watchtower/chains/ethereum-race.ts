/**
 * The race for a Safe's numbers, against a thief who has the same keys and pays more for gas. Of each number one execution passes,
 * and one that fails leaves its number free, so that nothing behind it passes in that block. So what ours move is chosen in such a
 * way that it passes whoever was quicker before it. Where he asks for a number, ours asks for the very same, for home: then the Safe
 * has the same left whoever wins, and the most valuable stands behind, with a number that he does not ask for.
 */
import { ETH, type Asset } from '@kuramori/core';
import type { Worth } from '../eye.ts';

/** What an execution takes from the Safe. */
export interface Move {
  readonly asset: Asset;
  readonly units: bigint;
}

export interface Ours extends Move {
  readonly number: bigint;
}

/** Of an asset what is there, without what is owed to others. */
export type Held = Worth & { readonly units: bigint };

export interface Race {
  /** The number that is to be filled, and the first that nobody is owed. */
  readonly number: bigint;
  readonly first: bigint;
  /** Number → what a thief has waiting with it; null: nothing that leaves the Safe. */
  readonly rivals: ReadonlyMap<bigint, Move | null>;
  readonly ours: readonly Ours[];
  /** At how many numbers somebody was quicker in the newest block. */
  readonly lost: number;
}

/** Numbers that he may take again before anybody sees it: the least valuable stands there, no more than so many. */
const mostLost = 4;
/** So many of an asset stand beside each other: each but one costs gas, and he may ask for any number he likes. */
const mostAgain = 4;
/** Of the coin a part is left to the next block while somebody takes it for gas: else what is signed would be too much. */
const leftPart = 32n;

/** The next of ours, most valuable first; undefined where nothing is left that could pass. */
export function choose(held: readonly Held[], race: Race): Move | undefined {
  const { number, first, rivals, lost, ours } = race;
  const sure = left(held, race, 'either');
  const again = left(held, race, 'his').filter(
    ({ asset }) => ours.filter((one) => one.asset === asset).length < mostAgain,
  );
  const least = sure.toSorted(byWorth).at(-1) ?? again[0];
  const rival = rivals.get(number);
  if (rival !== undefined && !isLittle(held, rivals)) return sure.toSorted(byWorth)[0];
  if (rival !== undefined) {
    const same = sure.find(({ asset }) => asset === rival?.asset);
    return rival && same ? { asset: same.asset, units: lesser(rival.units, same.units) } : unitOf(least);
  }
  // He may be the quicker one again, and nobody see it: the least valuable stands first; of the last ones a single unit.
  if (number < first + BigInt(lesser(lost, mostLost))) return sure.length > lost ? least : unitOf(least);
  // All is under way. Where he came later than ours and asks for its number, the same stands once more behind him.
  return unasked(sure, held, race).toSorted(byWorth)[0] ?? unasked(again, held, race).toSorted(byWorth)[0];
}

/**
 * What will be left of each asset before a number is used: for certain, whoever is quicker at each before it; or where he is, as
 * the rule is.
 */
function left(
  held: readonly Held[],
  { number, rivals, ours }: Race,
  quicker: 'either' | 'his',
): readonly Held[] {
  return held.flatMap((one) => {
    const taken = new Map<bigint, bigint>();
    for (const { asset, units, number: at } of ours) if (asset === one.asset) taken.set(at, units);
    for (const [at, move] of rivals) {
      if (at >= number) continue;
      const his = move?.asset === one.asset ? move.units : 0n;
      taken.set(at, quicker === 'his' ? his : greater(his, taken.get(at) ?? 0n));
    }
    const units = [...taken.values()].reduce((sum, each) => sum - each, one.units);
    return units > 0n ? [{ ...one, units }] : [];
  });
}

/** Whether more is left than he asks for. Where it is not, each number is raced by the most valuable. */
function isLittle(held: readonly Held[], rivals: ReadonlyMap<bigint, Move | null>): boolean {
  let [his, rest] = [0n, 0n];
  for (const one of held) {
    const asked = [...rivals.values()].reduce(
      (sum, move) => (move?.asset === one.asset ? sum + move.units : sum),
      0n,
    );
    const gone = lesser(asked, one.units);
    his += yenOf({ ...one, units: gone });
    rest += yenOf({ ...one, units: one.units - gone });
  }
  return rest >= his;
}

/** Without the part of the coin that he may take for gas before anybody sees it: that goes last. */
function unasked(
  some: readonly Held[],
  held: readonly Held[],
  { rivals, lost, ours }: Race,
): readonly Held[] {
  if (rivals.size === 0 && lost === 0) return some;
  const coins = held.find(({ asset }) => asset === ETH)?.units ?? 0n;
  const part = coins / leftPart;
  const rest = some.flatMap((one) => {
    if (one.asset !== ETH) return one;
    return one.units > part ? { ...one, units: one.units - part } : [];
  });
  return rest.length === 0 && ours.length === 0 ? some : rest;
}

const unitOf = (one: Held | undefined): Move | undefined => one && { asset: one.asset, units: 1n };

/** By what the keepers say it counts for; what they did not value goes last, as the policy has it. */
export function byWorth(one: Held, other: Held): number {
  // Both as fractions of one denominator: nothing is rounded.
  const [a, b] = [worthOf(one) * (other.value?.per ?? 1n), worthOf(other) * (one.value?.per ?? 1n)];
  return a === b ? 0 : a > b ? -1 : 1;
}

const worthOf = ({ value, units }: Held): bigint => (value ? value.yen * units : -1n);

const yenOf = ({ value, units }: Held): bigint => (value ? (value.yen * units) / value.per : 0n);

const lesser = <T extends bigint | number>(one: T, other: T): T => (one < other ? one : other);
const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other);
