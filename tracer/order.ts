/** Order: movements as they happened. Where a history does not tell what came first, what arrives comes before what leaves. */
import type { Movement } from './movement.ts';

const place = (account: string, asset: string) => `${account} ${asset}`;
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** By the data alone, so that no shuffling of a file's lines shows. */
const canonical = (a: Movement, b: Movement): number =>
  Number(a.kind === 'fee') - Number(b.kind === 'fee') ||
  compare(a.from, b.from) ||
  compare(a.to, b.to) ||
  compare(a.asset, b.asset) ||
  (a.units < b.units ? -1 : a.units > b.units ? 1 : 0);

/**
 * Each as soon as nothing that is still to come brings what it spends; where all wait for each other, one that may break
 * the ring.
 * Quadratic in one block at worst, and blocks are small.
 */
function causal<T>(
  items: readonly T[],
  sends: (item: T) => readonly string[],
  receives: (item: T) => readonly string[],
  breaks: (item: T) => boolean,
): readonly T[] {
  if (items.length < 2) return items;
  const coming = new Map<string, number>();
  const count = (item: T, by: number) => {
    for (const key of receives(item)) coming.set(key, (coming.get(key) ?? 0) + by);
  };
  for (const item of items) count(item, 1);
  const left = new Set(items);
  const sorted: T[] = [];
  const ready = (item: T): boolean => {
    count(item, -1);
    const free = sends(item).every((key) => (coming.get(key) ?? 0) === 0);
    count(item, 1);
    return free;
  };
  while (left.size > 0) {
    const [first] = left;
    const next = left.values().find(ready) ?? left.values().find(breaks) ?? first;
    if (next === undefined) break;
    left.delete(next);
    count(next, -1);
    sorted.push(next);
  }
  return sorted;
}

/** Of one transaction: fees last. Who gives and gets in an exchange, `inTurn` says when it is applied. */
function within(movements: readonly Movement[], ends: ReadonlySet<string>): readonly Movement[] {
  const sorted = movements.toSorted(canonical);
  return [
    ...causal(
      sorted.filter(({ kind }) => kind === 'transfer'),
      ({ from, asset }) => [place(from, asset)],
      ({ to, asset }) => [place(to, asset)],
      // A service pays after it was paid.
      ({ from }) => !ends.has(from),
    ),
    ...sorted.filter(({ kind }) => kind === 'fee'),
  ];
}

function grouped<T, K>(items: readonly T[], by: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(by(item));
    if (group) group.push(item);
    else groups.set(by(item), [item]);
  }
  return groups;
}

/** Of one block: by index where every transaction has one. */
function transactions(block: readonly Movement[]): readonly (readonly Movement[])[] {
  const all = [...grouped(block, ({ tx }) => tx)]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, group]) => group);
  const index = (group: readonly Movement[]) => group[0]?.index ?? null;
  if (all.every((group) => index(group) !== null))
    return all.toSorted((a, b) => (index(a) ?? 0) - (index(b) ?? 0));
  return causal(
    all,
    (group) => [...new Set(group.map(({ from, asset }) => place(from, asset)))],
    (group) => [...new Set(group.map(({ to, asset }) => place(to, asset)))],
    () => true,
  );
}

/** `ends` are the accounts at which a trail ends. */
export function ordered(movements: readonly Movement[], ends: ReadonlySet<string>): readonly Movement[] {
  return [...grouped(movements, ({ block }) => block)]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, block]) => transactions(block))
    .flatMap((group) => within(group, ends));
}
