/** Chain time that is driven: it jumps only while every process is idle, and else runs as the wall clock does. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { publish } from '../house/publish.ts';

export interface DrivenClock {
  readonly file: string;
  readonly now: () => number;
  /** Jumps ahead to a Unix time in ms. Whoever calls has seen that everybody is idle. */
  readonly jumpTo: (at: number) => void;
}

export function driveClock(file: string, begin: number): DrivenClock {
  const write = (offsetMs: number) => publish(file, JSON.stringify({ offsetMs }));
  write(begin - Date.now());
  const offset = () =>
    z.strictObject({ offsetMs: z.int() }).parse(JSON.parse(readFileSync(file, 'utf8'))).offsetMs;
  const now = () => Date.now() + offset();
  return {
    file,
    now,
    jumpTo(at) {
      if (at < now()) throw new RangeError('chain time does not run backwards');
      write(at - Date.now());
    },
  };
}
