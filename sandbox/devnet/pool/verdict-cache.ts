import { neutral, success, type Verdict } from '../rules/verdict.ts';

const cacheSeconds = 600;
const pruneSeconds = 60;

/**
 * PushService.HashCache: what was answered about a hash, refusals too, is answered again without looking for
 * 600 s after the first time; success becomes NEUTRAL. The key is the hash without the signature, so whoever
 * sends the data with a broken signature first has the genuine one refused as well.
 */
export interface VerdictCache {
  readonly get: (hash: string) => Verdict | undefined;
  readonly set: (hash: string, verdict: Verdict) => void;
}

export function openVerdictCache(now: () => number): VerdictCache {
  const known = new Map<string, { readonly since: number; readonly verdict: Verdict }>();
  let lastPruning = now();
  const prune = () => {
    const time = now();
    // At most once a minute, so that an answer can live up to 660 s.
    if (time - lastPruning <= pruneSeconds) return;
    for (const [hash, { since }] of known) if (since + cacheSeconds <= time) known.delete(hash);
    lastPruning = time;
  };
  return {
    get: (hash) => {
      prune();
      return known.get(hash)?.verdict;
    },
    set: (hash, verdict) => {
      const since = known.get(hash)?.since ?? now();
      known.set(hash, { since, verdict: verdict === success ? neutral : verdict });
    },
  };
}
