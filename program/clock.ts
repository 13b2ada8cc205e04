/** The time of a process: the system's, or on a devnet one that a drill drives through a file. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Misconfigured, reasonOf } from './config.ts';

export const ClockConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('driven'), file: z.string().min(1) }),
]);
export type ClockConfig = z.infer<typeof ClockConfig>;

const Driven = z.strictObject({ offsetMs: z.int() });

export interface Clock {
  /** Milliseconds of Unix time. */
  readonly now: () => number;
}

/** Throws Misconfigured where a clock other than the system's is asked for outside a devnet, or its file cannot be read. `path`: the configuration's. */
export function openClock(config: ClockConfig, network: string, path = 'the configuration'): Clock {
  try {
    return open(config, network);
  } catch (cause) {
    throw new Misconfigured(`${path}: ${reasonOf(cause)}`, { cause });
  }
}

function open(config: ClockConfig, network: string): Clock {
  if (config.kind === 'system') return { now: () => Date.now() };
  if (network !== 'devnet') {
    throw new Error(
      `clock: a driven clock is for a devnet only, and the network is ${network}: set clock.kind to 'system'`,
    );
  }
  const { file } = config;
  // Read at each use, so that one rename moves the time of every process at once.
  const now = () => Date.now() + Driven.parse(JSON.parse(readFileSync(file, 'utf8'))).offsetMs;
  now();
  return { now };
}
