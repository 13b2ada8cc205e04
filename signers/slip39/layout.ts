/** Layout: how many groups, and shares in each; and which losses and thefts it survives. */
import { mostShares } from './secret.ts';

export interface Layout {
  /** So many of the groups give the secret. */
  readonly groupThreshold: number;
  readonly groups: readonly { readonly threshold: number; readonly count: number }[];
}

/** What is wrong with a layout; null where it is sound: no one share is enough, and no one share is missed. */
export function flawOfLayout({ groupThreshold, groups }: Layout): string | null {
  if (groups.length === 0 || groups.length > mostShares) return `takes 1 to ${mostShares} groups`;
  if (groupThreshold < 1 || groupThreshold > groups.length)
    return `${groupThreshold} groups are to be enough, and there are ${groups.length}`;
  const odd = groups.find(({ threshold, count }) => threshold < 1 || threshold > count || count > mostShares);
  if (odd)
    return `${odd.threshold}of${odd.count}: a group has 1 to ${mostShares} shares, and needs no more than it has`;
  const copies = groups.find(({ threshold, count }) => threshold === 1 && count > 1);
  if (copies)
    return `1of${copies.count}: would be ${copies.count} copies of one share (SLIP-0039 forbids it)`;
  if (leastForThief({ groupThreshold, groups }) < 2)
    return 'one share alone would be enough: whoever finds it has the key';
  const fragile = groups.some(({ threshold, count }) => threshold === count);
  if (fragile && groups.length === groupThreshold)
    return 'one lost share would lose the key: a group, or the groups, must have one more than it takes';
  return null;
}

/** The fewest shares with which somebody has the secret. */
export function leastForThief({ groupThreshold, groups }: Layout): number {
  return groups
    .map(({ threshold }) => threshold)
    .sort((a, b) => a - b)
    .slice(0, groupThreshold)
    .reduce((sum, threshold) => sum + threshold, 0);
}
