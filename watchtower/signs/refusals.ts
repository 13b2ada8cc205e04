/** A signer refuses again and again: whoever has taken custody tries what it will sign. Honest custody asks for what the policy allows. */
import type { SignerStatus } from '@kuramori/core';
import { minuteMs } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export interface Refusals {
  /** What a signer says of itself. `at`: this machine's monotonic time, ms. */
  readonly heard: (signer: string, status: Pick<SignerStatus, 'session' | 'refused'>, at: number) => void;
  readonly found: (of: Signs['refusals'], at: number) => readonly Sighting[];
}

interface Known {
  readonly session: string;
  /** Moments, and how many it had refused since its start by then; only where the number changed. */
  counts: readonly { readonly at: number; readonly refused: number }[];
}

/** More than any window; of so many changes the oldest go. */
const mostChanges = 1_000;

export function openRefusals(): Refusals {
  const known = new Map<string, Known>();
  return {
    heard(signer, { session, refused }, at) {
      const before = known.get(signer);
      // What it refused before we looked, or before it was started again, was not seen to happen now.
      if (before?.session !== session) {
        known.set(signer, { session, counts: [{ at: -Infinity, refused }] });
        return;
      }
      if (before.counts.at(-1)?.refused === refused) return;
      before.counts = [...before.counts, { at, refused }].slice(-mostChanges);
    },
    found(of, at) {
      const from = at - of.minutes * minuteMs;
      return [...known].flatMap(([signer, { counts }]) => {
        const last = counts.at(-1)?.refused ?? 0;
        const then = counts.findLast((one) => one.at <= from) ?? counts[0];
        const refused = last - (then?.refused ?? last);
        if (refused < of.atLeast) return [];
        return [{ key: signer, once: '', fields: { signer, refused, minutes: of.minutes } }];
      });
    },
  };
}
