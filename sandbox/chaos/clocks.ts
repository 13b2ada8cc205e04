/** Clocks that go apart: one right time for the whole house, and for each process what its own clock is wrong by. */
import { join } from 'node:path';
import { publish } from '../house/publish.ts';

export interface Clocks {
  /** The file that a process reads its time from. */
  readonly fileOf: (reader: string) => string;
  /** The right time, in milliseconds of Unix time. */
  readonly now: () => number;
  /** So many milliseconds pass for everybody at once; where negative, all clocks are set back. */
  readonly pass: (ms: number) => void;
  /** From now on this process's clock is so many milliseconds ahead; negative: behind; 0: right. */
  readonly setApart: (reader: string, ms: number) => void;
}

/** Starts all clocks at the system's time. A file is made as soon as somebody is to read it. */
export function openClocks(folder: string): Clocks {
  const apart = new Map<string, number>();
  let passed = 0;
  const fileOf = (reader: string) => join(folder, `${reader}.json`);
  const write = (reader: string) =>
    publish(fileOf(reader), JSON.stringify({ offsetMs: passed + (apart.get(reader) ?? 0) }));
  const setApart = (reader: string, ms: number) => {
    apart.set(reader, ms);
    write(reader);
  };
  return {
    fileOf: (reader) => {
      if (!apart.has(reader)) setApart(reader, 0);
      return fileOf(reader);
    },
    now: () => Date.now() + passed,
    pass: (ms) => {
      passed += ms;
      for (const reader of apart.keys()) write(reader);
    },
    setApart,
  };
}
