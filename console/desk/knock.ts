/** Knock: how often somebody at one address may try a code or a passkey. */

/** So many addresses are remembered; a flood from more of them is the terminator's to keep out. */
const most = 10_000;

export interface Knocks {
  /** Takes one knock. 0 where it may be answered; else the seconds until it may. */
  readonly take: (address: string) => number;
}

/** `now`: ms of a clock that only runs. */
export function openKnocks(
  { perMinute, burst }: { readonly perMinute: number; readonly burst: number },
  now: () => number,
): Knocks {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(address) {
      const at = now();
      const last = buckets.get(address) ?? { tokens: burst, at };
      const tokens = Math.min(burst, last.tokens + ((at - last.at) * perMinute) / 60_000);
      const allowed = tokens >= 1;
      buckets.delete(address);
      const [oldest] = buckets.keys();
      if (buckets.size >= most && oldest !== undefined) buckets.delete(oldest);
      buckets.set(address, { tokens: allowed ? tokens - 1 : tokens, at });
      return allowed ? 0 : Math.max(1, Math.ceil(((1 - tokens) * 60) / perMinute));
    },
  };
}
