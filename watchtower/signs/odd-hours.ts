/** Two signs of whoever uses a key that is not theirs: at an hour at which its owner does not work, and after months in which nobody did. */
import { localTime, nightOf } from '@kuramori/program';
import type { KeyUse } from './key-uses.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** What is older is no news, in milliseconds: a watchtower that was down for longer has others beside it. */
export const newsMs = 7 * 86_400_000;

const dayMs = 86_400_000;

/** One for each key and night: `once` names it, for ever. */
export function oddHours(
  uses: readonly KeyUse[],
  hours: Signs['oddHours'],
  now: number,
): readonly Sighting[] {
  const told = new Set<string>();
  return uses.flatMap((use) => {
    if (use.at < now - newsMs) return [];
    const night = nightOf(hours, use.at);
    const once = `${use.key} ${night}`;
    if (night === null || told.has(once) || !use.verified()) return [];
    told.add(once);
    return [{ key: use.key, once, fields: { ...fieldsOf(use), hour: localTime(hours.zone, use.at), night } }];
  });
}

export interface Dormant {
  /** Of uses as they come; each is looked at once. */
  readonly found: (uses: readonly KeyUse[], at: Signs['dormantKey'], now: number) => readonly Sighting[];
}

/** So many uses of a key are kept that nobody has verified yet: custody could have somebody's name written under forgeries. */
const mostUnverified = 16;

/** `pinnedAt`: from when on a key could be used, as far as the journals go back; in milliseconds of Unix time. */
export function openDormant(pinnedAt: (key: string) => number | null): Dormant {
  const before = new Map<string, readonly KeyUse[]>();
  return {
    found: (uses, { days }, now) =>
      uses.flatMap((use) => {
        if (use.of === 'keepers') return [];
        const earlier = before.get(use.key) ?? [];
        before.set(use.key, [...earlier, use].slice(-mostUnverified));
        if (use.at < now - newsMs || !use.verified()) return [];
        const last = earlier.findLast((one) => one.verified());
        before.set(use.key, [use]);
        const since = last?.at ?? pinnedAt(use.key);
        if (since === null || use.at - since < days * dayMs) return [];
        const slept = Math.floor((use.at - since) / dayMs);
        const once = `${use.key} ${use.at}`;
        return [
          { key: use.key, once, fields: { ...fieldsOf(use), days: slept, everUsed: last !== undefined } },
        ];
      }),
  };
}

function fieldsOf({ key, of, did, at }: KeyUse) {
  return { key, of, did, usedAt: at };
}
