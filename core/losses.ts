/**
 * Losses: what becomes of a wallet's coins when people, places and things are lost or in a thief's hands, one and two at once. Who is
 * a thief, or is forced by one, gives what they get at alone; what is stolen is lost as well.
 */
import { isMet, needsOf, thingsIn, type Need, type Safekeeping, type Thing } from './safekeeping.ts';

export interface Mishap {
  /** A person, a place or a thing, or two of them. */
  readonly who: readonly string[];
  /** Keys that are left when they are gone. */
  readonly left: number;
  /** Keys that a thief has who has them. */
  readonly taken: number;
}

export interface Losses {
  readonly wallet: string;
  readonly threshold: number;
  readonly keys: number;
  /** Each person, place and thing. */
  readonly one: readonly Mishap[];
  /** Pairs of people and places, where one of both alone breaks nothing and both together do. Things are in their places. */
  readonly two: readonly Mishap[];
  readonly pairs: number;
  /** Why it must not be used, a sentence each; none where no one loss and no one thief breaks it. */
  readonly why: readonly string[];
}

/** Either loses the coins, or gives them away. */
function breaks({ left, taken }: Mishap, threshold: number): boolean {
  return left < threshold || taken >= threshold;
}

export function lossesOf(kept: Safekeeping): Losses {
  const { wallet, threshold, keys } = kept;
  const needs = needsOf(kept);
  const things = thingsIn(needs);
  const people = [...new Set(things.flatMap(({ thing }) => thing.people))].toSorted();
  const places = [...new Set(things.map(({ thing }) => thing.place))].toSorted();
  const mishap = (...who: readonly string[]) => mishapOf(needs.of, who);
  const whole = [...people, ...places].map((name) => mishap(name));
  const one = [
    ...whole,
    ...things.map(({ thing, called }) => ({ ...mishapOf(needs.of, [], thing), who: [called] })),
  ];
  const sound = whole.filter((each) => !breaks(each, threshold)).flatMap(({ who }) => who);
  const pairs = sound.flatMap((first, at) => sound.slice(at + 1).map((second) => mishap(first, second)));
  return {
    wallet,
    threshold,
    keys: keys.length,
    one,
    two: pairs.filter((pair) => breaks(pair, threshold)),
    pairs: pairs.length,
    why: one.filter((each) => breaks(each, threshold)).map((each) => whyOf(each, threshold)),
  };
}

function mishapOf(keys: readonly Need[], who: readonly string[], item?: Thing): Mishap {
  const hit = new Set(who);
  const count = (has: (thing: Thing) => boolean) => keys.filter((key) => isMet(key, has)).length;
  const within = ({ people }: Thing) => people.filter((person) => hit.has(person)).length;
  return {
    who,
    left: count(
      (thing) =>
        thing !== item && !hit.has(thing.place) && thing.people.length - within(thing) >= (thing.takes ?? 1),
    ),
    taken: count((thing) => thing === item || hit.has(thing.place) || within(thing) >= (thing.takes ?? 1)),
  };
}

function whyOf({ who, left, taken }: Mishap, threshold: number): string {
  const [name = ''] = who;
  return taken >= threshold
    ? `${name}: a thief there, or who has it, has ${taken} key${taken === 1 ? '' : 's'}, and ${threshold} move the coins`
    : `${name}: were it lost, ${left} key${left === 1 ? '' : 's'} would be left, and it takes ${threshold}: the coins would be lost`;
}

/** The table for people, a line each. */
export function tellLosses({ wallet, threshold, keys, one, two, pairs, why }: Losses): readonly string[] {
  const wide = Math.max(...one.map(({ who }) => (who[0] ?? '').length), 16);
  const rows = one.map(
    ({ who, left, taken }) =>
      `${(who[0] ?? '').padEnd(wide)}  ${`${left} of ${keys}`.padStart(9)}  ${`${taken} of ${keys}`.padStart(12)}`,
  );
  const both = (of: readonly Mishap[]) => of.map(({ who }) => who.join(' + ')).join(', ');
  const [lost, given] = [
    two.filter(({ left }) => left < threshold),
    two.filter(({ taken }) => taken >= threshold),
  ];
  return [
    `${wallet}: ${threshold} of ${keys} keys move the coins`,
    '',
    `${'lost, or stolen'.padEnd(wide)}  ${'keys left'.padStart(9)}  ${'a thief’s'.padStart(12)}`,
    ...rows,
    '',
    ...(why.length > 0 ? why.map((line) => `REFUSED  ${line}`) : ['no one loss and no one thief breaks it']),
    `two at once (${pairs} pairs of people and places):`,
    `  the coins are lost with ${lost.length === 0 ? 'none' : both(lost)}`,
    `  the coins are a thief’s with ${given.length === 0 ? 'none' : both(given)}`,
  ];
}
