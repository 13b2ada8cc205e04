/** Findings: what is wrong now, by who found it; each is told once, and once more when it is over. */
import type { IncidentEvent } from '@kuramori/core';
import type { Finding } from './hold-against.ts';
import type { Incident } from './incident.ts';

export interface Findings {
  /** All that one look has found: what it found before and not now is over. */
  readonly set: (look: string, found: readonly Finding[]) => void;
  readonly all: () => readonly Finding[];
  readonly tell: () => void;
}

/** Whoever makes differences come and go must not fill the disk, or wear out who is paged. Milliseconds. */
const pauseMs = 60_000;

/** `over`: what the incident says once something is over. */
export function openFindings(incident: Incident, over: IncidentEvent): Findings {
  const looks = new Map<string, readonly Finding[]>();
  const told = new Map<string, { readonly event: IncidentEvent; once: string; at: number; over: boolean }>();
  const all = () => [...looks.values()].flat();
  return {
    set: (look, found) => void looks.set(look, found),
    all,
    tell() {
      const now = performance.now();
      const found = all();
      for (const { key, once, event, fields } of found) {
        const last = told.get(key);
        if (last && !last.over && last.once === once) continue;
        if (last && now - last.at < pauseMs) continue;
        told.set(key, { event, once, at: now, over: false });
        incident.note(event, fields);
      }
      for (const [key, last] of told) {
        if (last.over || found.some((one) => one.key === key)) continue;
        last.over = true;
        incident.note(over, { about: last.event });
      }
    },
  };
}
