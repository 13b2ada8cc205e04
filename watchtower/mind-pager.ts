/**
 * Minds the pager: one that is silent, or whose pages reach nobody, is noted in the incident, and so told to every webhook,
 * of which one should be somebody else's than the pager's.
 */
import { pagerRoutes, type PagerStatus } from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import type { Incident } from './incident.ts';

export interface PagerToMind {
  readonly at: Where;
  readonly silenceMs: number;
}

export interface Minding {
  /** Asks it, where it was not asked just now. */
  readonly round: () => Promise<void>;
}

type Wrong = 'the pager is silent' | 'the pager reaches nobody';

/** Not longer than others wait for us; an answer that takes this long is none. Milliseconds. */
const answerWithinMs = 3_000;
/** How often it is asked at most. */
const everyMs = 2_000;

/** By this machine's monotonic clock, which nobody sets. */
/** `heard`: what it says of itself. */
export function mindPager(
  { at, silenceMs }: PagerToMind,
  incident: Incident,
  heard: (status: PagerStatus) => void,
): Minding {
  const paceMs = Math.min(everyMs, silenceMs / 4);
  let askedAt = -Infinity;
  let goodAt = performance.now();
  let wellSince: number | null = null;
  /** What was told and is not over: the event, and its words. */
  let told: { readonly event: Wrong; readonly why: string } | null = null;

  function tell(event: Wrong, why: string): void {
    wellSince = null;
    // The same again is nothing new.
    if (told?.event === event && (event === 'the pager is silent' || told.why === why)) return;
    told = { event, why };
    incident.note(event, { why });
  }

  return {
    async round() {
      if (performance.now() - askedAt < paceMs) return;
      askedAt = performance.now();
      const status = await call(at, pagerRoutes.status, {}, { timeoutMs: answerWithinMs, maxBytes: 65_536 });
      if (status.kind === 'status') heard(status);
      const now = performance.now();
      const idle = status.kind === 'status' ? status.at - status.looked : 0;
      if (status.kind !== 'status' || idle > silenceMs) {
        const why = status.kind === 'status' ? `it answers, and did nothing for ${idle} ms` : status.detail;
        wellSince = null;
        if (now - goodAt > silenceMs) tell('the pager is silent', why);
        return;
      }
      goodAt = now;
      if (status.nobody !== null) return tell('the pager reaches nobody', status.nobody);
      if (told === null) return;
      wellSince ??= now;
      // One that comes and goes must not wear out who reads about it.
      if (now - wellSince < silenceMs) return;
      incident.note('the pager is in order again', { about: told.event });
      told = null;
    },
  };
}
