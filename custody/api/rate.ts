/** Rate: how often a key may ask. One token bucket a key of the policy, so that no flood takes more memory. */
import { z } from 'zod';

const Bucket = z.strictObject({
  /** Requests a second that go on for ever. */
  perSecond: z.number().positive().max(1_000_000),
  /** Requests that may come at once. */
  burst: z.int().positive().max(1_000_000),
});

export const RateConfig = Bucket.extend({
  /** Key id → its own bucket, where it is another than everybody's. */
  keys: z.record(z.string(), Bucket).default({}),
});
export type RateConfig = z.infer<typeof RateConfig>;

export interface Rates {
  /** Takes one request of a key. 0 where it may be answered; else the seconds until it may. */
  readonly take: (keyId: string) => number;
}

/** Call it only with keys whose signature is verified: else a stranger would empty the exchange's bucket. `now`: ms, never going back. */
export function openRates(config: RateConfig, now: () => number): Rates {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(keyId) {
      const { perSecond, burst } = config.keys[keyId] ?? config;
      const at = now();
      const last = buckets.get(keyId) ?? { tokens: burst, at };
      const tokens = Math.min(burst, last.tokens + (Math.max(0, at - last.at) * perSecond) / 1000);
      const allowed = tokens >= 1;
      buckets.set(keyId, { tokens: allowed ? tokens - 1 : tokens, at });
      return allowed ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
    },
  };
}
